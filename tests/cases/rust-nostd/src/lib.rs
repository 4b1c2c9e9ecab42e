//! The smallest Rust: no std, no allocator, a few statics.
#![no_std]

use core::panic::PanicInfo;

static WORDS: [&str; 3] = ["uno", "dos", "tres"];
static TRIPLE: [fn(u32) -> u32; 2] = [triple, half];
static mut LAST: u32 = 0;

fn triple(value: u32) -> u32 {
    value * 3
}
fn half(value: u32) -> u32 {
    value / 2
}

/// The first letter of a word.
#[unsafe(no_mangle)]
pub extern "C" fn letter(which: usize) -> u32 {
    WORDS.get(which).map_or(0, |word| u32::from(word.as_bytes()[word.len() - 1]))
}

#[unsafe(no_mangle)]
pub extern "C" fn apply(which: usize, value: u32) -> u32 {
    let result = TRIPLE[which](value);
    unsafe {
        LAST += result;
        LAST
    }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
