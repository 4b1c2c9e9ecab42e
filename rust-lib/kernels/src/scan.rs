//! Scans: padded operands in code, words that look like addresses, runs of zeros in data.
//!
//! In: bytes, and where to look or not to look. Out: places.

use core::ops::Range;

/// A run of zeros inside a segment is left out if it is at least this long: a segment's header costs
/// up to 12 bytes, and many small segments cost time when a module is instantiated.
const MIN_RUN: usize = 64;

/// Where in code no padded operand without a record can end: a bit for the fourth byte of each that would share a
/// byte with an operand that has a record.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    bits: Vec<u8>,
    base: usize,
}

impl Cover {
    /// For a section of code.
    pub fn new(body: Range<usize>) -> Self {
        Self {
            bits: vec![0; body.len() / 8 + 16],
            base: body.start,
        }
    }

    /// An operand of five bytes.
    pub fn add(&mut self, at: usize) {
        self.writer().add(at);
    }

    /// For many operands.
    #[inline]
    pub(crate) fn writer(&mut self) -> Writer<'_> {
        Writer {
            bits: &mut self.bits,
            base: self.base,
        }
    }

    /// The bits of 64 bytes from an offset in the section on.
    #[inline(always)]
    fn word(&self, at: usize) -> u64 {
        match self
            .bits
            .get(at / 8 + 1..)
            .and_then(|rest| rest.first_chunk())
        {
            Some(word) => u64::from_le_bytes(*word),
            None => 0,
        }
    }
}

/// Writes into a [`Cover`].
pub(crate) struct Writer<'a> {
    bits: &'a mut [u8],
    base: usize,
}

impl Writer<'_> {
    /// An operand of five bytes.
    #[inline(always)]
    pub(crate) fn add(&mut self, at: usize) {
        // Others that share a byte start up to four bytes before or behind, and their fourth byte is three behind
        // that: one before to seven behind. The first byte of `bits` is for what lies before the section.
        let bit = at.wrapping_sub(self.base).wrapping_add(8 - 1);
        if let Some(Some(bytes)) = self.bits.get_mut(bit >> 3..).map(|b| b.first_chunk_mut()) {
            *bytes = (u16::from_le_bytes(*bytes) | 0x1ff << (bit & 7)).to_le_bytes();
        }
    }
}

/// Finds what looks like a padded 5-byte operand of an instruction that takes an index or an address, and shares
/// no byte with one that has a record: four bytes with the high bit set, then 0x00 or 0x7f, behind a byte that can
/// be such an instruction. `code` is the file up to the end of the section.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub fn padded(code: &[u8], cover: &Cover, found: &mut Vec<usize>) {
    const STEP: usize = 64;
    let body = code.get(cover.base..).unwrap_or(&[]);
    let mut last_high = 0u64;
    let mut last_pairs = 0u64;
    let mut at = 0;
    while at < body.len() {
        let high = match body.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(block) => high_bits(block),
            None => last_high_bits(&body[at..]),
        };
        let pairs = high & (high << 1 | last_high >> 63);
        let ends = pairs & (pairs << 2 | last_pairs >> 62) & !cover.word(at);
        last_high = high;
        last_pairs = pairs;
        if ends != 0 {
            check_runs(code, cover.base + at, ends, found);
        }
        at += STEP;
    }
}

/// The high bit of each byte, the first byte's lowest.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn high_bits(block: &[u8; 64]) -> u64 {
    // The product gathers the eight bits in the top byte.
    let gather =
        |word: u64| ((word & 0x8080_8080_8080_8080) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (words, _) = block.as_chunks::<8>();
    let mut bits = 0;
    for (at, word) in words.iter().enumerate() {
        bits |= gather(u64::from_le_bytes(*word)) << (at * 8);
    }
    bits
}

/// The high bit of each byte, the first byte's lowest.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
#[inline]
fn high_bits(block: &[u8; 64]) -> u64 {
    use core::arch::wasm32::{u8x16_bitmask, u64x2};
    let (words, _) = block.as_chunks::<8>();
    let word = |at: usize| u64::from_le_bytes(words[at]);
    let bits = |low: usize| u32::from(u8x16_bitmask(u64x2(word(low), word(low + 1))));
    u64::from(bits(0) | bits(2) << 16) | u64::from(bits(4) | bits(6) << 16) << 32
}

#[cold]
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn last_high_bits(rest: &[u8]) -> u64 {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(rest) {
        *to = *from;
    }
    high_bits(&block)
}

#[inline(never)]
fn check_runs(bytes: &[u8], at: usize, mut ends: u64, found: &mut Vec<usize>) {
    while ends != 0 {
        let start = at + ends.trailing_zeros() as usize - 3;
        ends &= ends - 1;
        let last = bytes.get(start + 4);
        if matches!(last, Some(0x00 | 0x7f)) && can_be_operand(bytes, start) {
            found.push(start);
        }
    }
}

/// Whether the bytes before `at` can be an instruction whose operand a linker pads.
fn can_be_operand(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).map_or(0, |i| bytes[i]);
    match before(1) {
        // i32.const
        0x41 => is_redundant(bytes, at, true),
        // call, call_indirect and their tail calls, global.get and .set, ref.func
        0x10..=0x13 | 0x23 | 0x24 | 0xd2 => is_redundant(bytes, at, false),
        // The alignment of a load or store.
        0x00..0x20 => {
            matches!(before(2), 0x28..=0x3e)
                || matches!(before(3), 0xfd | 0xfe)
                || before(4) == 0xfd
        }
        _ => false,
    }
}

/// Whether the LEB128 at `at` says in five bytes what fewer could say.
pub fn is_redundant(bytes: &[u8], at: usize, signed: bool) -> bool {
    let (fourth, last) = (bytes[at + 3], bytes[at + 4]);
    match (last, signed) {
        (0x00, false) => true,
        (0x00, true) => fourth & 0x40 == 0,
        (0x7f, true) => fourth & 0x40 != 0,
        _ => false,
    }
}

/// Where `memory.size` or `memory.grow` of memory 0 can be: a byte 0x3f or 0x40 before a byte 0.
#[inline(never)]
pub fn size_or_grow(bytes: &[u8], range: Range<usize>) -> Vec<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each byte that is 0, and of some behind such a byte.
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let is = |at: usize| matches!(bytes[at], 0x3f | 0x40) && bytes[at + 1] == 0;
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(Some(window)) = bytes.get(at..range.end).map(|b| b.first_chunk::<9>()) {
        let word = u64::from_le_bytes(*window.first_chunk().unwrap_or(&[0; 8]));
        let next = u64::from_le_bytes(*window.last_chunk().unwrap_or(&[0; 8]));
        if (zeros(word ^ (LOW * 0x3f)) | zeros(word ^ (LOW * 0x40))) & zeros(next) != 0 {
            found.extend((at..at + 8).filter(|at| is(*at)));
        }
        at += 8;
    }
    found.extend((at..range.end.saturating_sub(1)).filter(|at| is(*at)));
    found
}

/// Offsets of the aligned words whose value lies in `[low, low + length)`. `skew` is the offset of the first
/// aligned word.
#[inline(never)]
pub fn words_in(data: &[u8], skew: usize, low: u32, length: u32, out: &mut Vec<usize>) {
    let Some(aligned) = data.get(skew..) else {
        return;
    };
    for (at, word) in aligned.chunks_exact(4).enumerate() {
        let value = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        if value.wrapping_sub(low) < length {
            out.push(skew + at * 4);
        }
    }
}

/// What is left of a segment without leading, trailing and long runs of zeros. Runs start and end at
/// multiples of 16 from the segment's start, so that no aligned word is cut.
#[inline(never)]
pub fn nonzero_runs(data: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, block) in data.chunks(16).enumerate() {
        if block.iter().all(|b| *b == 0) {
            continue;
        }
        let block = at * 16..at * 16 + block.len();
        match runs.last_mut() {
            Some(last) if block.start - last.end < MIN_RUN => last.end = block.end,
            _ => runs.push(block),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_finds_every_run_at_every_offset() {
        for lead in 0..9 {
            for tail in 0..9 {
                let mut bytes = vec![0x01; lead];
                bytes.push(0x41);
                bytes.extend([0x81, 0x82, 0x83, 0x84, 0x00]);
                bytes.extend(vec![0x02; tail]);
                let mut found = Vec::new();
                padded(&bytes, &Cover::new(1..bytes.len()), &mut found);
                assert_eq!(found, [lead + 1], "lead {lead} tail {tail}");
            }
        }
        let mut found = Vec::new();
        padded(&[0x80; 40], &Cover::new(0..40), &mut found);
        assert_eq!(found, [] as [usize; 0]);
    }

    #[test]
    fn padded_finds_what_a_look_at_each_place_finds() {
        let mut state = 1u32;
        let mut dice = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let (mut all, mut covered) = (0, 0);
        for _ in 0..20_000 {
            // Opcodes, padded operands, and bytes that are part of neither.
            let start = 4 + dice() as usize % 70;
            let mut bytes = vec![0x41; start];
            while bytes.len() < start + 300 {
                match dice() % 4 {
                    0 => bytes.push(dice() as u8 | 0x80),
                    1 => bytes.extend([0x41, 0x81, 0x80, 0x80, 0x80, 0x00]),
                    2 => bytes.extend([0x10, 0x80, 0x80, 0x80, 0x80, 0x00]),
                    _ => bytes.push(dice() as u8 & 0x7f),
                }
            }
            bytes.truncate(start + 200 + dice() as usize % 100);
            let mut cover = Cover::new(start..bytes.len());
            let mut operands = Vec::new();
            for at in start + 1..bytes.len() - 4 {
                if dice() % 16 == 0 {
                    operands.push(at);
                    cover.add(at);
                }
            }
            let mut expected = Vec::new();
            for at in start..bytes.len() - 4 {
                let high = bytes[at..at + 4].iter().all(|b| *b >= 0x80);
                if high && matches!(bytes[at + 4], 0 | 0x7f) && can_be_operand(&bytes, at) {
                    all += 1;
                    match operands.iter().any(|o| o.abs_diff(at) < 5) {
                        true => covered += 1,
                        false => expected.push(at),
                    }
                }
            }
            let mut found = Vec::new();
            padded(&bytes, &cover, &mut found);
            assert_eq!(found, expected, "{start} {operands:?} {bytes:x?}");
        }
        assert!(covered > all / 4 && covered < all, "{covered} of {all}");
    }

    #[test]
    fn zeros_at_both_ends_and_long_runs_go() {
        let mut data = vec![0; 400];
        data[40] = 1;
        data[70] = 2; // 16 zeros between blocks: kept together
        data[300] = 3;
        assert_eq!(nonzero_runs(&data), [32..80, 288..304]);
        assert_eq!(nonzero_runs(&[0; 100]), []);
        assert_eq!(nonzero_runs(&[1; 20]), vec![0..20]);
    }

    #[test]
    fn every_size_and_grow_is_found_at_any_place() {
        for at in 0..40 {
            for code in [0x3f, 0x40] {
                let mut bytes = vec![1; 43];
                bytes[at] = code;
                bytes[at + 1] = 0;
                let found = super::size_or_grow(&bytes, 0..bytes.len());
                assert_eq!(found, [at]);
                assert_eq!(super::size_or_grow(&bytes, 0..at + 1), [0; 0]);
                assert_eq!(super::size_or_grow(&bytes, 0..at + 2), [at]);
            }
        }
        assert_eq!(super::size_or_grow(&[0x40, 0x40, 0, 0, 0x3f], 0..5), [1]);
    }
}
