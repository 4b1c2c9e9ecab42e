// what: Rust: static names, trait objects, function pointers, closures, generic statics, linked sections
// build: |
// build s: -C opt-level=s |
// build z: -C opt-level=z |
// build o0: -C opt-level=0 -C overflow-checks=on |
// build o3: -C opt-level=3 -C target-feature=+simd128 |
// build lto: -C lto=fat |
// build thin: -C lto=thin |
// build units: -C codegen-units=8 |
// build debug: -C debuginfo=2 |
// build debug-lto: -C debuginfo=2 -C lto=fat -C opt-level=s |
// build strip: -C strip=symbols |
// build pic: -C relocation-model=pic |
// build mvp: -C target-cpu=mvp |
// build tail: -C target-feature=+tail-call,+extended-const,+relaxed-simd |
// build export-all: | --export-all
// build data-first: | --no-stack-first
// build import: | --import-memory --import-table --growable-table
// build merge-not: | --no-merge-data-segments
// run: name 0 = -1079803552
// run: name 2 = 388060694
// run: shape 0 = -766676054
// run: shape 1 = 1443711481
// run: shape 2 = -975309774
// run: operate 0 7 = 14
// run: operate 1 7 = 49
// run: operate 2 7 = 12
// run: closures 3 = -1429233906
// run: bump 5 = 14
// run: bump 6 = 27
// run: generic 1 = 1091927770
// run: bits = 7
// run: exported = 1234
// run: texts 9 = 407912449
// run: nested = -1741267490
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

fn hash(state: u32, text: &str) -> u32 {
    text.bytes().fold(state, |state, byte| (state ^ byte as u32).wrapping_mul(0x01000193))
}

static NAMES: [&str; 4] = ["north", "east", "south", "west"];
static GROUPS: &[&[&str]] = &[&["a", "bc"], &[], &["def", "ghij"]];
trait Shape: Sync {
    fn area(&self) -> u32;
    fn name(&self) -> &'static str {
        "shape"
    }
}
struct Square(u32);
struct Circle {
    radius: u32,
    name: &'static str,
}
struct Unit;
impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}
impl Shape for Circle {
    fn area(&self) -> u32 {
        self.radius * 3
    }
    fn name(&self) -> &'static str {
        self.name
    }
}
impl Shape for Unit {
    fn area(&self) -> u32 {
        1
    }
}
static SHAPES: [&dyn Shape; 3] = [&Square(5), &Circle { radius: 7, name: "circle" }, &Unit];
static OPERATIONS: [(&str, fn(u32) -> u32); 3] = [("double", double), ("square", square), ("five", |x| x + 5)];
fn double(x: u32) -> u32 {
    x * 2
}
fn square(x: u32) -> u32 {
    x * x
}
static COUNTER: AtomicU32 = AtomicU32::new(3);
static WHERE: &AtomicU32 = &COUNTER;
static mut TABLE: [u32; 500] = [0; 500];
#[repr(align(256))]
struct Aligned([u32; 64]);
static ALIGNED: Aligned = Aligned([7; 64]);
#[unsafe(link_section = "items")]
#[used]
static ITEM: [u8; 4] = *b"item";
static VALUE: u32 = 234;
static MORE: u32 = 1000;
#[unsafe(no_mangle)]
pub static EXPORTED: [&u32; 2] = [&VALUE, &MORE];

struct Store<T>(T);
impl<T: Copy + Into<u64> + 'static> Store<T> {
    const NAMES: &'static [&'static str] = &["first", "second"];
    fn get(&self, at: usize) -> u32 {
        hash(self.0.into() as u32, black_box(Self::NAMES)[at])
    }
}
#[unsafe(no_mangle)]
pub fn name(at: u32) -> u32 {
    hash(1, black_box(&NAMES)[at as usize])
}
#[unsafe(no_mangle)]
pub fn shape(at: u32) -> u32 {
    let shape = black_box(&SHAPES)[at as usize];
    hash(shape.area(), shape.name())
}
#[unsafe(no_mangle)]
pub fn operate(at: u32, x: u32) -> u32 {
    black_box(&OPERATIONS)[at as usize].1(x)
}
#[unsafe(no_mangle)]
pub fn closures(n: u32) -> u32 {
    let mut all: Vec<Box<dyn Fn(u32) -> u32>> = vec![Box::new(double), Box::new(move |x| x + n)];
    all.push(Box::new(|x| hash(x, "closure")));
    all.iter().fold(n, |x, call| call(x))
}
#[unsafe(no_mangle)]
pub fn bump(by: u32) -> u32 {
    black_box(WHERE).fetch_add(by, Ordering::Relaxed);
    unsafe {
        let table = &raw mut TABLE;
        (*table)[by as usize] += by;
        (*table)[499] += 1;
        COUNTER.load(Ordering::Relaxed) + (*table).iter().sum::<u32>()
    }
}
#[unsafe(no_mangle)]
pub fn generic(at: u32) -> u32 {
    Store(3u8).get(at as usize) ^ Store(9u32).get(at as usize)
}
#[unsafe(no_mangle)]
pub fn bits() -> u32 {
    let place = black_box(&ALIGNED) as *const Aligned as usize;
    (place % 256) as u32 + ALIGNED.0[black_box(63)]
}
#[unsafe(no_mangle)]
pub fn exported() -> u32 {
    *black_box(&EXPORTED)[0] + *black_box(&EXPORTED)[1]
}
#[unsafe(no_mangle)]
pub fn texts(x: u32) -> u32 {
    let text = match black_box(x) {
        0..=3 => "small",
        4..=8 => "medium",
        9 => "nine",
        _ => "large",
    };
    hash(x, text)
}
#[unsafe(no_mangle)]
pub fn nested() -> u32 {
    black_box(GROUPS).iter().flat_map(|group| group.iter()).fold(1, |state, text| hash(state, text))
}
