// A program for wasm-bindgen, with addresses in data.
use wasm_bindgen::prelude::*;

static NAMES: [&str; 3] = ["first", "second", "third"];

#[wasm_bindgen]
pub fn length(which: u32) -> u32 {
    NAMES[which as usize % 3].len() as u32
}
