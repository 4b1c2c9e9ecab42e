//! The only file that knows of JavaScript: what `src/core/` calls.

use wasm_bindgen::prelude::wasm_bindgen;

/// A transformed module and the report on it.
#[wasm_bindgen]
pub struct Transformed {
    bytes: Vec<u8>,
    report: String,
}

#[wasm_bindgen]
impl Transformed {
    /// The module; empty if the report has problems. Can be taken once.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The report, as JSON.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }
}

/// Runs the passes that `request` (JSON) lists on a moved module. `original` is the same module before it was
/// moved, with the sections that the move drops.
#[wasm_bindgen]
pub fn transform(bytes: Vec<u8>, original: Vec<u8>, request: &str) -> Transformed {
    let (bytes, report) = crate::transform(&bytes, &original, request);
    let report = serde_json::to_string(&report).unwrap_or_default();
    Transformed { bytes, report }
}

/// Names of the exported functions that the start function of a module runs; nothing for a module that
/// cannot be read.
#[wasm_bindgen]
pub fn started(bytes: Vec<u8>) -> Option<Vec<String>> {
    crate::started(&bytes)
}

/// The allocation functions of a module before it is moved, as JSON: `{"ok": …}` or `{"problems": […]}`.
#[wasm_bindgen]
pub fn allocation(original: Vec<u8>) -> String {
    match crate::allocation_of(&original) {
        Ok(found) => serde_json::to_string(&Answer { ok: found }),
        Err(problem) => serde_json::to_string(&Refusal {
            problems: [problem],
        }),
    }
    .unwrap_or_default()
}

#[derive(serde::Serialize)]
struct Answer {
    ok: crate::request::Allocation,
}

#[derive(serde::Serialize)]
struct Refusal {
    problems: [crate::error::Problem; 1],
}
