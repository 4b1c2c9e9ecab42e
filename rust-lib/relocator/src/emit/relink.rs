//! `linking` and `reloc.*` of a module that is to be moved again.
//!
//! In: the old sections and what moved. Out: the same sections, true for the new file. Symbols of data
//! are relative to their segment and stay; what changes are the addresses of ABSOLUTE symbols, section
//! indices (an import section may be new, a memory section gone), and offsets of records in data (the
//! headers of segments change their length).

use super::{Move, custom};
use crate::error::Result;
use crate::ids::SectionIndex;
use crate::inspect::relocs::RelocSection;
use crate::inspect::{Inspected, linking, types};
use crate::model::Class;
use crate::wasm::{Section, id, reader, text};
use wasm_encoder::Encode;
use wasmparser::SymbolFlags;

/// New section numbers, and the sections that are written when all numbers are known.
pub struct Numbers {
    new: Vec<Option<u32>>,
    later: Vec<(SectionIndex, Section)>,
}

impl Numbers {
    /// For a module with this many sections.
    pub fn new(sections: usize) -> Self {
        Self {
            new: vec![None; sections],
            later: Vec::new(),
        }
    }

    /// A section's new number.
    pub fn set(&mut self, old: SectionIndex, new: u32) {
        self.new[old.ix()] = Some(new);
    }

    /// Puts a section off.
    pub fn later(&mut self, index: SectionIndex, section: Section) {
        self.later.push((index, section));
    }

    fn of(&self, old: u32) -> u32 {
        self.new
            .get(old as usize)
            .copied()
            .flatten()
            .unwrap_or(u32::MAX)
    }
}

/// Writes the sections that were put off.
pub fn write(
    bytes: &[u8],
    found: &Inspected,
    to: &Move<'_>,
    numbers: &Numbers,
    out: &mut Vec<u8>,
) -> Result<()> {
    for (_, section) in &numbers.later {
        let name = text(bytes, &section.name);
        let body = if name == "linking" {
            symbols(bytes, found, to, numbers, section)?
        } else {
            records(bytes, found, to, numbers, section)?
        };
        custom(name, &body, out);
    }
    Ok(())
}

/// The `linking` section with new addresses and section numbers.
fn symbols(
    bytes: &[u8],
    found: &Inspected,
    to: &Move<'_>,
    numbers: &Numbers,
    old: &Section,
) -> Result<Vec<u8>> {
    let mut r = reader(bytes, &old.body);
    let mut body = Vec::with_capacity(old.body.len() + 16);
    r.read_var_u32()?.encode(&mut body);
    while !r.eof() {
        let kind = r.read_u8()?;
        let sub = r.read_reader()?;
        body.push(kind);
        if kind != 8 {
            let range = sub.range();
            bytes[range.start as usize..range.end as usize].encode(&mut body);
            continue;
        }
        let symbols = linking::Symbols::read(bytes, &found.module, old)?;
        let mut table = Vec::new();
        (symbols.list.len() as u32).encode(&mut table);
        for symbol in &symbols.list {
            write_symbol(bytes, to, numbers, symbol, &symbols.places, &mut table);
        }
        table.as_slice().encode(&mut body);
    }
    Ok(body)
}

fn write_symbol(
    bytes: &[u8],
    to: &Move<'_>,
    numbers: &Numbers,
    symbol: &linking::Symbol,
    places: &[(u32, u32)],
    out: &mut Vec<u8>,
) {
    use linking::SymbolKind::*;
    let undefined = symbol.flags.contains(SymbolFlags::UNDEFINED);
    out.push(match symbol.kind {
        Function => 0,
        Data => 1,
        Global => 2,
        Section => 3,
        Tag => 4,
        Table => 5,
    });
    symbol.flags.bits().encode(out);
    match symbol.kind {
        Data => {
            bytes[symbol.name.clone()].encode(out);
            if undefined {
                return;
            }
            let (segment, offset) = places[symbol.place as usize];
            segment.encode(out);
            if symbol.flags.contains(SymbolFlags::ABSOLUTE) {
                symbol
                    .value
                    .wrapping_add(to.deltas.of(symbol.class))
                    .encode(out);
            } else {
                offset.encode(out);
            }
            symbol.size.encode(out);
        }
        Section => numbers.of(symbol.value).encode(out),
        _ => {
            symbol.value.encode(out);
            if !undefined || symbol.flags.contains(SymbolFlags::EXPLICIT_NAME) {
                bytes[symbol.name.clone()].encode(out);
            }
        }
    }
}

/// A `reloc.*` section with its new target, and new offsets if the target is the data section.
fn records(
    bytes: &[u8],
    found: &Inspected,
    to: &Move<'_>,
    numbers: &Numbers,
    old: &Section,
) -> Result<Vec<u8>> {
    let reloc = RelocSection::open(bytes, old)?;
    let (target, count) = (reloc.target, reloc.count);
    let (entries, _) = reloc.entries()?;
    let module = &found.module;
    let is_data = module
        .sections
        .get(target.ix())
        .is_some_and(|s| s.id == id::DATA);
    let start = module.sections.get(target.ix()).map_or(0, |s| s.body.start);
    // By how much the bytes of each segment shift inside the section.
    let mut shift = 0i64;
    let mut segments = module.segments.iter().peekable();
    let mut body = Vec::with_capacity(old.body.len() + 16);
    numbers.of(target.0).encode(&mut body);
    count.encode(&mut body);
    for entry in &entries {
        let mut offset = entry.offset;
        if is_data {
            let at = start + entry.offset as usize;
            while let Some(segment) = segments.next_if(|s| s.entry.start <= at) {
                let old_header = (segment.bytes.start - segment.entry.start) as i64;
                let address = segment
                    .address
                    .map_or(0, |a| a.0.wrapping_add(to.deltas.of(Class::Data)));
                let new_header = 3
                    + super::sleb_len(address as i32)
                    + super::leb_len(segment.bytes.len() as u32);
                shift += new_header as i64 - old_header;
            }
            offset = (offset as i64 + shift) as u32;
        }
        body.push(entry.ty);
        offset.encode(&mut body);
        entry.index.encode(&mut body);
        if types::has_addend(entry.ty) {
            entry.addend.encode(&mut body);
        }
    }
    Ok(body)
}
