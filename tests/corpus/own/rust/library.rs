// what: Rust's library: HashMap, BTreeMap, format!, panic messages with locations, thread_local!, sorting, errors
// build: |
// build s: -C opt-level=s |
// build lto: -C lto=fat -C opt-level=z |
// build debug: -C debuginfo=2 -C opt-level=1 |
// build line-tables: -C debuginfo=line-tables-only |
// build pic: -C relocation-model=pic |
// build strip: -C strip=debuginfo -C opt-level=3 |
// build export-all: | --export-all
// build no-gc: -C opt-level=s | --no-gc-sections
// run: mapped 100 = 6878
// run: ordered 50 = -1634079876
// run: formatted 42 = 1930670290
// run: thread 5 = 106883752
// run: thread 6 = -496257332
// run: sorted 1000 = -834712804
// run: errors 0 = -1367188755
// run: errors 1 = -1488654433
// run: errors 2 = 1838465155
// run: located = -908474315
// run: float 7 = 6.803517070658851
// run: boxed 3 = 9
// run: lazy 4 = 4
// run: environment = 1201692773
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::sync::{Mutex, OnceLock};

fn hash(state: u32, text: &str) -> u32 {
    text.bytes().fold(state, |state, byte| (state ^ byte as u32).wrapping_mul(0x01000193))
}
thread_local! {
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static LABEL: RefCell<String> = RefCell::new(String::from("label"));
}
static LOG: Mutex<String> = Mutex::new(String::new());
static ONCE: OnceLock<HashMap<&'static str, u32>> = OnceLock::new();

#[unsafe(no_mangle)]
pub fn mapped(n: u32) -> u32 {
    let mut map: HashMap<String, u32> = HashMap::new();
    for i in 0..n {
        *map.entry(format!("key{}", i % 17)).or_default() += i;
    }
    map.values().sum::<u32>() + map["key3"] * 7 + map.len() as u32
}
#[unsafe(no_mangle)]
pub fn ordered(n: u32) -> u32 {
    let map: BTreeMap<u32, String> = (0..n).map(|i| (i * 7919 % 1009, i.to_string())).collect();
    let queue: VecDeque<_> = map.range(100..).map(|(_, text)| text.as_str()).collect();
    queue.iter().fold(1, |state, text| hash(state, text))
}
#[unsafe(no_mangle)]
pub fn formatted(x: u32) -> u32 {
    let mut log = LOG.lock().unwrap();
    write!(log, "{x:>8} {:#x} {:?} {:.3} {:<6}|", x * 3, Some("text"), x as f64 / 7.0, "ab").unwrap();
    hash(1, &log)
}
#[unsafe(no_mangle)]
pub fn thread(x: u32) -> u32 {
    SEEN.with_borrow_mut(|seen| seen.push(x));
    LABEL.with_borrow_mut(|label| label.push('x'));
    SEEN.with_borrow(|seen| seen.iter().sum::<u32>()) + LABEL.with_borrow(|label| hash(1, label))
}
#[unsafe(no_mangle)]
pub fn sorted(n: u32) -> u32 {
    let mut all: Vec<u32> = (0..n).map(|i| i.wrapping_mul(2654435761) >> 7).collect();
    all.sort_by(|a, b| b.cmp(a));
    all.sort_unstable();
    all.iter().fold(1, |state, x| state.wrapping_mul(31).wrapping_add(*x))
}
#[unsafe(no_mangle)]
pub fn errors(at: u32) -> u32 {
    let error: Box<dyn std::error::Error> = match at {
        0 => "x1".parse::<u32>().unwrap_err().into(),
        1 => String::from_utf8(vec![0xff]).unwrap_err().into(),
        _ => "plain".into(),
    };
    hash(1, &format!("{error} {error:?}"))
}
#[track_caller]
fn place() -> &'static std::panic::Location<'static> {
    std::panic::Location::caller()
}
#[unsafe(no_mangle)]
pub fn located() -> u32 {
    let place = std::hint::black_box(place());
    hash(place.line() + place.column(), place.file())
}
#[unsafe(no_mangle)]
pub fn float(x: f64) -> f64 {
    let text = format!("{:e}", x.sqrt().powf(1.5));
    text.parse::<f64>().unwrap() + "2.5".parse::<f64>().unwrap()
}
trait Step {
    fn step(&mut self) -> u32;
}
impl<F: FnMut() -> u32> Step for F {
    fn step(&mut self) -> u32 {
        self()
    }
}
#[unsafe(no_mangle)]
pub fn boxed(n: u32) -> u32 {
    let mut total = 0;
    let mut steps: Vec<Box<dyn Step>> = (0..n).map(|i| Box::new(move || i * 3) as Box<dyn Step>).collect();
    for step in &mut steps {
        total += step.step();
    }
    let any: &dyn std::any::Any = &total;
    any.downcast_ref::<u32>().copied().unwrap_or(0)
}
#[unsafe(no_mangle)]
pub fn lazy(at: u32) -> u32 {
    let map = ONCE.get_or_init(|| HashMap::from([("one", 1), ("four", 4)]));
    map.get(if at == 4 { "four" } else { "one" }).copied().unwrap_or(0)
}
#[unsafe(no_mangle)]
pub fn environment() -> u32 {
    let missing = std::env::var("NOTHING").map_err(|error| error.to_string()).unwrap_err();
    let args = std::env::args().count() as u32;
    println!("goes nowhere");
    let file = std::fs::File::open("nothing").map_err(|error| error.kind().to_string()).unwrap_err();
    hash(hash(args, &missing), &file)
}
