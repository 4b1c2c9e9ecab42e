//! The recipe by hand: a package that writes.

// [writer]
use wasm_bindgen::prelude::*;

/// Text of this package. Others may read it until `free` is called.
#[wasm_bindgen]
pub struct Text(String);

#[wasm_bindgen]
impl Text {
    #[wasm_bindgen(constructor)]
    pub fn new(line: &str, times: usize) -> Text {
        Text(line.repeat(times))
    }

    #[wasm_bindgen(getter)]
    pub fn ptr(&self) -> *const u8 {
        self.0.as_ptr()
    }

    #[wasm_bindgen(getter)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
// [/writer]
