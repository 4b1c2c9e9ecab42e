//! Writes relocation records for modules that come without any, so that all that follows needs to know one
//! kind of input only.
//!
//! | phase | file | in → out |
//! |---|---|---|
//! | compare | [`twin`] | one program linked at several bases → every operand and word that is an address |
//! | place | [`dylink`] | a side module → what its imports of bases and addresses are, once it is placed |
//! | write | [`draft`] | the module and what was found → the module with `linking` and `reloc.*` |
//!
//! Operands get the width that records need, so the code is written anew once; from then on it is patched in
//! place. What cannot be explained is refused with the place and what was found there.
#![deny(unsafe_code)]

#[allow(unsafe_code)] // wasm-bindgen's generated glue.
#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod draft;
pub mod dylink;
pub mod error;
pub mod image;
pub mod operand;
pub mod twin;

pub use error::{Problem, Result};
