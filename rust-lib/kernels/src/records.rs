//! Bytes of a `reloc.*` section → records.
//!
//! In: a cursor behind the header. Out: the records, and why reading stopped.

use crate::leb::{self, Cursor};
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
    /// 0 to 26; below 32 in what the proof has yet to look at.
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
pub(crate) const KNOWN: u32 = ((1 << 27) - 1) & !WIDE;

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
    /// A type that is unknown, or belongs to a 64-bit memory.
    Type(u8),
    /// The section ended inside a record, or a number is too long.
    Short,
}

/// Reads one record. After an error the cursor is somewhere inside it.
///
/// # Errors
/// Why there is none.
pub fn next(cursor: &mut Cursor<'_>) -> Result<Entry, End> {
    let ty = cursor.byte().ok_or(End::Short)?;
    if ty >= 32 || KNOWN >> ty & 1 == 0 {
        return Err(End::Type(ty));
    }
    let offset = cursor.unsigned().ok_or(End::Short)?;
    let index = cursor.unsigned().ok_or(End::Short)?;
    let addend = match WITH_ADDEND >> ty & 1 {
        0 => 0,
        _ => cursor.signed().ok_or(End::Short)?,
    };
    Ok(Entry {
        offset,
        index,
        addend,
        ty,
    })
}

/// The record at `at` and where the next one starts, if it is one of nearly all: of a type below 32, an index
/// below 2^21, an addend that fits 28 bits, and not one of the last in `bytes`. Only how long the offset is decides
/// about a branch, and that is as with the record before; the rest is computed for any length.
#[inline(always)]
pub(crate) fn near(bytes: &[u8], at: usize) -> Option<(Entry, usize)> {
    let window = bytes.get(at..)?.first_chunk::<16>()?;
    let ty = window[0];
    let (offset, length) = leb::short(&window[1..])?;
    let rest = u64::from_le_bytes(*window[1 + length..].first_chunk()?);
    // The lowest bit that is set is the high bit of the last byte.
    let ends = !rest as u32 & 0x80_8080;
    let index_bits = ends.trailing_zeros() + 1;
    let index = leb::low21(rest as u32 & (ends ^ ends.wrapping_sub(1)));
    let rest = (rest >> (index_bits & 31)) as u32;
    let ends = !rest & 0x8080_8080;
    let addend_bits = ends.trailing_zeros() + 1;
    let unused = (32 - (addend_bits - addend_bits / 8)) & 31;
    let addend = leb::low28(rest & (ends ^ ends.wrapping_sub(1)));
    let addend = (addend << unused) as i32 >> unused;
    let has = WITH_ADDEND >> (ty & 31) & 1;
    if (index_bits > 24) | (ty >= 32) | (addend_bits * has > 32) {
        return None;
    }
    let entry = Entry {
        offset,
        index,
        addend: addend & -(has as i32),
        ty,
    };
    let bits = index_bits + addend_bits * has;
    Some((entry, at + 1 + length + bits as usize / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record with numbers of any length, some of them longer than they need to be.
    fn any(state: &mut u32, out: &mut Vec<u8>) {
        let mut dice = || {
            *state ^= *state << 13;
            *state ^= *state >> 17;
            *state ^= *state << 5;
            *state
        };
        let types = if dice() % 64 == 0 { 256 } else { 27 };
        out.push((dice() % types) as u8);
        for _ in 0..3 {
            for _ in 0..dice() % 6 {
                out.push(dice() as u8 | 0x80);
            }
            out.push(dice() as u8 & 0x7f);
        }
    }

    #[test]
    fn a_near_record_is_the_next_one() {
        let mut state = 1;
        let mut near_ones = 0;
        let mut bytes = Vec::new();
        for _ in 0..300_000 {
            bytes.clear();
            any(&mut state, &mut bytes);
            bytes.resize(bytes.len() + 16, 0);
            let mut cursor = Cursor::new(&bytes, 0);
            if let Some((entry, end)) = near(&bytes, 0) {
                // Types that the proof does not accept are looked at by the caller.
                if KNOWN >> entry.ty & 1 == 0 {
                    continue;
                }
                near_ones += 1;
                let slow = next(&mut cursor).unwrap();
                let of = |e: &Entry| (e.ty, e.offset, e.index, e.addend);
                assert_eq!(of(&entry), of(&slow), "{bytes:x?}");
                assert_eq!(end, cursor.position(), "{bytes:x?}");
            }
        }
        assert!(near_ones > 20_000, "{near_ones}");
    }

    #[test]
    fn a_record_that_ends_the_bytes_is_never_read_beyond() {
        let mut bytes = vec![3, 0x81, 0x81, 0x01, 0x81, 0x01, 0x7f];
        for _ in 0..16 {
            assert!(near(&bytes, 0).is_none() || bytes.len() >= 16);
            bytes.push(0);
        }
        assert_eq!(near(&bytes, 0).unwrap().1, 7);
    }
}
