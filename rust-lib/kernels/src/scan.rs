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
    // Of any four bytes in a row exactly one lies at a multiple of four from the start: look only at
    // those, two at once, and around one only if its high bit is set.
    let mut at = gap.start + 3;
    while at < gap.end {
        let Some(window) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            return around(bytes, at..gap.end, gap.end, found);
        };
        let word = u64::from_le_bytes(*window);
        if word & 0x80_0000_0080 != 0 && (has_run(bytes, at - 3) || has_run(bytes, at + 1)) {
            around(bytes, at..at + 8, gap.end, found);
        }
        at += 8;
    }
}

/// Whether four of the eight bytes from `start` on have the high bit set in a row. At the end of the
/// bytes it may be.
#[inline(always)]
fn has_run(bytes: &[u8], start: usize) -> bool {
    let Some(window) = bytes.get(start..).and_then(|rest| rest.first_chunk()) else {
        return true;
    };
    let high = u64::from_le_bytes(*window) & 0x8080_8080_8080_8080;
    let pairs = high & (high >> 8);
    pairs & (pairs >> 16) != 0
}

/// Looks at every start of a run that covers one of the bytes of `part` and ends before it does.
#[inline(never)]
fn around(bytes: &[u8], part: Range<usize>, end: usize, found: &mut Vec<usize>) {
    for start in part.start - 3..part.end {
        let Some([a, b, c, d, last]) = bytes[..end].get(start..start + 5) else {
            return;
        };
        if a & b & c & d & 0x80 != 0
            && matches!(last, 0x00 | 0x7f)
            && found.last().is_none_or(|last| *last < start)
            && can_be_operand(bytes, start)
        {
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
/// multiples of 16 from the segment's start, so that no 32-bit word that a site patches is cut.
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
}
