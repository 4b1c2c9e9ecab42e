//! Rust without std and without a heap: a pool of records.
#![no_std]

use core::ffi::c_void;
use core::panic::PanicInfo;
use core::slice;

#[path = "../../reading.rs"]
mod reading;
use reading::{Reading, Text};

// [out]
#[repr(C)]
struct Slot {
    reading: Reading, // first, so both have one address
    text: [u8; 32],
    used: bool,
}

const EMPTY: Slot = Slot {
    reading: Reading {
        id: 0,
        value: 0.0,
        kind: 4,
        name: core::ptr::null(),
        name_len: 0,
        release: Some(reading_free),
    },
    text: [0; 32],
    used: false,
};
static mut POOL: [Slot; 4] = [EMPTY; 4];

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_free(r: *mut Reading) {
    unsafe { (*r.cast::<Slot>()).used = false };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_new(id: u32, name: *const u8, len: u32) -> *mut Reading {
    let name = unsafe { slice::from_raw_parts(name, len as usize) };
    let pool = unsafe { &mut *(&raw mut POOL) };
    let Some(slot) = pool.iter_mut().find(|slot| !slot.used) else {
        return core::ptr::null_mut(); // full
    };
    let Some(text) = slot.text.get_mut(..name.len()) else {
        return core::ptr::null_mut(); // too long
    };
    text.copy_from_slice(name);
    slot.used = true;
    slot.reading.id = id;
    slot.reading.value = f64::from(id) * 1.5;
    slot.reading.name = slot.text.as_ptr();
    slot.reading.name_len = len;
    (&raw mut *slot).cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn greeting(out: *mut Text) {
    const TEXT: &str = "Grüße aus dem Kern";
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
    let pool = unsafe { &*(&raw const POOL) };
    pool.iter().filter(|slot| slot.used).count() as u32
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_check(r: &Reading) -> u32 {
    let name = unsafe { slice::from_raw_parts(r.name, r.name_len as usize) };
    let start = r.id.wrapping_mul(31).wrapping_add(u32::from(r.kind));
    let start = start.wrapping_add((r.value * 4.0) as u32);
    name.iter().fold(start, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
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

type Visit = unsafe extern "C" fn(*const Reading, context: *mut c_void) -> u32;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn reading_lend(id: u32, visit: Visit, context: *mut c_void) -> u32 {
    let name = "lent by no_std";
    let r = Reading {
        id,
        value: f64::from(id) * 1.5,
        kind: 4,
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

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
