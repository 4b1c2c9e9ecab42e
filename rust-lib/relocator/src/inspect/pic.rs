//! placeholder
use super::{Inspected, Options};
use crate::error::Result;
use crate::wasm::Module;
/// What to do with pointers in data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pointers {
    /// Move aligned words that point into the module's own data.
    #[default]
    Guess,
    /// Refuse.
    Error,
    /// Leave alone.
    Ignore,
}
/// p
pub fn is_pic(_: &[u8], _: &Module) -> bool { false }
/// p
pub fn read(_: &[u8], _: &Options, _: &mut Inspected) -> Result<()> { Ok(()) }
