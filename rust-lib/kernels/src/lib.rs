//! The loops of the relocator that run once a byte or once a record, in a crate of their own: these few hundred
//! lines are what a warm run spends its time in. They are written for speed, everything else for size, because
//! the core is downloaded.
//!
//! Slices and small numbers in, small numbers out. No messages: whatever is not plain is handed back to
//! the caller, which looks at it slowly and says what is wrong.
//!
//! - [`leb`]: patch sites, and the numbers of records.
//! - [`site`]: what a site is, and what moves it.
//! - [`records`]: bytes of a `reloc.*` section → records.
//! - [`prove`]: records whose stored value is what it must be → sites.
//! - [`symbols`]: bytes of a symbol table → its entries.
//! - [`scan`]: padded operands, words that look like addresses, runs of zeros.
#![forbid(unsafe_code)]

pub mod leb;
pub mod prove;
pub mod records;
pub mod scan;
pub mod site;
pub mod symbols;
