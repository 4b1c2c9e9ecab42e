//! The patch sites: 5-byte padded LEB128 and 32-bit words, read and written in place.
//!
//! In: a slice of exactly the site's bytes. Out: its value, or `None` if it is not of that form.
//! (Everything else is read with `wasmparser`.)

use crate::model::Form;

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

#[inline]
const fn low28(word: u32) -> u32 {
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
            let Some(site) = bytes.first_chunk_mut::<4>() else { return };
            *site = u32::from_le_bytes(*site).wrapping_add(delta).to_le_bytes();
        }
        Form::Leb | Form::Sleb => {
            let Some(site) = bytes.first_chunk_mut::<5>() else { return };
            let word = u32::from_le_bytes([site[0], site[1], site[2], site[3]]);
            let value = (low28(word) | (site[4] as u32) << 28).wrapping_add(delta);
            let [a, b, c, d] = spread28(value).to_le_bytes();
            let last = match form {
                Form::Sleb => (value as i32 >> 28) as u8 & 0x7f,
                _ => (value >> 28) as u8,
            };
            *site = [a, b, c, d, last];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_lebs_go_round() {
        for value in [0u32, 1, 63, 64, 127, 128, 65536, 0x0fff_ffff, 0x1000_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
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
