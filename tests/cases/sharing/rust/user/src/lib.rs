//! Uses trait objects and closures that another module of the same compiler made.
#![allow(
    improper_ctypes_definitions,
    reason = "both sides are Rust of one compiler"
)]

use sharing_shapes::{CALLS, Shape, Square, twice};
use std::any::Any;
use std::sync::atomic::Ordering;

#[path = "../../copy.rs"]
mod copy;

// [user]
#[unsafe(no_mangle)]
pub extern "C" fn shape_area(shape: &Box<dyn Shape>) -> u32 {
    shape.area() // runs in the module that made it, on that module's stack
}

#[unsafe(no_mangle)]
pub extern "C" fn shape_name_sum(shape: &Box<dyn Shape>) -> u32 {
    shape.name().bytes().map(u32::from).sum()
}

extern "C" fn run(closure: &&dyn Fn(u32) -> u32) -> u32 {
    closure(1000) + closure(2000)
}

#[unsafe(no_mangle)]
pub extern "C" fn runner() -> extern "C" fn(&&dyn Fn(u32) -> u32) -> u32 {
    run
}

#[unsafe(no_mangle)]
pub extern "C" fn apply(operation: fn(u32, u32) -> u32, a: u32, b: u32) -> u32 {
    operation(a, b)
}
// [/user]

/// A trait object of its own, for the same function.
#[unsafe(no_mangle)]
pub extern "C" fn own_area(size: u32) -> u32 {
    let shape: Box<dyn Shape> = Box::new(Square(size));
    shape_area(&shape)
}

#[unsafe(no_mangle)]
pub extern "C" fn is_square(shape: &Box<dyn Shape>) -> bool {
    shape.as_any().is::<Square>()
}

#[unsafe(no_mangle)]
pub extern "C" fn count_call() -> u32 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

#[unsafe(no_mangle)]
pub extern "C" fn twice_slot() -> extern "C" fn(u32) -> u32 {
    twice::<u32>
}

#[unsafe(no_mangle)]
pub extern "C" fn is_copied(value: &&'static (dyn Any + Sync)) -> bool {
    let value: &dyn Any = *value;
    value.is::<copy::Copied>()
}

#[unsafe(no_mangle)]
pub extern "C" fn is_shared_square(value: &&'static (dyn Any + Sync)) -> bool {
    let value: &dyn Any = *value;
    value.is::<Square>()
}

#[unsafe(no_mangle)]
pub extern "C" fn is_u32(value: &&'static (dyn Any + Sync)) -> bool {
    let value: &dyn Any = *value;
    value.is::<u32>()
}
