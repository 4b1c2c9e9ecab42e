//! A crate without wasm-bindgen: plain functions of numbers. It is no `cdylib` until it is asked to be.

use std::cell::RefCell;

thread_local! {
    static COUNTS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Counts the bytes of the text at `ptr` that are `wanted`, and remembers the number.
///
/// # Safety
/// There must be `len` bytes at `ptr`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tally(ptr: *const u8, len: usize, wanted: u8) -> u32 {
    let bytes = unsafe { std::slice::from_raw_parts(ptr, len) };
    let count = bytes.iter().filter(|&&byte| byte == wanted).count() as u32;
    COUNTS.with_borrow_mut(|counts| counts.push(count));
    count
}

/// All numbers so far, added up.
#[unsafe(no_mangle)]
pub extern "C" fn total() -> u32 {
    COUNTS.with_borrow(|counts| counts.iter().sum())
}
