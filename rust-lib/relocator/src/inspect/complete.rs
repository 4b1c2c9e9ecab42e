//! Nothing missing: the tripwires behind the proof.
//!
//! The identity proves what is listed, not that everything is listed. In: the records of the code
//! and data sections. Out: an error for a padded operand without a record (wasm-ld pads only what it
//! relocates), and the number of aligned data words without a record that look like addresses.
//! The scan is over all code, 64 bytes at a time, without what has records; instructions are decoded only
//! in a function in which something was found.

use super::linking::{SymbolKind, Symbols};
use super::ops::{Op, Ops};
use super::relocs::{Proved, Records, data_range};
use crate::error::{Code, Problem, Result};
use crate::ids::Addr;
use crate::model::{Class, Span};
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Module, id, reader};
use core::ops::Range;
use wasm_share_kernels::records::Entry;
use wasm_share_kernels::scan::{self, Cover, is_redundant};

/// Looks for padded operands in code that no record covers. `reloc` are the records of the code.
///
/// # Errors
/// `incomplete_relocations`, `malformed_module`.
pub fn code(
    bytes: &[u8],
    module: &Module,
    reloc: Option<&Proved>,
    records: &mut Records,
) -> Result<()> {
    let Some((_, section)) = module.section(id::CODE) else {
        return Ok(());
    };
    if reloc.is_none() {
        records.cover = Cover::new(section.body.clone());
    }
    let mut padded = Vec::new();
    scan::padded(&bytes[..section.body.end], &records.cover, &mut padded);
    let mut unwritten = reloc.map_or(0, |r| r.missing);
    let mut found = None;
    if !padded.is_empty() {
        found = decode(bytes, &section.body, &padded, &mut unwritten)?;
    }
    let Some((at, operator)) = found else {
        // wasm-ld leaves a padded 0 for each record that it counts and does not write.
        return match (unwritten, reloc) {
            (1.., Some(reloc)) => Err(Problem::new(
                Code::IncompleteRelocations,
                text!("Cannot find every address: reloc.CODE holds {} records fewer than it counts, and nothing in the code explains it", unwritten),
            )
            .hint(removed(true))
            .at("reloc.CODE", reloc.header)),
            // An empty section is as none at all.
            _ if reloc.is_none_or(|r| !r.any) => {
                unpadded(bytes, module, &section.body)
            }
            _ => Ok(()),
        };
    };
    Err(Problem::new(
        Code::IncompleteRelocations,
        text!(
            "Cannot find every address: the padded operand of {} has no relocation record",
            operator
        ),
    )
    .hint(removed(reloc.is_some()))
    .at("code", at))
}

fn removed(one: bool) -> Text {
    match one {
        true => text!(
            "A relocation record was removed: use the linker's own output, linked with --emit-relocs"
        ),
        false => text!(
            "The section reloc.CODE was removed: use the linker's own output, linked with --emit-relocs"
        ),
    }
}

/// Without any record in code there can be nothing that wasm-ld relocates there, padded or not: somebody
/// could have shortened the operands before the records were removed.
fn unpadded(bytes: &[u8], module: &Module, code: &Range<usize>) -> Result<()> {
    let (low, high) = data_range(module).unwrap_or((Addr(0), 0));
    let is_address = |value: u32| low <= Addr(value) && u64::from(value) < high;
    let mut r = reader(bytes, code);
    for _ in 0..r.read_var_u32()? {
        let mut ops = Ops::new(r.read_reader()?)?;
        while let Some((start, op, _)) = ops.read_next()? {
            let relocated = match op {
                Op::Call(_) | Op::CallIndirect | Op::GlobalGet(_) | Op::GlobalSet(_) => true,
                Op::I32Const(value) => is_address(value as u32),
                Op::Access(offset) => is_address(offset),
                _ => false,
            };
            if relocated {
                return Err(Problem::new(
                    Code::IncompleteRelocations,
                    text!("Cannot find every address: there is no section reloc.CODE, but {} has an operand that wasm-ld relocates", op.name()),
                )
                .hint(text!("Use the linker's own output, linked with --emit-relocs, before any tool that rewrites it"))
                .at("code", start));
            }
        }
    }
    Ok(())
}

/// Decodes the functions that hold what was found. The place and the name of the instruction whose
/// operand is padded without a record. Of constants that are 0 as many as `unwritten` are excused:
/// wasm-ld counts, but does not write, records of undefined weak functions without a table slot.
fn decode(
    bytes: &[u8],
    code: &Range<usize>,
    found: &[usize],
    unwritten: &mut u32,
) -> Result<Option<(usize, &'static str)>> {
    let mut found = found.iter().copied().peekable();
    let mut r = reader(bytes, code);
    for _ in 0..r.read_var_u32()? {
        let body = r.read_reader()?;
        let range = body.range();
        while found.next_if(|at| (*at as u64) < range.start).is_some() {}
        if found.peek().is_none_or(|at| *at as u64 >= range.end) {
            continue;
        }
        let mut ops = Ops::new(body)?;
        while found.next_if(|at| *at < ops.position()).is_some() {}
        while let Some((start, op, end)) = ops.read_next()? {
            while let Some(at) = found.next_if(|at| *at < end) {
                let signed = matches!(op, Op::I32Const(_));
                if op == Op::Raw || at == start || at + 5 > end || !is_redundant(bytes, at, signed)
                {
                    continue;
                }
                if *unwritten > 0 && op == Op::I32Const(0) {
                    *unwritten -= 1;
                    continue;
                }
                return Ok(Some((at, op.name())));
            }
            if found.peek().is_none() {
                return Ok(None);
            }
        }
    }
    Ok(None)
}

/// Counts aligned data words without a record that look like addresses of the module's own data.
pub fn data(
    bytes: &[u8],
    module: &Module,
    symbols: &Symbols,
    records: Option<&Proved>,
    out: &mut Records,
) {
    let Some((low, high)) = data_range(module) else {
        return;
    };
    let Some((_, section)) = module.section(id::DATA) else {
        return;
    };
    let mut entries = records.map_or(&[][..], |r| &r.data).iter().peekable();
    // Only where the count decides about a refusal are the gaps between symbols worth a closer look.
    let decides = records.is_none_or(|records| records.missing > 0);
    let mut extents: Option<Vec<Span>> = None;
    let mut hits = Vec::new();
    let length = high.saturating_sub(low.0 as u64).min(u32::MAX as u64) as u32;
    for segment in &module.segments {
        let Some(address) = segment.address else {
            continue;
        };
        let data = &bytes[segment.bytes.clone()];
        let skew = (address.0.wrapping_neg() & 3) as usize;
        hits.clear();
        scan::words_in(data, skew, low.0, length, &mut hits);
        for at in &hits {
            let word = &data[*at..*at + 4];
            let value = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            let place = segment.bytes.start + at;
            let ends_before = |e: &&Entry| section.body.start + e.offset as usize + 4 <= place;
            while entries.next_if(ends_before).is_some() {}
            let listed = entries
                .peek()
                .is_some_and(|e| section.body.start + (e.offset as usize) < place + 4);
            let mut is_address = || {
                !decides
                    || covers(
                        extents.get_or_insert_with(|| symbol_extents(symbols)),
                        value,
                    )
            };
            if !listed && is_address() {
                out.unlisted_words += 1;
                out.first_unlisted.get_or_insert(place);
            }
        }
    }
}

/// The ranges of all data symbols, merged and sorted.
fn symbol_extents(symbols: &Symbols) -> Vec<Span> {
    let mut list: Vec<Span> = symbols
        .list
        .iter()
        .filter(|s| s.kind == SymbolKind::Data && s.class == Class::Data)
        .map(|s| Span::new(s.value as u64, s.value as u64 + (s.size as u64).max(1)))
        .collect();
    sort::by_key(&mut list, |s| s.start as u32);
    let mut merged: Vec<Span> = Vec::with_capacity(list.len());
    for span in list {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

fn covers(extents: &[Span], value: u32) -> bool {
    let at = extents.partition_point(|e| e.start <= value as u64);
    at > 0 && (value as u64) < extents[at - 1].end
}

/// Decodes every instruction and checks that each site in code is an operand: the whole of the
/// constant of `i32.const`, or the whole offset of a load or store.
///
/// # Errors
/// `stale_relocations`, `malformed_module`.
pub fn verify(bytes: &[u8], module: &Module, sites: &[crate::model::Site]) -> Result<()> {
    let Some((_, section)) = module.section(id::CODE) else {
        return Ok(());
    };
    let mut sites = sites.iter().peekable();
    let mut r = reader(bytes, &section.body);
    for _ in 0..r.read_var_u32()? {
        let body = r.read_reader()?;
        let mut ops = Ops::new(body)?;
        if let Some(site) = sites.peek().filter(|s| s.offset() < ops.position()) {
            return Err(not_operand(site.offset()));
        }
        while let Some((start, op, end)) = ops.read_next()? {
            let Some(site) = sites.next_if(|s| s.offset() < end) else {
                continue;
            };
            let at = site.offset();
            let whole = match op {
                Op::I32Const(_) => at == start + 1 && at + 5 == end,
                // A lane index can follow the offset.
                Op::Access(_) => at > start && (at + 5 == end || at + 6 == end),
                _ => false,
            };
            if !whole {
                return Err(not_operand(at));
            }
        }
    }
    match sites.next() {
        Some(site) => Err(not_operand(site.offset())),
        None => Ok(()),
    }
}

fn not_operand(at: usize) -> Box<Problem> {
    super::relocs::stale(
        text!("a record points into the middle of an instruction"),
        "code",
        at,
    )
}
