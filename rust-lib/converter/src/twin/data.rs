//! The initial memory, byte by byte.
//!
//! In: the images of all twins. Out: the words that follow a move. A word that follows differs first in the byte
//! that holds the lowest bit of the distance, so where it begins is known, at whatever address it lies.

use std::ops::Range;

use super::distance::{Distances, Follows};
use super::shape::{Slots, mismatch};
use super::{Report, Twin};
use crate::draft::Word;
use crate::error::Problem;
use crate::image::{Image, Ranges, join};
use wasm_share_relocator::wasm::Segment;

/// As many bytes around what is written can belong to a word of which zeros are not in the file.
const MARGIN: u64 = 4;

/// So many differences are said.
const MOST: usize = 8;

/// What the comparison of the memory found.
#[derive(Default)]
pub struct Compared {
    /// Words that follow, by address.
    pub words: Vec<(u32, Word)>,
    /// What the segments of the module or of a twin write, with a margin.
    pub ranges: Ranges,
    /// The lowest address that a word holds.
    pub lowest: Option<u64>,
    /// The word that holds the highest: where it is in the file, and what it holds.
    pub highest: Option<(usize, u32)>,
}

/// Compares all bytes that any of the modules writes.
///
/// # Errors
/// `twin_mismatch`, a few at most.
pub fn compare(
    base: &Twin<'_>,
    image: &Image<'_>,
    others: &[Twin<'_>],
    distances: &Distances,
    slots: &Slots,
    report: &mut Report,
) -> core::result::Result<Compared, Vec<Problem>> {
    let mut images = Vec::with_capacity(others.len());
    for other in others {
        images.push(super::image(other).map_err(|problem| vec![problem])?);
    }
    let mut ranges = image.ranges(0, MARGIN);
    for (image, distance) in images.iter().zip(&distances.data) {
        ranges.extend(image.ranges((*distance).into(), MARGIN));
    }
    let mut found = Compared {
        ranges: join(ranges),
        ..Compared::default()
    };
    let mut problems = Vec::new();
    for range in &found.ranges {
        let mine = image.bytes(range.clone());
        let pairs = images.iter().zip(&distances.data);
        let theirs: Vec<Vec<u8>> = pairs
            .map(|(image, distance)| {
                let distance = u64::from(*distance);
                image.bytes(range.start + distance..range.end + distance)
            })
            .collect();
        let mut free = 0;
        let mut at = 0;
        while let Some(next) = next_difference(&mine, &theirs, at) {
            let Some((start, word)) = word(&mine, &theirs, free..next, distances, slots) else {
                problems.push(differs(base, range, next, &mine, &theirs));
                if problems.len() >= MOST {
                    return Err(problems);
                }
                at = next + 4;
                continue;
            };
            let value = read(&mine, start);
            match word {
                Word::Address => {
                    report.data += 1;
                    if found.highest.is_none_or(|(_, highest)| value > highest) {
                        let address = range.start + start as u64;
                        found.highest = Some((offset(base, address), value));
                    }
                    let value = u64::from(value);
                    found.lowest = Some(found.lowest.map_or(value, |low| low.min(value)));
                }
                Word::Slot(_) => report.slots += 1,
            }
            found
                .words
                .push(((range.start + start as u64) as u32, word));
            free = start + 4;
            at = free;
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// The next byte that is not the same everywhere.
fn next_difference(mine: &[u8], theirs: &[Vec<u8>], from: usize) -> Option<usize> {
    let first = |other: &Vec<u8>| {
        let pairs = mine.iter().zip(other).skip(from);
        { pairs }.position(|(a, b)| a != b).map(|at| at + from)
    };
    theirs.iter().filter_map(first).min()
}

fn read(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The word that explains the difference at `free.end`, if exactly one does. It cannot begin before
/// `free.start`.
fn word(
    mine: &[u8],
    theirs: &[Vec<u8>],
    free: Range<usize>,
    distances: &Distances,
    slots: &Slots,
) -> Option<(usize, Word)> {
    let mut found = None;
    for list in [&distances.data, &distances.slots] {
        // The lowest bit of the distance always differs, and nothing below it does.
        let Some(byte) = list
            .iter()
            .map(|distance| distance.trailing_zeros() as usize / 8)
            .min()
        else {
            continue;
        };
        let Some(start) = free
            .end
            .checked_sub(byte)
            .filter(|start| *start >= free.start)
        else {
            continue;
        };
        if start + 4 > mine.len() {
            continue;
        }
        let value = read(mine, start);
        let values: Vec<u64> = theirs
            .iter()
            .map(|other| read(other, start).into())
            .collect();
        let word = match distances.explain(value.into(), &values, 32) {
            Ok(Follows::Address) => Word::Address,
            Ok(Follows::Slot) => Word::Slot(slots.function(value)?),
            _ => continue,
        };
        match found {
            Some(other) if other != (start, word) => return None,
            _ => found = Some((start, word)),
        }
    }
    found
}

/// Where the byte of an address is in the file; 0 for one that is not there.
fn offset(base: &Twin<'_>, address: u64) -> usize {
    let start = |segment: &Segment| segment.address.map_or(0, |address| u64::from(address.0));
    let mut segments = base.module.segments.iter();
    let segment = segments.find(|segment| {
        let start = start(segment);
        (start..start + segment.bytes.len() as u64).contains(&address)
    });
    segment.map_or(0, |segment| {
        segment.bytes.start + (address - start(segment)) as usize
    })
}

fn differs(
    base: &Twin<'_>,
    range: &Range<u64>,
    at: usize,
    mine: &[u8],
    theirs: &[Vec<u8>],
) -> Problem {
    let address = range.start + at as u64;
    let show = |bytes: &[u8]| {
        let part = &bytes[at..bytes.len().min(at + 4)];
        part.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let others: Vec<String> = theirs.iter().map(|other| show(other)).collect();
    let offset = offset(base, address);
    let what = format!(
        "it has the bytes {} where the module has {} at address {address:#x}",
        others.join(" and "),
        show(mine)
    );
    mismatch(what, "data", offset)
}

/// The segments to write: everything that some twin writes, from the first address of the data on, and an empty
/// one at its end. So a reader sees how far the data reaches although zeros are not in the file.
pub fn segments(image: &Image<'_>, ranges: Ranges, low: u64, end: u64) -> Vec<(u32, Vec<u8>)> {
    if end <= low {
        return Vec::new();
    }
    let mut out: Vec<(u32, Vec<u8>)> = Vec::with_capacity(ranges.len() + 2);
    if ranges.first().is_none_or(|range| range.start > low) {
        out.push((low as u32, vec![0]));
    }
    for range in ranges {
        let range = range.start.max(low)..range.end.min(end);
        if !range.is_empty() {
            out.push((range.start as u32, image.bytes(range)));
        }
    }
    out.push((end as u32, Vec::new()));
    out
}
