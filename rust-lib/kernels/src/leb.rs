//! The patch sites: 5-byte padded LEB128 and 32-bit words, read and written in place; and the numbers
//! of relocation records.
//!
//! In: a slice of exactly the site's bytes. Out: its value, or `None` if it is not of that form.
//! Everything else is read with `wasmparser`, whose reader costs a third of the whole run where there
//! are tens of thousands of records.

use crate::site::Form;

/// Reads a padded unsigned LEB128 of 5 bytes.
#[inline]
pub fn read_leb5(b: &[u8; 5]) -> Option<u32> {
    let word = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    if word & 0x8080_8080 != 0x8080_8080 || b[4] > 0x0f {
        return None;
    }
    Some(low28(word) | (b[4] as u32) << 28)
}

/// Reads a padded signed LEB128 of 5 bytes that fits 32 bits.
#[inline]
pub fn read_sleb5(b: &[u8; 5]) -> Option<u32> {
    let word = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    // Bits 4 to 6 of the last byte repeat bit 3: the sign of a 32-bit value.
    if word & 0x8080_8080 != 0x8080_8080 || !matches!(b[4], 0x00..=0x07 | 0x78..=0x7f) {
        return None;
    }
    Some(low28(word) | (b[4] as u32) << 28)
}

/// Reads the LEB128 numbers of records.
#[derive(Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// From an offset on, to the end of the slice.
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next byte is.
    pub fn position(&self) -> usize {
        self.at
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Goes on from there.
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Whether nothing is left.
    pub fn eof(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Passes over `length` bytes; where they lie.
    #[inline]
    pub fn skip(&mut self, length: usize) -> Option<core::ops::Range<usize>> {
        let start = self.at;
        let end = start
            .checked_add(length)
            .filter(|end| *end <= self.bytes.len())?;
        self.at = end;
        Some(start..end)
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// An unsigned number that is nearly always below 128.
    #[inline(always)]
    pub(crate) fn small(&mut self) -> Option<u32> {
        match self.bytes.get(self.at) {
            Some(byte @ 0..0x80) => {
                self.at += 1;
                Some(u32::from(*byte))
            }
            _ => self.unsigned(),
        }
    }

    /// An unsigned number of at most 5 bytes.
    #[inline(never)]
    pub fn unsigned(&mut self) -> Option<u32> {
        if let Some((value, length)) = self.bytes.get(self.at..).and_then(short) {
            self.at += length;
            return Some(value);
        }
        self.long()
    }

    fn long(&mut self) -> Option<u32> {
        let (value, bytes) = self.raw()?;
        (bytes < 5 || value >> 32 == 0).then_some(value as u32)
    }

    /// A signed number of at most 5 bytes.
    #[inline(never)]
    pub fn signed(&mut self) -> Option<i32> {
        // Nearly all addends are small and not negative.
        if let Some(byte @ 0..0x40) = self.bytes.get(self.at).copied() {
            self.at += 1;
            return Some(byte as i32);
        }
        self.long_signed()
    }

    fn long_signed(&mut self) -> Option<i32> {
        let (value, bytes) = self.raw()?;
        let unused = 64 - 7 * bytes;
        i32::try_from((value << unused) as i64 >> unused).ok()
    }

    #[inline]
    fn raw(&mut self) -> Option<(u64, u32)> {
        let mut value = 0;
        for bytes in 0..5 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * bytes);
            if byte & 0x80 == 0 {
                return Some((value, bytes + 1));
            }
        }
        None
    }
}

/// An unsigned number of at most 4 bytes, and their number, if four can be looked at.
#[inline(always)]
pub(crate) fn short(bytes: &[u8]) -> Option<(u32, usize)> {
    let word = u32::from_le_bytes(*bytes.first_chunk()?);
    if word & 0x80 == 0 {
        return Some((word & 0x7f, 1));
    }
    if word & 0x8000 == 0 {
        return Some((word & 0x7f | word >> 1 & 0x3f80, 2));
    }
    let three = low21(word);
    if word & 0x80_0000 == 0 {
        return Some((three, 3));
    }
    if word & 0x8000_0000 == 0 {
        return Some((three | word >> 3 & 0xfe0_0000, 4));
    }
    None
}

/// The 21 bits of three bytes.
#[inline(always)]
pub(crate) const fn low21(word: u32) -> u32 {
    word & 0x7f | word >> 1 & 0x3f80 | word >> 2 & 0x1f_c000
}

/// The 28 bits of four bytes.
#[inline]
pub const fn low28(word: u32) -> u32 {
    (word & 0x7f) | (word >> 1 & 0x7f << 7) | (word >> 2 & 0x7f << 14) | (word >> 3 & 0x7f << 21)
}

#[inline]
const fn spread28(value: u32) -> u32 {
    0x8080_8080
        | (value & 0x7f)
        | (value & 0x7f << 7) << 1
        | (value & 0x7f << 14) << 2
        | (value & 0x7f << 21) << 3
}

/// Reads the value at a site.
#[inline]
pub fn read(bytes: &[u8], form: Form) -> Option<u32> {
    match form {
        Form::Leb => read_leb5(bytes.first_chunk()?),
        Form::Sleb => read_sleb5(bytes.first_chunk()?),
        Form::Word => Some(u32::from_le_bytes(*bytes.first_chunk()?)),
    }
}

/// Adds `delta` to the value at a site, modulo 2^32. `bytes` starts at the site and has its width.
#[inline]
pub fn add(bytes: &mut [u8], form: Form, delta: u32) {
    match form {
        Form::Word => {
            let Some(site) = bytes.first_chunk_mut::<4>() else {
                return;
            };
            *site = u32::from_le_bytes(*site).wrapping_add(delta).to_le_bytes();
        }
        Form::Leb | Form::Sleb => {
            let Some(site) = bytes.first_chunk_mut::<5>() else {
                return;
            };
            let word = u32::from_le_bytes([site[0], site[1], site[2], site[3]]);
            let value = (low28(word) | (site[4] as u32) << 28).wrapping_add(delta);
            let [a, b, c, d] = spread28(value).to_le_bytes();
            // Without a branch: which form comes next cannot be predicted.
            let sign = (value as i32 >> 31) as u8 & 0x70 & (form as u8).wrapping_neg();
            let last = (value >> 28) as u8 | sign;
            *site = [a, b, c, d, last];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_reads_what_wasmparser_reads() {
        let mut bytes = Vec::new();
        let mut state = 1u32;
        for _ in 0..200_000 {
            bytes.clear();
            for _ in 0..6 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                bytes.push((state >> 8) as u8 | if state & 3 != 0 { 0x80 } else { 0 });
            }
            let mut ours = Cursor::new(&bytes, 0);
            let mut theirs = wasmparser::BinaryReader::new(&bytes, 0);
            let (a, b) = (ours.unsigned(), theirs.read_var_u32().ok());
            assert_eq!(a, b, "{bytes:x?}");
            if a.is_some() {
                assert_eq!(ours.position(), theirs.current_position());
            }
            let mut ours = Cursor::new(&bytes, 0);
            let mut theirs = wasmparser::BinaryReader::new(&bytes, 0);
            assert_eq!(ours.signed(), theirs.read_var_i32().ok(), "{bytes:x?}");
        }
    }

    #[test]
    fn padded_lebs_go_round() {
        for value in [
            0u32,
            1,
            63,
            64,
            127,
            128,
            65536,
            0x0fff_ffff,
            0x1000_0000,
            0x7fff_ffff,
            0x8000_0000,
            u32::MAX,
        ] {
            let mut leb = [0x80, 0x80, 0x80, 0x80, 0];
            add(&mut leb, Form::Leb, value);
            assert_eq!(read_leb5(&leb), Some(value));
            let mut r = wasmparser::BinaryReader::new(&leb, 0);
            assert_eq!(r.read_var_u32().unwrap(), value);
            let mut sleb = [0x80, 0x80, 0x80, 0x80, 0];
            add(&mut sleb, Form::Sleb, value);
            assert_eq!(read_sleb5(&sleb), Some(value), "{sleb:x?}");
            let mut r = wasmparser::BinaryReader::new(&sleb, 0);
            assert_eq!(r.read_var_i32().unwrap(), value as i32);
        }
        assert_eq!(read_leb5(&[0x80, 0x80, 0x80, 0x00, 0x00]), None);
        assert_eq!(read_leb5(&[0x80, 0x80, 0x80, 0x80, 0x10]), None);
        assert_eq!(read_sleb5(&[0x80, 0x80, 0x80, 0x80, 0x08]), None);
    }
}
