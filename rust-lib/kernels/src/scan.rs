//! Scans: padded operands in code, words that look like addresses, runs of zeros in data.
//!
//! In: bytes and a range. Out: places.

use core::ops::Range;

/// A run of zeros inside a segment is left out if it is at least this long: a segment's header costs
/// up to 12 bytes, and many small segments cost time when a module is instantiated.
const MIN_RUN: usize = 64;

/// Finds what looks like a padded 5-byte operand of an instruction that takes an index or an address:
/// four bytes with the high bit set, then 0x00 or 0x7f, behind a byte that can be such an instruction.
/// Only `gap` is searched; `bytes` go on behind it.
#[inline(never)]
pub fn padded(bytes: &[u8], gap: Range<usize>, found: &mut Vec<usize>) {
    padded_inline(bytes, gap, found);
}

/// [`padded`], for the loop over records.
#[inline(always)]
pub(crate) fn padded_inline(bytes: &[u8], gap: Range<usize>, found: &mut Vec<usize>) {
    // Sixteen bytes hold thirteen starts of a run of four.
    const STARTS: usize = 13;
    let mut at = gap.start;
    while at + 5 <= gap.end {
        let high = match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(window) => high_bits(window),
            None => last_high_bits(&bytes[at..]),
        };
        let pairs = high & (high >> 1);
        let mut runs = pairs & (pairs >> 2) & ((1 << STARTS) - 1);
        let room = gap.end - at - 4;
        if room < STARTS {
            runs &= (1 << room) - 1;
        }
        if runs != 0 {
            check_runs(bytes, at, runs, found);
        }
        at += STARTS;
    }
}

/// The high bit of each byte, the first byte's lowest.
#[inline(always)]
fn high_bits(window: &[u8; 16]) -> u32 {
    // The product gathers the eight bits in the top byte.
    let gather =
        |word: u64| ((word & 0x8080_8080_8080_8080) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let word = u128::from_le_bytes(*window);
    (gather(word as u64) | gather((word >> 64) as u64) << 8) as u32
}

#[cold]
#[inline(never)]
fn last_high_bits(rest: &[u8]) -> u32 {
    let mut window = [0; 16];
    for (to, from) in window.iter_mut().zip(rest) {
        *to = *from;
    }
    high_bits(&window)
}

#[inline(never)]
fn check_runs(bytes: &[u8], at: usize, mut runs: u32, found: &mut Vec<usize>) {
    while runs != 0 {
        let start = at + runs.trailing_zeros() as usize;
        runs &= runs - 1;
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
                padded(&bytes, 1..bytes.len(), &mut found);
                assert_eq!(found, [lead + 1], "lead {lead} tail {tail}");
            }
        }
        let mut found = Vec::new();
        padded(&[0x80; 40], 0..40, &mut found);
        assert_eq!(found, [] as [usize; 0]);
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
