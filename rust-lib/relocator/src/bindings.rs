//! The only file that knows wasm-bindgen. Bytes cross once each way; everything else is JSON text.
//! Errors cross as data: every call returns `{"ok": …}` or `{"problems": […]}`.

use crate::error::{Code, Problem};
use crate::job::{self, Job};
use serde::Serialize;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer<T: Serialize> {
    Ok(T),
    Problems(Vec<Problem>),
}

fn answer<T: Serialize>(result: Result<T, Vec<Problem>>) -> String {
    let answer = match result {
        Ok(value) => Answer::Ok(value),
        Err(problems) => Answer::Problems(problems),
    };
    serde_json::to_string(&answer).unwrap_or_default()
}

fn options<'a, T: serde::Deserialize<'a>>(json: &'a str) -> Result<T, Vec<Problem>> {
    serde_json::from_str(json)
        .map_err(|e| vec![*Problem::new(Code::InvalidOption, format!("Cannot read the options {json}: {e}"))])
}

/// Keeps the message of a panic, for the report of the trap that follows.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| PANIC.with(|p| *p.borrow_mut() = info.to_string())));
}

/// The message of the last panic.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> String {
    PANIC.with(|p| p.borrow().clone())
}

/// Bytes, or why there are none.
#[wasm_bindgen]
pub struct Emitted {
    bytes: Vec<u8>,
    report: String,
}

#[wasm_bindgen]
impl Emitted {
    /// The module; empty if the report has problems. Can be taken once.
    #[wasm_bindgen(js_name = takeBytes)]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }

    /// `{"ok": …}` or `{"problems": […]}`.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }
}

/// A run.
#[wasm_bindgen(js_name = Job)]
#[derive(Default)]
pub struct JsJob(Job);

#[wasm_bindgen(js_class = Job)]
impl JsJob {
    /// An empty run.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a module; its facts.
    pub fn add(&mut self, name: String, bytes: Vec<u8>, options_json: &str) -> String {
        answer(options(options_json).and_then(|options| self.0.add(name, bytes, options).map_err(|p| vec![*p])))
    }

    /// Plans; the layout, the build id and warnings.
    pub fn plan(&mut self, options_json: &str) -> String {
        answer(options(options_json).and_then(|options| self.0.plan(options)))
    }

    /// Writes one module.
    pub fn emit(&self, index: usize) -> Emitted {
        emitted(self.0.emit(index).map(|bytes| (bytes, ())).map_err(|p| vec![*p]))
    }
}

/// What is said about a module moved as a whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    warnings: Vec<Problem>,
    transforms: Vec<&'static str>,
}

/// Moves one module as a whole. `heap_base` is negative for none.
#[wasm_bindgen]
pub fn relocate(name: &str, bytes: Vec<u8>, options_json: &str, offset: f64, heap_base: f64) -> Emitted {
    let heap_base = (heap_base >= 0.0).then_some(heap_base as u32);
    emitted(options(options_json).and_then(|options| {
        let (bytes, warnings, init_memory) = job::relocate(name, bytes, options, offset as i64, heap_base)?;
        let transforms = if init_memory { vec!["init_memory"] } else { Vec::new() };
        Ok((bytes, Moved { warnings, transforms }))
    }))
}

fn emitted<T: Serialize>(result: Result<(Vec<u8>, T), Vec<Problem>>) -> Emitted {
    match result {
        Ok((bytes, ok)) => Emitted { bytes, report: answer(Ok(ok)) },
        Err(problems) => Emitted { bytes: Vec::new(), report: answer::<()>(Err(problems)) },
    }
}
