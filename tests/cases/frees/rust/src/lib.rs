//! `frees.c` in Rust, with the allocator of Rust's std.

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::RefCell;

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, 8).unwrap()
}

/// A block of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn block(bytes: usize) -> *mut u8 {
    // SAFETY: the size is not 0.
    unsafe { alloc(layout(bytes.max(1))) }
}

/// Frees whatever address it is given.
///
/// # Safety
/// None: that is the test.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(address: *mut u8, bytes: usize) {
    unsafe { dealloc(address, layout(bytes)) }
}

/// # Safety
/// None: that is the test.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn resize(address: *mut u8, bytes: usize, to: usize) -> *mut u8 {
    unsafe { realloc(address, layout(bytes), to) }
}

static STATICS: [u32; 16] = [7; 16];

/// An address in static data.
#[unsafe(no_mangle)]
pub extern "C" fn statics() -> *const u32 {
    &STATICS[4]
}

thread_local! {
    static HELD: RefCell<(u32, Vec<Vec<u8>>)> = RefCell::new((9, vec![Vec::new(); 512]));
}

/// Makes, changes and frees `rounds` blocks of up to `most` bytes. How many bytes were not what they must be.
#[unsafe(no_mangle)]
pub extern "C" fn churn(rounds: u32, most: u32) -> u32 {
    HELD.with_borrow_mut(|(seed, held)| {
        let mut next = || {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 17;
            *seed ^= *seed << 5;
            *seed
        };
        let mut broken = 0;
        for _ in 0..rounds {
            let (at, size) = (next() as usize % 512, 1 + next() % most);
            let tag = at as u8;
            broken += held[at].iter().filter(|byte| **byte != tag).count() as u32;
            match next() % 4 {
                0 => held[at].resize(size as usize, tag),
                1 => held[at].shrink_to_fit(),
                _ => held[at] = vec![tag; size as usize],
            }
        }
        broken
    })
}
