//! The recipe by hand: a package that reads.

// [reader]
use wasm_bindgen::prelude::*;

/// Counts a byte among the `len` bytes at `ptr`. They stay their owner's.
#[allow(clippy::not_unsafe_ptr_arg_deref, reason = "JavaScript has no unsafe functions")]
#[wasm_bindgen]
pub fn count(ptr: *const u8, len: usize, wanted: u8) -> usize {
    let bytes = unsafe { std::slice::from_raw_parts(ptr, len) };
    bytes.iter().filter(|&&byte| byte == wanted).count()
}
// [/reader]
