//! Bytes of a `reloc.*` section → records.
//!
//! In: a cursor behind the header. Out: the records, and why reading stopped.

use crate::leb::Cursor;
use crate::site::Form;

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// From the start of the target section's body.
    pub offset: u32,
    /// Type index for type 6, else symbol index.
    pub index: u32,
    /// 0 where the type has none.
    pub addend: i32,
    /// 0 to 26.
    pub ty: u8,
}

impl Entry {
    /// How the value is stored.
    #[inline]
    pub fn form(&self) -> Form {
        if WORDS >> self.ty & 1 != 0 {
            Form::Word
        } else if SLEBS >> self.ty & 1 != 0 {
            Form::Sleb
        } else {
            Form::Leb
        }
    }
}

/// Types whose entry ends with an addend (`relocTypeHasAddend` in LLVM).
pub const WITH_ADDEND: u32 = bits(&[3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);

/// Types of 64-bit memories and tables.
pub const WIDE: u32 = bits(&[14, 15, 16, 17, 18, 19, 22, 24, 25]);

/// Types whose site is a plain little-endian 32-bit word.
const WORDS: u32 = bits(&[2, 5, 8, 9, 13, 23, 26]);

/// Types whose site is a signed LEB128; all others are unsigned.
const SLEBS: u32 = bits(&[1, 4, 11, 12, 21]);

/// Types that are known and belong to a 32-bit memory.
const KNOWN: u32 = ((1 << 27) - 1) & !WIDE;

const fn bits(types: &[u8]) -> u32 {
    let mut set = 0;
    let mut at = 0;
    while at < types.len() {
        set |= 1 << types[at];
        at += 1;
    }
    set
}

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that the header counts were read, or the section ended on the edge of a record.
    Whole,
    /// A type that is unknown, or belongs to a 64-bit memory.
    Type(u8),
    /// The section ended inside a record, or a number is too long.
    Short,
}

/// Reads at most `count` records. Where the last one that was looked at starts is in the second value;
/// the third says whether offsets never decrease.
#[inline(never)]
pub fn read(cursor: &mut Cursor<'_>, count: u32, out: &mut Vec<Entry>) -> (End, usize, bool) {
    let mut sorted = true;
    let mut last = 0;
    let mut at = cursor.position();
    // wasm-ld counts records of undefined weak functions that it does not write.
    while out.len() < count as usize && !cursor.eof() {
        at = cursor.position();
        let Some(ty) = cursor.byte() else { break };
        if ty >= 32 || KNOWN >> ty & 1 == 0 {
            return (End::Type(ty), at, sorted);
        }
        let (Some(offset), Some(index)) = (cursor.unsigned(), cursor.unsigned()) else {
            return (End::Short, at, sorted);
        };
        let addend = match WITH_ADDEND >> ty & 1 {
            0 => 0,
            _ => match cursor.signed() {
                Some(addend) => addend,
                None => return (End::Short, at, sorted),
            },
        };
        sorted &= offset >= last;
        last = offset;
        out.push(Entry {
            offset,
            index,
            addend,
            ty,
        });
    }
    (End::Whole, at, sorted)
}
