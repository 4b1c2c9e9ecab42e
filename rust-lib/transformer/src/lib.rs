//! The transformer: changes of a moved WebAssembly module that need new or re-encoded code.
//!
//! In go a moved module, the same module before the move and a list of passes, out comes a module and a report. It runs after the
//! relocator, never before: walrus re-encodes every function, so sites found in the old bytes mean
//! nothing in the new ones. Function indices may change too (walrus orders functions by size);
//! everything in the module that refers to them follows.
//!
//! Phases, each with its file:
//!
//! 1. [`request`]: what is asked for, and what is reported. Plain data, JSON.
//! 2. [`sections`]: sections that would be stale are cut out, and named.
//! 3. [`symbols`]: what functions are called; the move drops most of that.
//! 4. [`transform`]: parse, run the passes in order, emit.
//! 5. [`passes`]: one file a pass.
//!
//! [`started`] only looks: it tells what a start function runs.
//!
//! `bindings` is the only file that knows of JavaScript.

pub mod adapters;
pub mod allocation;
mod bindings;
pub mod error;
pub mod passes;
pub mod reach;
pub mod records;
pub mod request;
pub mod sections;
pub mod started;
pub mod symbols;
pub mod transform;

pub use allocation::allocation_of;
pub use started::started;
pub use transform::transform;
