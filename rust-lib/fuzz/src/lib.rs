//! What the fuzz targets share.
//!
//! | file | in → out |
//! |---|---|
//! | [`dice`] | bytes → choices |
//! | [`build`] | lists and records → a final module, and where each record lies |
//! | [`random`], [`code`] | choices → such a module, and what must be found in it |
//! | [`subject`] | an input → a module and options |
//! | [`mutate`] | a module → the same with one part changed, all sizes true |
//! | [`judge`] | a module before and after → nothing, or what is wrong |
//! | [`meter`] | a run → bytes and time |
//! | [`tried`] | names → how often each came up |
//! | [`known`], [`runs`] | what the targets demand |
//!
//! `deno task fuzz` runs the targets. `cargo test --release` in this folder runs the builder and the
//! limits of cost without a fuzzer.

pub mod build;
pub mod code;
pub mod dice;
pub mod judge;
pub mod known;
pub mod meter;
pub mod mutate;
pub mod random;
pub mod runs;
pub mod subject;
pub mod tried;
