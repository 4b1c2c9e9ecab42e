//! A recursion that needs a frame on each level, beside data that an overflow would overwrite.
#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

const WORDS: usize = 4096;
static CANARY: [AtomicU32; WORDS] = [const { AtomicU32::new(0) }; WORDS];

const fn pattern(at: usize) -> u32 {
    0xc0ff_ee00 + at as u32
}

#[unsafe(no_mangle)]
pub extern "C" fn fill() {
    for (at, word) in CANARY.iter().enumerate() {
        word.store(pattern(at), Ordering::Relaxed);
    }
}

/// How many words of the data were changed.
#[unsafe(no_mangle)]
pub extern "C" fn lost() -> u32 {
    let changed = |(at, word): (usize, &AtomicU32)| word.load(Ordering::Relaxed) != pattern(at);
    CANARY.iter().enumerate().filter(|each| changed(*each)).count() as u32
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn deep(levels: u32) -> u32 {
    let frame = black_box([levels; 16]);
    match levels {
        0 => frame[7],
        _ => deep(levels - 1) + black_box(&frame)[3],
    }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
