//! Reads finished WebAssembly modules, plans one address space for them, and moves them into it.
//!
//! The phases, each of which reads the value of the one before and never changes it:
//!
//! | phase | file | in → out |
//! |---|---|---|
//! | read | [`wasm`] | bytes → where every section, segment and global lies |
//! | inspect | [`inspect`] | bytes → kind, stack, data, heap, table, [`model::SiteMap`], proof |
//! | plan | [`plan`] | what was found + options → [`plan::Layout`] |
//! | emit | [`emit`] | bytes + sites + deltas → bytes |
//!
//! [`job`] runs them, [`facts`] tells people, [`bindings`] is the only file that knows wasm-bindgen.
//! No paths, no environment, no printing.
#![deny(unsafe_code)]

#[allow(unsafe_code)] // wasm-bindgen's generated glue.
#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
pub mod bindings;
pub mod emit;
pub mod error;
pub mod externs;
pub mod facts;
pub mod ids;
pub mod inspect;
pub mod job;
pub mod model;
pub mod plan;
mod sort;
pub mod text;
pub mod wasm;
