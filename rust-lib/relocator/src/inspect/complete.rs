//! Nothing missing: the tripwires behind the proof.
//!
//! The identity proves what is listed, not that everything is listed. In: the records of the code
//! and data sections. Out: an error for a padded operand without a record (wasm-ld pads only what it
//! relocates), and the number of aligned data words without a record that look like addresses.
//! The scan is over the gaps between records, some bytes at a time; instructions are decoded only
//! in a function in which something was found.

use super::linking::{SymbolKind, Symbols};
use super::relocs::{Records, RelocSection, data_range};
use crate::error::{Code, Problem, Result};
use crate::model::Class;
use crate::wasm::{Module, id, reader};
use core::ops::Range;
use wasmparser::{BinaryReader, FunctionBody, Operator};

/// Looks for padded operands in code that no record covers.
///
/// # Errors
/// `incomplete_relocations`, `malformed_module`.
pub fn code(bytes: &[u8], module: &Module, records: Option<&RelocSection>) -> Result<()> {
    let Some((_, section)) = module.section(id::CODE) else { return Ok(()) };
    let mut found = Vec::new();
    let mut free = section.body.start;
    for entry in records.map_or(&[][..], |r| &r.entries) {
        let at = section.body.start + entry.offset as usize;
        padded(bytes, free..at, &mut found);
        free = at + entry.form().width();
    }
    padded(bytes, free..section.body.end, &mut found);
    if found.is_empty() {
        return Ok(());
    }
    let unwritten = records.map_or(0, |r| r.missing);
    match decode(bytes, &section.body, &found, unwritten)? {
        None => Ok(()),
        Some((at, operator)) => Err(Problem::new(
            Code::IncompleteRelocations,
            format!("Cannot find every address: the padded operand of {operator} has no relocation record"),
        )
        .hint(match records {
            Some(_) => "A relocation record was removed: use the linker's own output, linked with --emit-relocs",
            None => "The section reloc.CODE was removed: use the linker's own output, linked with --emit-relocs",
        })
        .at("code", at)),
    }
}

/// Finds four bytes with the high bit set that are followed by 0x00 or 0x7f: what every padded
/// 5-byte LEB128 of a value below 2^28 looks like.
fn padded(bytes: &[u8], gap: Range<usize>, found: &mut Vec<usize>) {
    if gap.len() < 5 {
        return;
    }
    let part = &bytes[gap.clone()];
    // The fourth byte of any such run lies at a multiple of four or within three bytes after one:
    // look at every fourth byte, and around it only if it is set.
    let mut at = 3;
    let mut next = 0;
    while at < part.len() {
        if part[at] & 0x80 != 0 {
            let from = at.saturating_sub(3).max(next);
            let to = (at + 1).min(part.len().saturating_sub(4));
            for start in from..to {
                if let Some([a, b, c, d, last]) = part.get(start..start + 5)
                    && a & b & c & d & 0x80 != 0
                    && matches!(last, 0x00 | 0x7f)
                {
                    found.push(gap.start + start);
                }
            }
            next = to.max(next);
        }
        at += 4;
    }
}

/// Decodes the functions that hold what was found. The place and the name of the instruction whose
/// operand is padded without a record. Of constants that are 0 as many as `unwritten` are excused:
/// wasm-ld counts, but does not write, records of undefined weak functions without a table slot.
fn decode(
    bytes: &[u8],
    code: &Range<usize>,
    found: &[usize],
    mut unwritten: u32,
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
        let mut ops = FunctionBody::new(body).get_operators_reader()?;
        while !ops.eof() {
            let start = ops.original_position();
            while found.next_if(|at| (*at as u64) < start).is_some() {}
            if found.peek().is_none() {
                return Ok(None);
            }
            let operator = ops.read()?;
            let end = ops.original_position();
            let Some(kind) = padded_operand(&operator) else {
                while found.next_if(|at| (*at as u64) < end).is_some() {}
                continue;
            };
            while let Some(at) = found.next_if(|at| (*at as u64) < end) {
                if at as u64 + 5 <= end && at as u64 > start && is_redundant(bytes, at, kind.signed) {
                    if unwritten > 0 && matches!(operator, Operator::I32Const { value: 0 }) {
                        unwritten -= 1;
                        continue;
                    }
                    return Ok(Some((at, kind.name)));
                }
            }
        }
    }
    Ok(None)
}

struct Operand {
    name: &'static str,
    signed: bool,
}

/// Instructions whose operand a linker relocates. Others can hold any bytes.
fn padded_operand(operator: &Operator<'_>) -> Option<Operand> {
    let (name, signed) = match operator {
        Operator::I32Const { .. } => ("i32.const", true),
        Operator::Call { .. } => ("call", false),
        Operator::ReturnCall { .. } => ("return_call", false),
        Operator::CallIndirect { .. } => ("call_indirect", false),
        Operator::ReturnCallIndirect { .. } => ("return_call_indirect", false),
        Operator::GlobalGet { .. } => ("global.get", false),
        Operator::GlobalSet { .. } => ("global.set", false),
        Operator::RefFunc { .. } => ("ref.func", false),
        Operator::I64Const { .. }
        | Operator::F32Const { .. }
        | Operator::F64Const { .. }
        | Operator::V128Const { .. }
        | Operator::I8x16Shuffle { .. }
        | Operator::BrTable { .. } => return None,
        // Loads and stores of every kind.
        _ => ("an instruction", false),
    };
    Some(Operand { name, signed })
}

/// Whether the LEB128 at `at` says in five bytes what fewer could say.
fn is_redundant(bytes: &[u8], at: usize, signed: bool) -> bool {
    let (fourth, last) = (bytes[at + 3], bytes[at + 4]);
    match (last, signed) {
        (0x00, false) => true,
        (0x00, true) => fourth & 0x40 == 0,
        (0x7f, true) => fourth & 0x40 != 0,
        _ => false,
    }
}

/// Counts aligned data words without a record that look like addresses of the module's own data.
pub fn data(bytes: &[u8], module: &Module, symbols: &Symbols, records: Option<&RelocSection>, out: &mut Records) {
    let Some((low, high)) = data_range(module) else { return };
    let Some((_, section)) = module.section(id::DATA) else { return };
    let mut entries = records.map_or(&[][..], |r| &r.entries).iter().peekable();
    let mut extents: Option<Vec<(u32, u64)>> = None;
    let length = high.saturating_sub(low.0 as u64).min(u32::MAX as u64) as u32;
    for segment in &module.segments {
        let Some(address) = segment.address else { continue };
        let data = &bytes[segment.bytes.clone()];
        // The first aligned address inside.
        let mut at = (address.0.wrapping_neg() & 3) as usize;
        while let Some(word) = data.get(at..at + 4) {
            let value = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            if value.wrapping_sub(low.0) < length {
                let place = segment.bytes.start + at;
                while entries.next_if(|e| section.body.start + e.offset as usize + 4 <= place).is_some() {}
                let listed = entries.peek().is_some_and(|e| section.body.start + (e.offset as usize) < place + 4);
                if !listed && covers(extents.get_or_insert_with(|| symbol_extents(symbols)), value) {
                    out.unlisted_words += 1;
                    out.first_unlisted.get_or_insert(place);
                }
            }
            at += 4;
        }
    }
}

/// The ranges of all data symbols, merged and sorted.
fn symbol_extents(symbols: &Symbols) -> Vec<(u32, u64)> {
    let mut list: Vec<(u32, u64)> = symbols
        .list
        .iter()
        .filter(|s| s.kind == SymbolKind::Data && s.class == Class::Data)
        .map(|s| (s.value, s.value as u64 + (s.size as u64).max(1)))
        .collect();
    list.sort_unstable();
    let mut merged: Vec<(u32, u64)> = Vec::with_capacity(list.len());
    for (start, end) in list {
        match merged.last_mut() {
            Some(last) if start as u64 <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn covers(extents: &[(u32, u64)], value: u32) -> bool {
    let at = extents.partition_point(|e| e.0 <= value);
    at > 0 && (value as u64) < extents[at - 1].1
}

/// Decodes every instruction and checks that each site in code is an operand: the whole of the
/// constant of `i32.const`, or the whole offset of a load or store.
///
/// # Errors
/// `stale_relocations`, `malformed_module`.
pub fn verify(bytes: &[u8], module: &Module, sites: &[crate::model::Site]) -> Result<()> {
    let Some((_, section)) = module.section(id::CODE) else { return Ok(()) };
    let mut sites = sites.iter().peekable();
    let mut r = reader(bytes, &section.body);
    for _ in 0..r.read_var_u32()? {
        let body: BinaryReader<'_> = r.read_reader()?;
        let mut ops = FunctionBody::new(body).get_operators_reader()?;
        let first = ops.original_position() as usize;
        if let Some(site) = sites.peek().filter(|s| s.offset() < first) {
            return Err(not_operand(site.offset()));
        }
        while !ops.eof() {
            let start = ops.original_position() as usize;
            let operator = ops.read()?;
            let end = ops.original_position() as usize;
            let Some(site) = sites.next_if(|s| s.offset() < end) else { continue };
            let at = site.offset();
            let whole = match operator {
                Operator::I32Const { .. } => at == start + 1 && at + 5 == end,
                // A lane index can follow the offset.
                _ => at > start && (at + 5 == end || at + 6 == end),
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
    super::relocs::stale("a record points into the middle of an instruction".into(), "code", at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_finds_every_run_at_every_offset() {
        for lead in 0..9 {
            for tail in 0..9 {
                let mut bytes = vec![0x01; lead];
                bytes.extend([0x81, 0x82, 0x83, 0x84, 0x00]);
                bytes.extend(vec![0x02; tail]);
                let mut found = Vec::new();
                padded(&bytes, 0..bytes.len(), &mut found);
                assert_eq!(found, [lead], "lead {lead} tail {tail}");
            }
        }
        let mut found = Vec::new();
        padded(&[0x80; 40], 0..40, &mut found);
        assert_eq!(found, [] as [usize; 0]);
    }
}
