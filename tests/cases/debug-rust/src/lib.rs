//! Rust with debug information: statics, a panic, and a trap.
#![no_std]

mod tree;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

static NAMES: [&str; 3] = ["ash", "elm", "oak"];
static GROWN: AtomicU32 = AtomicU32::new(5);
static mut RINGS: [u32; 4] = [2, 3, 5, 7];

/// The last letter of a name; panics beyond the list.
#[unsafe(no_mangle)]
pub extern "C" fn tree_letter(which: usize) -> u32 {
    let name = NAMES[which]; // call: tree_letter
    u32::from(name.as_bytes()[name.len() - 1])
}

#[unsafe(no_mangle)]
pub extern "C" fn tree_grow(by: u32) -> u32 {
    GROWN.fetch_add(by, Ordering::Relaxed) + tree::height(by)
}

#[unsafe(no_mangle)]
pub extern "C" fn tree_share(among: u32) -> u32 {
    tree::share(GROWN.load(Ordering::Relaxed), among) // call: tree_share
}

/// A load beyond the memory.
#[unsafe(no_mangle)]
pub extern "C" fn tree_far(offset: usize) -> u32 {
    let far = (0xffff_ff00 + offset) as *const u32;
    // SAFETY: none; it traps.
    unsafe { *far } // trap: tree_far
}

#[unsafe(no_mangle)]
pub extern "C" fn tree_ring(which: usize, add: u32) -> u32 {
    // SAFETY: one thread, and the mask keeps the index inside.
    unsafe {
        RINGS[which & 3] += add;
        RINGS[which & 3]
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tree_rings() -> *const u32 {
    (&raw const RINGS).cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn tree_grown() -> *const u32 {
    GROWN.as_ptr()
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
