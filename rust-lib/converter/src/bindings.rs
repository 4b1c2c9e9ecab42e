//! The only file that knows of JavaScript: what `src/core/` calls.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Problem;
use crate::{dylink, twin};

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer<T: Serialize> {
    Ok(T),
    Problems(Vec<Problem>),
}

/// A module with records and what is said of it.
#[wasm_bindgen]
pub struct Converted {
    bytes: Vec<u8>,
    report: String,
}

#[wasm_bindgen]
impl Converted {
    /// The module; empty if the report has problems. Can be taken once.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// `{"ok": …}` or `{"problems": […]}`.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }
}

/// Compares a module with one or two twins; the second may be empty.
#[wasm_bindgen]
pub fn convert_twins(base: &[u8], near: &[u8], far: &[u8]) -> Converted {
    let mut twins = vec![near];
    if !far.is_empty() {
        twins.push(far);
    }
    answer(twin::convert(base, &twins).map(|found| (found.bytes, found.report)))
}

/// Whether a module is a side module.
#[wasm_bindgen]
pub fn is_side(bytes: &[u8]) -> bool {
    dylink::is_side(bytes)
}

/// Places a side module.
#[wasm_bindgen]
pub fn convert_side(bytes: &[u8]) -> Converted {
    answer(dylink::convert(bytes).map(|found| (found.bytes, found.report)))
}

fn answer<T: Serialize>(result: Result<(Vec<u8>, T), Vec<Problem>>) -> Converted {
    let (bytes, answer) = match result {
        Ok((bytes, report)) => (bytes, Answer::Ok(report)),
        Err(problems) => (Vec::new(), Answer::Problems(problems)),
    };
    Converted {
        bytes,
        report: serde_json::to_string(&answer).unwrap_or_default(),
    }
}
