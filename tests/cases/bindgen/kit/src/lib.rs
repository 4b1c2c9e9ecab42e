//! Everything that wasm-bindgen carries across: one thing of each kind, for the tests.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = "
const seen = [];
export function note(text) { seen.push(text); }
export function notes() { return seen.slice(); }
export function each(values, f) { values.forEach((value) => f(value)); }
")]
extern "C" {
    fn note(text: &str);
    fn notes() -> Array;
    fn each(values: &[u32], f: &mut dyn FnMut(u32));
}

/// Statics with addresses in them: they have to move.
static GREETINGS: [&str; 3] = ["Hello", "Ahoj", "¡Hola"];
static VOICE: &dyn Voice = if cfg!(feature = "loud") { &Loud } else { &Calm };

trait Voice: Sync {
    fn say(&self, text: &str) -> String;
}
struct Calm;
struct Loud;
impl Voice for Calm {
    fn say(&self, text: &str) -> String {
        text.to_owned()
    }
}
impl Voice for Loud {
    fn say(&self, text: &str) -> String {
        text.to_uppercase()
    }
}

thread_local! {
    static STARTS: RefCell<u32> = const { RefCell::new(0) };
    static KEPT: RefCell<Option<Closure<dyn FnMut(u32) -> u32>>> = const { RefCell::new(None) };
}

#[wasm_bindgen(start)]
fn start() {
    STARTS.with_borrow_mut(|starts| *starts += 1);
    note(&VOICE.say("started"));
}

/// How often the module was started.
#[wasm_bindgen]
pub fn starts() -> u32 {
    STARTS.with_borrow(|starts| *starts)
}

/// What the snippet was told.
#[wasm_bindgen]
pub fn noted() -> Array {
    notes()
}

// Strings.

#[wasm_bindgen]
pub fn greet(name: &str, language: usize) -> String {
    VOICE.say(&format!("{}, {name}!", GREETINGS[language]))
}

#[wasm_bindgen]
pub fn reversed(text: Option<String>) -> Option<String> {
    text.map(|text| text.chars().rev().collect())
}

// Vectors.

#[wasm_bindgen]
pub fn squares(values: Vec<u32>) -> Vec<u32> {
    values.into_iter().map(|value| value * value).collect()
}

#[wasm_bindgen]
pub fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

#[wasm_bindgen]
pub fn fill(bytes: &mut [u8], value: u8) {
    bytes.fill(value);
}

#[wasm_bindgen]
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

// Closures and functions.

#[wasm_bindgen]
pub fn twice(f: &Function, value: u32) -> Result<JsValue, JsValue> {
    let once = f.call1(&JsValue::NULL, &value.into())?;
    f.call1(&JsValue::NULL, &once)
}

/// A closure with state of its own, which JavaScript can keep.
#[wasm_bindgen]
pub fn adder(mut total: u32) -> JsValue {
    Closure::<dyn FnMut(u32) -> u32>::new(move |more| {
        total += more;
        total
    })
    .into_js_value()
}

/// Lends a closure to JavaScript for the time of one call.
#[wasm_bindgen]
pub fn lent(values: Vec<u32>) -> u32 {
    let mut total = 0;
    each(&values, &mut |value| total += value);
    total
}

/// Hands out a closure that this module keeps; without an argument it is dropped.
#[wasm_bindgen]
pub fn keep(step: Option<u32>) -> Option<Function> {
    KEPT.with_borrow_mut(|kept| {
        *kept = step.map(|step| Closure::new(move |value| value + step));
        kept.as_ref().map(|closure| closure.as_ref().clone().unchecked_into())
    })
}

// Classes.

#[wasm_bindgen]
pub struct Counter {
    count: u32,
    #[wasm_bindgen(getter_with_clone)]
    pub name: String,
}

#[wasm_bindgen]
impl Counter {
    #[wasm_bindgen(constructor)]
    pub fn new(name: String) -> Counter {
        Counter { count: 0, name }
    }

    pub fn step(&mut self, by: u32) -> u32 {
        self.count += by;
        self.count
    }

    #[wasm_bindgen(getter)]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Takes both.
    pub fn merge(self, other: Counter) -> Counter {
        let name = format!("{}+{}", self.name, other.name);
        Counter { count: self.count + other.count, name }
    }
}

#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Side {
    Left = 1,
    Right = 2,
}

#[wasm_bindgen]
pub fn other_side(side: Side) -> Side {
    match side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    }
}

// Errors.

#[wasm_bindgen]
pub fn parse(text: &str) -> Result<i32, JsError> {
    Ok(text.parse()?)
}

#[wasm_bindgen]
pub fn refuse(value: JsValue) -> Result<(), JsValue> {
    Err(value)
}

/// A panic: a trap.
#[wasm_bindgen]
pub fn index(values: &[u32], at: usize) -> u32 {
    values[at]
}

// Values of JavaScript.

#[wasm_bindgen]
pub fn describe(value: &JsValue) -> Result<Object, JsValue> {
    let object = Object::new();
    Reflect::set(&object, &"type".into(), &value.js_typeof())?;
    Reflect::set(&object, &"text".into(), &value.as_string().into())?;
    Reflect::set(&object, &"value".into(), value)?;
    Ok(object)
}

#[wasm_bindgen]
pub fn big(value: u64) -> i64 {
    -(value as i64)
}

// Async.

#[wasm_bindgen]
pub async fn later(promise: Promise) -> Result<JsValue, JsValue> {
    let value = JsFuture::from(promise).await?;
    let text = value.as_string().ok_or("no text")?;
    Ok(VOICE.say(&text).into())
}

// Pointers.

/// Bytes of this module, which others read and write where they are.
#[wasm_bindgen]
pub struct Buffer(Vec<u8>);

#[wasm_bindgen]
impl Buffer {
    #[wasm_bindgen(constructor)]
    pub fn new(len: usize, value: u8) -> Buffer {
        Buffer(vec![value; len])
    }

    #[wasm_bindgen(getter)]
    pub fn ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    #[wasm_bindgen(getter)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

/// Adds up the `len` bytes at `ptr`, whoever owns them.
#[allow(clippy::not_unsafe_ptr_arg_deref, reason = "JavaScript has no unsafe functions")]
#[wasm_bindgen]
pub fn sum_at(ptr: *const u8, len: usize) -> u32 {
    unsafe { std::slice::from_raw_parts(ptr, len) }.iter().map(|&byte| u32::from(byte)).sum()
}

/// Adds one to each of the `len` bytes at `ptr`, whoever owns them.
#[allow(clippy::not_unsafe_ptr_arg_deref, reason = "JavaScript has no unsafe functions")]
#[wasm_bindgen]
pub fn bump_at(ptr: *mut u8, len: usize) {
    for byte in unsafe { std::slice::from_raw_parts_mut(ptr, len) } {
        *byte = byte.wrapping_add(1);
    }
}

/// Addresses of a static, and of something on the stack.
#[wasm_bindgen]
pub fn addresses() -> Vec<usize> {
    let local = std::hint::black_box([0u8; 16]);
    vec![GREETINGS.as_ptr() as usize, local.as_ptr() as usize]
}

/// A slot of this module's own table.
#[wasm_bindgen]
pub fn slot() -> usize {
    sum_at as *const () as usize
}

/// Calls the function in a slot of the table, with bytes of anybody.
#[wasm_bindgen]
pub fn call_slot(slot: usize, ptr: *const u8, len: usize) -> u32 {
    let function: fn(*const u8, usize) -> u32 = unsafe { std::mem::transmute(slot) };
    function(ptr, len)
}

/// Lets go of a vector: whoever has the same allocator can take it.
#[wasm_bindgen]
pub fn give(values: Vec<u32>) -> *mut Vec<u32> {
    Box::into_raw(Box::new(values))
}

/// Takes a vector that [`give`] let go of, makes it longer, and frees it.
#[allow(clippy::not_unsafe_ptr_arg_deref, reason = "JavaScript has no unsafe functions")]
#[wasm_bindgen]
pub fn take(values: *mut Vec<u32>, times: usize) -> u32 {
    let mut values = unsafe { *Box::from_raw(values) };
    let once = values.clone();
    for _ in 1..times {
        values.extend(&once);
    }
    values.iter().sum()
}

/// Asks for so many bytes and frees them: the memory grows if there is no room.
#[wasm_bindgen]
pub fn ask(bytes: usize) -> u8 {
    std::hint::black_box(vec![1u8; bytes])[bytes - 1]
}

/// Takes 4 KiB of the stack for each level.
#[wasm_bindgen]
pub fn deep(levels: u32) -> u32 {
    let frame = std::hint::black_box([levels; 1024]);
    if levels == 0 { 0 } else { deep(levels - 1) + frame[levels as usize % 1024] / levels }
}
