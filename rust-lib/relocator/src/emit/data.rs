//! Data segments: new addresses, patched words, no runs of zeros.
//!
//! In: the segments, their sites, the plan. Out: the data section. First everything is reserved (which
//! pieces, at which addresses, how long), then it is written in the same order; the section fails unless
//! the reserved space is used exactly.

use super::{Move, Parts, leb_len, section, sections, sleb_len, wrong};
use crate::error::Result;
use crate::inspect::Inspected;
use crate::model::{Class, Site, Span};
use crate::sort;
use crate::text::text;
use crate::wasm::{Section, Segment, id, reader};
use core::ops::Range;
use wasm_encoder::Encode;
use wasm_share_kernels::scan::nonzero_runs;

/// What will be written.
pub struct Data {
    pieces: Vec<Piece>,
    size: usize,
    renumbers: bool,
}

struct Piece {
    address: u32,
    bytes: Range<usize>,
}

impl Data {
    /// Decides what is written.
    pub fn reserve(bytes: &[u8], found: &Inspected, to: &Move<'_>) -> Data {
        let segments = &found.module.segments;
        let trim = to.trim && to.strip && can_trim(found);
        let mut pieces = Vec::with_capacity(segments.len());
        let index = found.module.section(id::DATA).map(|(index, _)| index);
        let mut sites = index.map_or(&[][..], |index| found.sites.of(index));
        for segment in segments {
            // Passive segments are refused before.
            let Some(address) = segment.address else {
                continue;
            };
            let address = address.0.wrapping_add(to.deltas.of(Class::Data));
            let runs = match trim {
                true => nonzero_runs(&bytes[segment.bytes.clone()]),
                false => Vec::new(),
            };
            if trim && hold_sites(&runs, segment, &mut sites) {
                for run in runs {
                    pieces.push(Piece {
                        address: address.wrapping_add(run.start as u32),
                        bytes: segment.bytes.start + run.start..segment.bytes.start + run.end,
                    });
                }
            } else {
                pieces.push(Piece {
                    address,
                    bytes: segment.bytes.clone(),
                });
            }
        }
        let size = leb_len(pieces.len() as u32) + pieces.iter().map(Piece::size).sum::<usize>();
        Data {
            renumbers: pieces.len() != segments.len(),
            pieces,
            size,
        }
    }

    /// Whether segments got other numbers.
    pub fn renumbers(&self) -> bool {
        self.renumbers
    }

    /// Writes the section.
    pub fn write(&self, found: &Inspected, to: &Move<'_>, out: &mut Parts) -> Result<()> {
        let Some((index, _)) = found.module.section(id::DATA) else {
            return Ok(());
        };
        let mut sites = found.sites.of(index).iter().peekable();
        out.made.push(id::DATA);
        (self.size as u32).encode(&mut out.made);
        let start = out.len();
        (self.pieces.len() as u32).encode(&mut out.made);
        for piece in &self.pieces {
            out.made.push(0);
            sections::i32_const(piece.address, &mut out.made);
            (piece.bytes.len() as u32).encode(&mut out.made);
            while let Some(site) = sites.next_if(|s| s.offset() < piece.bytes.end) {
                if site.offset() < piece.bytes.start {
                    return Err(wrong(text!("a site in data lies in a run of zeros")));
                }
                let part = site.offset()..site.offset() + site.form().width();
                if part.end > piece.bytes.end {
                    return Err(wrong(text!("a site in data crosses a segment")));
                }
                let part = &mut out.file[part];
                wasm_share_kernels::leb::add(part, site.form(), to.deltas.of(site.class()));
            }
            out.keep(piece.bytes.clone());
        }
        if sites.next().is_some() || out.len() - start != self.size {
            return Err(wrong(text!(
                "the data section does not use its reserved space exactly"
            )));
        }
        Ok(())
    }
}

impl Piece {
    fn size(&self) -> usize {
        3 + sleb_len(self.address as i32) + leb_len(self.bytes.len() as u32) + self.bytes.len()
    }
}

/// Whether each site of a segment lies whole in one run. (A word that is not aligned can be half zero.)
fn hold_sites(runs: &[Range<usize>], segment: &Segment, sites: &mut &[Site]) -> bool {
    let mut runs = runs.iter().peekable();
    while let Some((site, rest)) = sites.split_first() {
        let Some(start) = site.offset().checked_sub(segment.bytes.start) else {
            *sites = rest;
            continue;
        };
        if site.offset() >= segment.bytes.end {
            break;
        }
        while runs.next_if(|run| run.end <= start).is_some() {}
        let end = start + site.form().width();
        if !runs
            .peek()
            .is_some_and(|run| run.start <= start && end <= run.end)
        {
            return false;
        }
        *sites = rest;
    }
    true
}

/// Zeros can go if nothing else writes to their place: not if segments overlap, not if code refers to
/// segments by number, not if a site stores 0.
fn can_trim(found: &Inspected) -> bool {
    if found.sites.zero_sites || found.module.section(id::DATA_COUNT).is_some() {
        return false;
    }
    let mut spans: Vec<Span> = found
        .module
        .segments
        .iter()
        .filter(|s| !s.bytes.is_empty())
        .filter_map(|s| {
            Some(Span::new(
                s.address?.0 as u64,
                s.address?.0 as u64 + s.bytes.len() as u64,
            ))
        })
        .collect();
    sort::by_key(&mut spans, |s| s.start as u32);
    !spans.windows(2).any(|pair| pair[0].overlaps(pair[1]))
}

/// The `name` section without the names of data segments, which are no longer true.
pub fn names_without_segments(bytes: &[u8], old: &Section, out: &mut Vec<u8>) -> Result<()> {
    const DATA_NAMES: u8 = 9;
    let mut body = Vec::with_capacity(old.body.len() + 5);
    "name".encode(&mut body);
    let mut r = reader(bytes, &old.body);
    while !r.eof() {
        let start = r.original_position() as usize;
        let Ok(kind) = r.read_u8() else { break };
        if r.read_reader().is_err() {
            break;
        }
        if kind != DATA_NAMES {
            body.extend_from_slice(&bytes[start..r.original_position() as usize]);
        }
    }
    section(id::CUSTOM, &body, out);
    Ok(())
}
