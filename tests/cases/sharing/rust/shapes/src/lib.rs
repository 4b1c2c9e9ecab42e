//! What both Rust modules are built with.

use std::any::Any;
use std::sync::atomic::AtomicU32;

// [shapes]
pub trait Shape: Sync {
    fn area(&self) -> u32;
    fn name(&self) -> &str; // not `String`: the caller would free it
    fn as_any(&self) -> &dyn Any;
}
// [/shapes]

pub struct Square(pub u32);
impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
    fn name(&self) -> &str {
        "square"
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One in every module that is built with this crate.
pub static CALLS: AtomicU32 = AtomicU32::new(0);

/// One in every module that uses it.
pub extern "C" fn twice<T: std::ops::Add<Output = T> + Copy>(value: T) -> T {
    value + value
}
