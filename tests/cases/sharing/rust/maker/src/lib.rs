//! Makes trait objects and closures for another module of the same compiler.
#![allow(
    improper_ctypes_definitions,
    reason = "both sides are Rust of one compiler"
)]

use sharing_shapes::{CALLS, Shape, Square, twice};
use std::any::Any;
use std::sync::atomic::{AtomicU32, Ordering};

#[path = "../../copy.rs"]
mod copy;

// [maker]
static LIVE: AtomicU32 = AtomicU32::new(0); // how many are out

struct Circle(u32, String); // `user` does not know this type

impl Shape for Circle {
    fn area(&self) -> u32 {
        3 * self.0 * self.0
    }
    fn name(&self) -> &str {
        &self.1
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A thin pointer to a fat one: two words in memory, address and vtable.
#[unsafe(no_mangle)]
pub extern "C" fn shape_new(round: bool, size: u32) -> *mut Box<dyn Shape> {
    LIVE.fetch_add(1, Ordering::Relaxed);
    Box::into_raw(Box::new(if round {
        Box::new(Circle(size, "red circle".into()))
    } else {
        Box::new(Square(size))
    }))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn shape_free(shape: *mut Box<dyn Shape>) {
    LIVE.fetch_sub(1, Ordering::Relaxed);
    drop(unsafe { Box::from_raw(shape) });
}

/// Lends a closure, and what it captured, for the time of the call.
#[unsafe(no_mangle)]
pub extern "C" fn with_closure(run: extern "C" fn(&&dyn Fn(u32) -> u32) -> u32, add: u32) -> u32 {
    let calls = AtomicU32::new(0);
    let closure = |n| n + add + calls.fetch_add(1, Ordering::Relaxed);
    run(&(&closure as &dyn Fn(u32) -> u32))
}

#[unsafe(no_mangle)]
pub extern "C" fn operation() -> fn(u32, u32) -> u32 {
    |a, b| a * 10 + b
}
// [/maker]

#[unsafe(no_mangle)]
pub extern "C" fn shape_count() -> u32 {
    LIVE.load(Ordering::Relaxed)
}

/// Panics in a call of the other module.
#[unsafe(no_mangle)]
pub extern "C" fn failing_operation() -> fn(u32, u32) -> u32 {
    |a, b| a / b
}

#[unsafe(no_mangle)]
pub extern "C" fn count_call() -> u32 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

#[unsafe(no_mangle)]
pub extern "C" fn twice_slot() -> extern "C" fn(u32) -> u32 {
    twice::<u32>
}

static VALUES: [&(dyn Any + Sync); 3] = [&copy::Copied(1), &Square(2), &3u32];

/// An object of a type that both modules compiled, of one that both were built with, and a `u32`.
#[unsafe(no_mangle)]
pub extern "C" fn any(which: usize) -> &'static &'static (dyn Any + Sync) {
    &VALUES[which]
}
