//! Rust with std: everything that keeps addresses in data.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};

static NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "epsilon"];
static NESTED: [&[&str]; 3] = [&["one"], &["two", "three"], &[]];
static ZEROES: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];
static INSIDE: &u16 = &TABLE[5];
static TABLE: [u16; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

trait Shape: Sync {
    fn area(&self) -> u32;
    fn name(&self) -> &'static str {
        "shape"
    }
}
struct Square(u32);
struct Circle(u32);
struct Nothing;
impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
    fn name(&self) -> &'static str {
        "square"
    }
}
impl Shape for Circle {
    fn area(&self) -> u32 {
        3 * self.0 * self.0
    }
    fn name(&self) -> &'static str {
        "circle"
    }
}
impl Shape for Nothing {
    fn area(&self) -> u32 {
        0
    }
}
static SHAPES: [&dyn Shape; 4] = [&Square(3), &Circle(2), &Nothing, &Square(10)];

type Operation = fn(u32, u32) -> u32;
fn add(a: u32, b: u32) -> u32 {
    a + b
}
fn multiply(a: u32, b: u32) -> u32 {
    a.wrapping_mul(b)
}
fn name_length(a: u32, b: u32) -> u32 {
    NAMES[(a + b) as usize % NAMES.len()].len() as u32
}
static OPERATIONS: [Operation; 3] = [add, multiply, name_length];

thread_local! {
    static COUNTER: Cell<u32> = const { Cell::new(7) };
    static TEXT: RefCell<String> = RefCell::new(String::from("thread"));
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The length of a static name and its first byte.
#[unsafe(no_mangle)]
pub extern "C" fn name(index: u32) -> u32 {
    NAMES.get(index as usize).map_or(0, |name| name.len() as u32 * 256 + u32::from(name.as_bytes()[0]))
}

/// All static names, and names behind two pointers, joined.
#[unsafe(no_mangle)]
pub extern "C" fn names() -> u32 {
    let nested: Vec<String> = NESTED.iter().map(|list| list.join("+")).collect();
    checksum(format!("{}|{}", NAMES.join(","), nested.join("/")).as_bytes())
}

#[unsafe(no_mangle)]
pub extern "C" fn inside() -> u32 {
    u32::from(*INSIDE)
}

/// Counts words with a hash map of owned strings.
#[unsafe(no_mangle)]
pub extern "C" fn words(repeat: u32) -> u32 {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for round in 0..repeat {
        for name in NAMES {
            *counts.entry(format!("{name}{}", round % 3)).or_default() += 1;
        }
    }
    let sorted: BTreeMap<_, _> = counts.into_iter().collect();
    let mut text = String::new();
    for (word, count) in sorted {
        write!(text, "{word}={count};").unwrap();
    }
    checksum(text.as_bytes())
}

/// Virtual calls through a static table of trait objects, then through boxes.
#[unsafe(no_mangle)]
pub extern "C" fn shapes() -> u32 {
    let boxed: Vec<Box<dyn Shape>> = vec![Box::new(Circle(5)), Box::new(Nothing), Box::new(Square(7))];
    SHAPES
        .iter()
        .copied()
        .chain(boxed.iter().map(AsRef::as_ref))
        .fold(0, |sum, shape| sum * 3 + shape.area() + checksum(shape.name().as_bytes()) % 1000)
}

/// Calls through a static table of function pointers.
#[unsafe(no_mangle)]
pub extern "C" fn operate(which: u32, a: u32, b: u32) -> u32 {
    OPERATIONS.get(which as usize).map_or(0, |operation| operation(a, b))
}

/// A function pointer as a number: different modules may have different slots.
#[unsafe(no_mangle)]
pub extern "C" fn operation_slot(which: u32) -> usize {
    OPERATIONS[which as usize] as usize
}

/// Calls whatever is in a slot of the table.
///
/// # Safety
/// `slot` holds a function of two numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call_slot(slot: usize, a: u32, b: u32) -> u32 {
    (unsafe { std::mem::transmute::<usize, Operation>(slot) })(a, b)
}

/// The text of a panic location, as a panic message would show it.
#[unsafe(no_mangle)]
pub extern "C" fn location() -> u32 {
    let here: &'static Location<'static> = Location::caller();
    assert!(here.file().ends_with("src/lib.rs"));
    checksum(format!("{here}").as_bytes())
}

/// Error texts of the library, built by its formatting machinery.
#[unsafe(no_mangle)]
pub extern "C" fn errors() -> u32 {
    let number = "12x".parse::<u32>().unwrap_err();
    let float = "".parse::<f64>().unwrap_err();
    let text = std::str::from_utf8(std::hint::black_box(b"a\xff")).unwrap_err();
    checksum(format!("{number}; {float:?}; {text}; {:?}; {:>8.3}", NAMES, 2.0f64.sqrt()).as_bytes())
}

#[unsafe(no_mangle)]
pub extern "C" fn count_thread() -> u32 {
    TEXT.with_borrow_mut(|text| {
        text.push('!');
        COUNTER.set(COUNTER.get() + text.len() as u32);
    });
    COUNTER.get()
}

/// Writes into `.bss` and reads all of it.
#[unsafe(no_mangle)]
pub extern "C" fn zeroes(index: u32, value: u32) -> u32 {
    ZEROES[index as usize % ZEROES.len()].fetch_add(value, Ordering::Relaxed);
    ZEROES.iter().map(|cell| cell.load(Ordering::Relaxed)).fold(0, u32::wrapping_add)
}

/// Allocates far more than one page and sorts it.
#[unsafe(no_mangle)]
pub extern "C" fn sort(count: u32) -> u32 {
    let mut state = 12345u32;
    let mut values: Vec<u32> = (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        })
        .collect();
    values.sort_unstable();
    values.iter().enumerate().fold(0, |sum, (at, value)| sum ^ value.rotate_left(at as u32))
}

/// Panics: traps.
#[unsafe(no_mangle)]
pub extern "C" fn fail(index: u32) -> u32 {
    let list: Vec<u32> = vec![1, 2, 3];
    list[index as usize]
}
