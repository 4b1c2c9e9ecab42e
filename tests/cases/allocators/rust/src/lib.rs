//! `work.c` in Rust: blocks of std's allocator, with every size and alignment.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::cell::Cell;
use std::collections::BTreeMap;

thread_local! {
    static WRONG: Cell<u32> = const { Cell::new(0) };
}

fn pattern(seed: u32, at: usize) -> u8 {
    (seed.wrapping_mul(31)).wrapping_add(at as u32) as u8
}

fn layout(size: u32, align: u32) -> Layout {
    Layout::from_size_align(size as usize, align as usize).unwrap()
}

/// # Safety
/// None is needed: it is a test.
unsafe fn bytes<'a>(block: *mut u8, size: u32) -> &'a mut [u8] {
    unsafe { std::slice::from_raw_parts_mut(block, size as usize) }
}

fn wrong(more: usize) {
    WRONG.set(WRONG.get() + more as u32);
}

/// A block of `size` bytes aligned to `align`; zeroed at first if `zeroed`.
#[unsafe(no_mangle)]
pub extern "C" fn make_aligned(size: u32, align: u32, seed: u32, zeroed: bool) -> *mut u8 {
    let layout = layout(size, align);
    let block = unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } };
    if block.is_null() {
        return block;
    }
    wrong((block as usize % align as usize != 0) as usize);
    let bytes = unsafe { bytes(block, size) };
    if zeroed {
        wrong(bytes.iter().filter(|byte| **byte != 0).count());
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = pattern(seed, at);
    }
    block
}

#[unsafe(no_mangle)]
pub extern "C" fn lost(block: *mut u8, size: u32, seed: u32) -> u32 {
    let bytes = unsafe { bytes(block, size) }.iter().enumerate();
    bytes.filter(|(at, byte)| **byte != pattern(seed, *at)).count() as u32
}

#[unsafe(no_mangle)]
pub extern "C" fn resize_aligned(
    block: *mut u8,
    old: u32,
    align: u32,
    size: u32,
    seed: u32,
) -> *mut u8 {
    let moved = unsafe { realloc(block, layout(old, align), size as usize) };
    if !moved.is_null() {
        wrong((moved as usize % align as usize != 0) as usize);
        wrong(lost(moved, old.min(size), seed) as usize);
        for (at, byte) in unsafe { bytes(moved, size) }.iter_mut().enumerate() {
            *byte = pattern(seed, at);
        }
    }
    moved
}

#[unsafe(no_mangle)]
pub extern "C" fn drop_aligned(block: *mut u8, size: u32, align: u32) {
    unsafe { dealloc(block, layout(size, align)) }
}

/// Zeroed blocks that were not zero, resized ones that were not kept, and misaligned ones.
#[unsafe(no_mangle)]
pub extern "C" fn wrongs() -> u32 {
    WRONG.get()
}

/// Containers of std: their sum must be the same whatever allocates.
#[unsafe(no_mangle)]
pub extern "C" fn churn(rounds: u32) -> u32 {
    let mut map = BTreeMap::new();
    let mut list: Vec<String> = Vec::new();
    for at in 0..rounds {
        list.push("x".repeat(at as usize % 97) + &at.to_string());
        if at % 3 == 0 {
            let first = list.remove(0);
            map.insert(first.len() as u32 + at, first);
        }
    }
    let map: usize = map.into_iter().map(|(key, text)| key as usize + text.len()).sum();
    (list.iter().map(String::len).sum::<usize>() + map) as u32
}

/// A string that another module frees as what it is: bytes.
#[unsafe(no_mangle)]
pub extern "C" fn text(number: u32) -> *mut u8 {
    let text = format!("number {number}\0").into_boxed_str();
    Box::into_raw(text).cast()
}

/// Takes a string of C: a block of `malloc` becomes a `Vec` and is dropped.
///
/// # Safety
/// `block` must have `size` bytes and an alignment of 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn take(block: *mut u8, size: u32) -> u32 {
    let list = unsafe { Vec::from_raw_parts(block, size as usize, size as usize) };
    list.iter().map(|byte| u32::from(*byte)).sum()
}
