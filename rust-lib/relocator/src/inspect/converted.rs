//! What the converter says of a module to which it wrote the records.
//!
//! In: symbols. Out: [`Converted`]. It is an absolute symbol, so that it stays with the records when the module
//! is moved and keeps them.

use super::linking::{SymbolKind, Symbols};

/// Name of the symbol: its value are the flags, its size is that of a step in the table.
pub const MARK: &str = "__wasm_share_converted";

/// The records are complete by the way they were made: nothing is to be expected of operands without one.
pub const COMPLETE: u32 = 1;

/// The memory above the data up to the end of the initial memory belongs to the data, and moves with it.
pub const ATTACHED: u32 = 2;

/// Its table slots are not listed, so it keeps a table of its own.
pub const OWN_TABLE: u32 = 4;

/// What the converter says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// [`COMPLETE`], [`ATTACHED`], [`OWN_TABLE`], and from bit 8 on the power of 2 that data moves by multiples of; 0 for a
    /// module that it has not seen.
    pub flags: u32,
    /// Slots of the table move by multiples of this.
    pub slots: u32,
}

impl Converted {
    /// Reads the symbol.
    pub fn read(bytes: &[u8], symbols: &Symbols) -> Self {
        symbols
            .find(bytes, SymbolKind::Data, MARK.as_bytes())
            .map_or_else(Self::default, |symbol| Self {
                flags: symbol.value,
                slots: symbol.size,
            })
    }

    /// Data moves by multiples of this.
    pub const fn align(self) -> u32 {
        1 << (self.flags >> 8 & 31)
    }

    /// Whether a flag is set.
    pub const fn has(self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}
