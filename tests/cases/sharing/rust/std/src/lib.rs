//! Rust with std.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{ptr, slice};

#[path = "../../reading.rs"]
mod reading;
use reading::{Reading, Text};

// [out]
static LIVE: AtomicU32 = AtomicU32::new(0); // how many are out

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_free(r: *mut Reading) {
    // Back into what they were: dropping frees them.
    let r = unsafe { Box::from_raw(r) };
    let name = ptr::slice_from_raw_parts_mut(r.name.cast_mut(), r.name_len as usize);
    drop(unsafe { Box::from_raw(name) });
    LIVE.fetch_sub(1, Ordering::Relaxed);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_new(id: u32, name: *const u8, len: u32) -> *mut Reading {
    let name = unsafe { slice::from_raw_parts(name, len as usize) };
    let name: Box<[u8]> = name.into(); // a copy
    LIVE.fetch_add(1, Ordering::Relaxed);
    Box::into_raw(Box::new(Reading {
        id,
        value: f64::from(id) * 1.5,
        kind: 3,
        name: Box::into_raw(name).cast(),
        name_len: len,
        release: Some(reading_free),
    }))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn greeting(out: *mut Text) {
    const TEXT: &str = "Grüße aus Rust";
    unsafe {
        out.write(Text {
            ptr: TEXT.as_ptr(),
            len: TEXT.len() as u32,
        })
    };
}
// [/out]

#[unsafe(no_mangle)]
pub extern "C" fn reading_count() -> u32 {
    LIVE.load(Ordering::Relaxed)
}

// [in]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_check(r: &Reading) -> u32 {
    let name = unsafe { slice::from_raw_parts(r.name, r.name_len as usize) };
    // A `&str` must be UTF-8, and other languages do not promise that.
    let Ok(name) = str::from_utf8(name) else {
        return 0;
    };
    let start = r.id.wrapping_mul(31).wrapping_add(u32::from(r.kind));
    let start = start.wrapping_add((r.value * 4.0) as u32);
    name.bytes().fold(start, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn reading_scale(r: &mut Reading, by: f64) {
    r.value *= by;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_done(r: *mut Reading) {
    if let Some(release) = unsafe { (*r).release } {
        unsafe { release(r) };
    }
}
// [/in]

// [callback]
type Visit = unsafe extern "C" fn(*const Reading, context: *mut c_void) -> u32;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_lend(id: u32, visit: Visit, context: *mut c_void) -> u32 {
    let name = "lent by Rust";
    let r = Reading {
        id,
        value: f64::from(id) * 1.5,
        kind: 3,
        name: name.as_ptr(),
        name_len: name.len() as u32,
        release: None,
    };
    unsafe { visit(&r, context) }
}

unsafe extern "C" fn add(r: *const Reading, context: *mut c_void) -> u32 {
    let sum = unsafe { &mut *context.cast::<u32>() };
    *sum = sum.wrapping_add(unsafe { reading_check(&*r) });
    *sum
}

#[unsafe(no_mangle)]
pub extern "C" fn reading_visitor() -> Visit {
    add
}
// [/callback]

// [closure]
/// A closure as a C callback: its address is the context.
unsafe extern "C" fn call<F: FnMut(&Reading) -> u32>(
    r: *const Reading,
    context: *mut c_void,
) -> u32 {
    unsafe { (*context.cast::<F>())(&*r) }
}

fn lend<F: FnMut(&Reading) -> u32>(by: Lend, id: u32, mut visit: F) -> u32 {
    unsafe { by(id, call::<F>, (&raw mut visit).cast()) }
}

type Lend = unsafe extern "C" fn(u32, Visit, *mut c_void) -> u32;

#[unsafe(no_mangle)]
pub extern "C" fn names_lent(by: Lend, count: u32) -> u32 {
    let mut names = Vec::new();
    for id in 0..count {
        lend(by, id, |r| {
            let name = unsafe { slice::from_raw_parts(r.name, r.name_len as usize) };
            names.push(String::from_utf8_lossy(name).into_owned()); // copied: `r` is gone soon
            r.id
        });
    }
    names.concat().len() as u32
}
// [/closure]

type Step = extern "C" fn(left: u32, own: usize, other: usize) -> u32;

/// Calls the other function, which calls this one, until nothing is left.
#[unsafe(no_mangle)]
pub extern "C" fn countdown(left: u32, own: usize, other: usize) -> u32 {
    let here = std::hint::black_box([left; 16]);
    if left == 0 {
        return 0;
    }
    let step = unsafe { std::mem::transmute::<usize, Step>(other) };
    step(left - 1, other, own) + std::hint::black_box(&here)[0]
}

#[unsafe(no_mangle)]
pub extern "C" fn countdown_step() -> Step {
    countdown
}

/// Where its stack is.
#[unsafe(no_mangle)]
pub extern "C" fn stack_here() -> usize {
    let local = std::hint::black_box(0u32);
    std::hint::black_box(&local) as *const u32 as usize
}

#[unsafe(no_mangle)]
pub extern "C" fn stack_of(here: extern "C" fn() -> usize) -> usize {
    here()
}

#[unsafe(no_mangle)]
pub extern "C" fn stack_visitor() -> extern "C" fn() -> usize {
    stack_here
}

// [status]
#[repr(i32)]
pub enum Status {
    Ok = 0,
    NotUtf8 = 1,
    NotANumber = 2,
}

/// Reads a number; says what is wrong with it instead of panicking.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parse_number(text: *const u8, len: u32, out: *mut f64) -> Status {
    let text = unsafe { slice::from_raw_parts(text, len as usize) };
    let Ok(text) = str::from_utf8(text) else {
        return Status::NotUtf8;
    };
    let Ok(number) = text.trim().parse() else {
        return Status::NotANumber;
    };
    unsafe { out.write(number) };
    Status::Ok
}
// [/status]

// [buffer]
/// Room for `len` bytes that the host, or another module, may fill.
#[unsafe(no_mangle)]
pub extern "C" fn buffer_new(len: u32) -> *mut u8 {
    Box::into_raw(vec![0u8; len as usize].into_boxed_slice()).cast()
}

/// Frees what `buffer_new` gave, with the same `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn buffer_free(ptr: *mut u8, len: u32) {
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(ptr, len as usize)) });
}
// [/buffer]

/// Panics: traps.
extern "C" fn panics(r: *const Reading, _: *mut c_void) -> u32 {
    assert!(r.is_null(), "a panic in a callback");
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn panics_visitor() -> extern "C" fn(*const Reading, *mut c_void) -> u32 {
    panics
}
