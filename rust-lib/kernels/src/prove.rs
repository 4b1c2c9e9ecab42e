//! Records whose stored value is what it must be → sites.
//!
//! In: the section, sorted records, and a small key a symbol. Out: sites, and how many records were plain:
//! of the kinds that nearly all are, inside the section, without overlap, with the expected value. The
//! first that is not is left to the caller.

use crate::leb;
use crate::records::Entry;
use crate::scan;
use crate::site::{Class, Form, Site};

/// What the loop needs to know of a symbol.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Address or index.
    pub value: u32,
    /// 0 function, 1 data, 2 global, 3 section, 4 tag, 5 table (the numbers of Linking.md).
    pub kind: u8,
    /// What moves it.
    pub class: Class,
}

/// A section of code, or a custom one.
pub struct Section<'a> {
    /// The file up to the end of the section.
    pub bytes: &'a [u8],
    /// Where offsets start to count.
    pub base: usize,
    /// Gaps between records are scanned for padded operands.
    pub is_code: bool,
    /// The symbols.
    pub keys: &'a [Key],
}

/// What the loop found.
pub struct Found<'a> {
    /// End of the last record that was accepted.
    pub free: usize,
    /// Sites that move.
    pub sites: &'a mut Vec<Site>,
    /// Places that look like a padded operand without a record.
    pub padded: &'a mut Vec<usize>,
    /// Proved records by type.
    pub proved: &'a mut [u32; 27],
}

/// Accepts records from the front as long as they are plain; how many.
#[inline(never)]
pub fn plain(section: &Section<'_>, entries: &[Entry], found: &mut Found<'_>) -> usize {
    for (done, entry) in entries.iter().enumerate() {
        let form = entry.form();
        let at = section.base.saturating_add(entry.offset as usize);
        let Some(site) = section.bytes.get(at..) else {
            return done;
        };
        let Some(stored) = leb::read(site, form) else {
            return done;
        };
        if at < found.free
            || section.is_code && !can_be_operand(&section.bytes[..at], entry.ty, form)
        {
            return done;
        }
        let moves = if entry.ty == 6 {
            if stored != entry.index {
                return done;
            }
            false
        } else {
            let Some(key) = section.keys.get(entry.index as usize) else {
                return done;
            };
            match (entry.ty, key.kind) {
                // MEMORY_ADDR_LEB, _SLEB, _I32, _REL_SLEB of data symbols
                (3 | 4 | 5 | 11, 1)
                    if key.class == Class::Data
                        && stored == key.value.wrapping_add(entry.addend as u32) =>
                {
                    true
                }
                // FUNCTION_INDEX_LEB, GLOBAL_INDEX_LEB, TABLE_NUMBER_LEB
                (0, 0) | (7, 2) | (20, 5) if stored == key.value => false,
                _ => return done,
            }
        };
        if section.is_code {
            scan::padded_inline(section.bytes, found.free..at, found.padded);
        }
        found.free = at + form.width();
        found.proved[entry.ty as usize] += 1;
        if moves {
            found.sites.push(Site::new(at as u32, form, Class::Data));
        }
    }
    entries.len()
}

/// Whether a site in code can be an operand: `before` ends where it starts.
#[inline]
pub fn can_be_operand(before: &[u8], ty: u8, form: Form) -> bool {
    let [.., fourth, third, second, first] = *before else {
        return false;
    };
    match ty {
        _ if form == Form::Word => false,
        // i32.const
        1 | 4 | 11 | 12 => first == 0x41,
        // A load or store: opcode and alignment; SIMD and atomic ones have a prefix and one or two bytes of
        // opcode.
        3 => {
            first < 0x20
                && (matches!(second, 0x28..=0x3e) || matches!(third, 0xfd | 0xfe) || fourth == 0xfd)
        }
        // call, return_call, ref.func
        0 => matches!(first, 0x10 | 0x12 | 0xd2),
        // global.get, global.set
        7 => matches!(first, 0x23 | 0x24),
        _ => true,
    }
}
