//! Bytes of a symbol table → its entries.
//!
//! In: a cursor. Out: the numbers of the next entry, by the layout of Linking.md, and where its name lies.

use crate::leb::Cursor;
use crate::records::End;
use core::ops::Range;

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// 0 function, 1 data, 2 global, 3 section, 4 tag, 5 table.
    pub kind: u8,
    /// Flags of Linking.md.
    pub flags: u32,
    /// Its name in the file; empty if it has none.
    pub name: Range<usize>,
    /// Segment, offset and size of defined data; else the index of what it names.
    pub numbers: [u32; 3],
}

const UNDEFINED: u32 = 0x10;
const EXPLICIT_NAME: u32 = 0x40;

/// Reads one entry. After an error the cursor is somewhere inside it.
///
/// # Errors
/// A kind that is unknown, or why there is no entry.
#[inline(never)]
pub fn next(cursor: &mut Cursor<'_>) -> Result<Entry, End> {
    read(cursor)
        .ok_or(End::Short)
        .and_then(|entry| match entry.kind {
            0..=5 => Ok(entry),
            kind => Err(End::Type(kind)),
        })
}

#[inline(always)]
fn read(cursor: &mut Cursor<'_>) -> Option<Entry> {
    let kind = cursor.byte()?;
    let mut entry = Entry {
        kind,
        flags: 0,
        name: 0..0,
        numbers: [0; 3],
    };
    if kind > 5 {
        return Some(entry);
    }
    entry.flags = cursor.small()?;
    let defined = entry.flags & UNDEFINED == 0;
    let is_data = kind == 1;
    if !is_data {
        entry.numbers[0] = cursor.small()?;
    }
    if is_data || kind != 3 && (defined || entry.flags & EXPLICIT_NAME != 0) {
        let length = cursor.small()?;
        entry.name = cursor.skip(length as usize)?;
    }
    if is_data && defined {
        for number in &mut entry.numbers {
            *number = cursor.small()?;
        }
    }
    Some(entry)
}
