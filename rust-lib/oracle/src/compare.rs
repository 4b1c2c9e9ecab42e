//! Our move of one link against the linker's other link, section by section.
//!
//! In: two modules. Out: nothing, or what differs first. Every section is compared byte for byte but
//! those that a move changes on purpose: the memory and the table become imports (`import`, `table`,
//! `memory`), the module gets a stamp (`wasm-share`), and without records `linking` and `reloc.*` are
//! gone. `linking` and `reloc.*` name sections by number, and a new import section shifts these
//! numbers, so they are compared with names in place of numbers. Without runs of zeros the data is
//! compared as the memory that it makes.

use crate::place;
use std::collections::BTreeMap;
use wasm_share_relocator::externs::Extern;
use wasm_share_relocator::ids::SectionIndex;
use wasm_share_relocator::inspect::STAMP;
use wasm_share_relocator::inspect::linking::{SymbolKind, Symbols};
use wasm_share_relocator::inspect::relocs::RelocSection;
use wasm_share_relocator::wasm::{Module, Section, id, reader, text};
use wasmparser::{Validator, WasmFeatures};

/// Validates with every proposal that `wasmparser` knows.
pub fn validate(bytes: &[u8]) -> Result<(), String> {
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(bytes)
        .map(|_| ())
        .map_err(|error| format!("it is not valid: {error}"))
}

/// Compares our result with the linker's.
pub fn same(ours: &[u8], linker: &[u8], strip: bool, trim: bool) -> Result<(), String> {
    let mut a = Side::read(ours)?;
    let b = Side::read(linker)?;
    imports(&a, &b)?;
    tables(&a, &b)?;
    memory(&a, &b)?;
    a.sections.remove(STAMP);
    let mut names: Vec<&String> = a.sections.keys().chain(b.sections.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let records = name == "linking" || name.starts_with("reloc.");
        let other_data = trim && matches!(name.as_str(), "data" | "name");
        if strip && records || other_data || name.starts_with("import") {
            continue;
        }
        if matches!(name.as_str(), "memory" | "table") {
            continue;
        }
        let (one, two) = match (a.sections.get(name), b.sections.get(name)) {
            (Some(one), Some(two)) => (one, two),
            (Some(_), None) => return Err(format!("the linker wrote no section {name}")),
            _ => return Err(format!("section {name} is missing")),
        };
        match name.as_str() {
            "linking" => symbols(&a, one, &b, two)?,
            _ if records => same_records(name, &a, one, &b, two)?,
            _ => same_bytes(name, &a, one, &b, two)?,
        }
    }
    if trim {
        without_segment_names(&a, &b)?;
    }
    Ok(())
}

/// One of the two modules.
pub struct Side<'a> {
    pub bytes: &'a [u8],
    pub module: Module,
    /// By name; the second of the same name gets a number.
    sections: BTreeMap<String, Section>,
}

impl<'a> Side<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let module = Module::read(bytes).map_err(|problem| problem.message.to_string())?;
        let mut sections = BTreeMap::new();
        for at in 0..module.sections.len() {
            let mut name = label(bytes, &module, at as u32);
            while sections.contains_key(&name) {
                name.push('+');
            }
            sections.insert(name, module.sections[at].clone());
        }
        Ok(Side {
            bytes,
            module,
            sections,
        })
    }

    fn body(&self, section: &Section) -> &'a [u8] {
        &self.bytes[section.body.clone()]
    }
}

/// The name of a section by its number.
fn label(bytes: &[u8], module: &Module, at: u32) -> String {
    match module.sections.get(at as usize).map(|section| section.id) {
        None => format!("section {at}, which is not there"),
        Some(id::TYPE) => "type".into(),
        Some(id::IMPORT) => "import".into(),
        Some(id::FUNCTION) => "function".into(),
        Some(id::TABLE) => "table".into(),
        Some(id::MEMORY) => "memory".into(),
        Some(id::GLOBAL) => "global".into(),
        Some(id::EXPORT) => "export".into(),
        Some(id::START) => "start".into(),
        Some(id::ELEMENT) => "element".into(),
        Some(id::DATA_COUNT) => "data count".into(),
        Some(id::TAG) => "tag".into(),
        Some(_) => module.section_name(bytes, SectionIndex(at)).into(),
    }
}

fn same_bytes(
    name: &str,
    a: &Side<'_>,
    one: &Section,
    b: &Side<'_>,
    two: &Section,
) -> Result<(), String> {
    let (ours, linker) = (a.body(one), b.body(two));
    if ours == linker {
        return Ok(());
    }
    let at = ours
        .iter()
        .zip(linker)
        .position(|(a, b)| a != b)
        .unwrap_or(ours.len().min(linker.len()));
    let near = |bytes: &[u8]| {
        let from = at.saturating_sub(4).min(bytes.len());
        let to = (at + 8).min(bytes.len());
        format!("{:02x?}", &bytes[from..to])
    };
    Err(format!(
        "section {name} differs at {at:#x} of {:#x} and {:#x} bytes{}: ours {}, linker {}",
        ours.len(),
        linker.len(),
        place::of(b, two, at),
        near(ours),
        near(linker),
    ))
}

/// Imports other than the memory and the table, in order.
fn imports(a: &Side<'_>, b: &Side<'_>) -> Result<(), String> {
    let list = |side: &Side<'_>| -> Vec<Vec<u8>> {
        side.module
            .imports
            .iter()
            .filter(|import| !matches!(import.ty, Extern::Memory(_) | Extern::Table(..)))
            .map(|import| side.bytes[import.entry.clone()].to_vec())
            .collect()
    };
    match list(a) == list(b) {
        true => Ok(()),
        false => Err("the imports differ".into()),
    }
}

/// All tables in order, and what of them a move keeps: their types.
fn tables(a: &Side<'_>, b: &Side<'_>) -> Result<(), String> {
    let list = |side: &Side<'_>| -> Vec<_> {
        let tables = side.module.tables.iter();
        tables.map(|table| table.element).collect()
    };
    match list(a) == list(b) {
        true => Ok(()),
        false => Err("the tables differ".into()),
    }
}

/// What the memory holds when the module was instantiated. Bytes outside of segments are 0.
fn image(side: &Side<'_>) -> Result<(u32, Vec<u8>), String> {
    let segments = || {
        side.module.segments.iter().map(|segment| {
            let address = segment.address.ok_or("a segment has no constant address")?;
            Ok::<_, String>((address.0, segment.bytes.clone()))
        })
    };
    let (mut low, mut high) = (u32::MAX, 0);
    for segment in segments() {
        let (address, bytes) = segment?;
        low = low.min(address);
        high = high.max(address as usize + bytes.len());
    }
    let mut memory = vec![0; high.saturating_sub(low as usize)];
    for segment in segments() {
        let (address, bytes) = segment?;
        let at = (address - low) as usize;
        memory[at..at + bytes.len()].copy_from_slice(&side.bytes[bytes]);
    }
    // Zeros at both ends are what memory holds anyway.
    let start = memory.iter().position(|byte| *byte != 0).unwrap_or(0);
    let end = memory
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(start, |end| end + 1);
    let low = if start == end { 0 } else { low + start as u32 };
    Ok((low, memory[start..end].to_vec()))
}

fn memory(a: &Side<'_>, b: &Side<'_>) -> Result<(), String> {
    let ((at, ours), (other, linker)) = (image(a)?, image(b)?);
    if at != other {
        return Err(format!(
            "memory differs: the first byte that is not 0 lies at {at:#x}, the linker's at {other:#x}"
        ));
    }
    let differ = ours.iter().zip(&linker).position(|(a, b)| a != b);
    if let Some(offset) = differ {
        return Err(format!(
            "memory differs at {:#x}{}",
            at as usize + offset,
            place::address(b, at + offset as u32)
        ));
    }
    match ours.len() == linker.len() {
        true => Ok(()),
        false => Err("memory differs at its end".into()),
    }
}

/// Compares the memory images of two modules.
pub fn same_memory(one: &[u8], two: &[u8]) -> Result<(), String> {
    memory(&Side::read(one)?, &Side::read(two)?)
}

/// The `name` section but for the names of data segments, which get other numbers without zeros.
fn without_segment_names(a: &Side<'_>, b: &Side<'_>) -> Result<(), String> {
    const SEGMENTS: u8 = 9;
    let list = |side: &Side<'_>| -> Result<Vec<(u8, Vec<u8>)>, String> {
        let mut parts = Vec::new();
        let Some(section) = side.sections.get("name") else {
            return Ok(parts);
        };
        for (kind, range) in subsections(side, section)? {
            if kind != SEGMENTS {
                parts.push((kind, side.bytes[range].to_vec()));
            }
        }
        Ok(parts)
    };
    match list(a)? == list(b)? {
        true => Ok(()),
        false => Err("section name differs".into()),
    }
}

/// The subsections of `name`, or of `linking` after its version.
fn subsections(
    side: &Side<'_>,
    section: &Section,
) -> Result<Vec<(u8, std::ops::Range<usize>)>, String> {
    let broken = |error: wasmparser::Error| error.to_string();
    let mut r = reader(side.bytes, &section.body);
    if text(side.bytes, &section.name) == "linking" {
        r.read_var_u32().map_err(broken)?;
    }
    let mut parts = Vec::new();
    while !r.eof() {
        let kind = r.read_u8().map_err(broken)?;
        let range = r.read_reader().map_err(broken)?.range();
        parts.push((kind, range.start as usize..range.end as usize));
    }
    Ok(parts)
}

/// The symbols, with their addresses, and the rest of `linking`.
fn symbols(a: &Side<'_>, one: &Section, b: &Side<'_>, two: &Section) -> Result<(), String> {
    const TABLE: u8 = 8;
    let others = |side: &Side<'_>, section: &Section| -> Result<Vec<(u8, Vec<u8>)>, String> {
        let parts = subsections(side, section)?;
        let bytes = |(kind, range): (u8, std::ops::Range<usize>)| match kind {
            TABLE => (kind, Vec::new()),
            _ => (kind, side.bytes[range].to_vec()),
        };
        Ok(parts.into_iter().map(bytes).collect())
    };
    if others(a, one)? != others(b, two)? {
        return Err("section linking differs outside of its symbols".into());
    }
    let list = |side: &Side<'_>, section: &Section| {
        Symbols::read(side.bytes, &side.module, section)
            .map_err(|problem| problem.message.to_string())
    };
    let (ours, linker) = (list(a, one)?, list(b, two)?);
    if ours.list.len() != linker.list.len() {
        return Err("section linking has another number of symbols".into());
    }
    for (at, (x, y)) in ours.list.iter().zip(&linker.list).enumerate() {
        let name = text(b.bytes, &y.name);
        let value = |side: &Side<'_>, kind: SymbolKind, value: u32| match kind {
            SymbolKind::Section => label(side.bytes, &side.module, value),
            _ => format!("{value:#x}"),
        };
        let place = |symbols: &Symbols, place: u32, kind: SymbolKind| match kind {
            SymbolKind::Data => symbols.places.get(place as usize).copied(),
            _ => None,
        };
        let mine = value(a, x.kind, x.value);
        let theirs = value(b, y.kind, y.value);
        if mine != theirs {
            return Err(format!(
                "symbol {at} \"{name}\" is {mine}, the linker's is {theirs}"
            ));
        }
        let same = x.kind == y.kind
            && x.flags == y.flags
            && x.size == y.size
            && text(a.bytes, &x.name) == name
            && place(&ours, x.place, x.kind) == place(&linker, y.place, y.kind);
        if !same {
            return Err(format!("symbol {at} \"{name}\" differs"));
        }
    }
    Ok(())
}

/// The records of one section, with the name of their target.
fn same_records(
    name: &str,
    a: &Side<'_>,
    one: &Section,
    b: &Side<'_>,
    two: &Section,
) -> Result<(), String> {
    let list = |side: &Side<'_>, section: &Section| {
        let reloc = RelocSection::open(side.bytes, section).map_err(|p| p.message.to_string())?;
        let target = label(side.bytes, &side.module, reloc.target.0);
        let entries = reloc.entries().map_err(|p| p.message.to_string())?;
        Ok::<_, String>((target, entries))
    };
    let ((target, ours), (other, linker)) = (list(a, one)?, list(b, two)?);
    if target != other {
        return Err(format!("{name} is for {target}, the linker's for {other}"));
    }
    if (ours.0.len(), ours.1) != (linker.0.len(), linker.1) {
        return Err(format!("{name} has another number of records"));
    }
    for (at, (x, y)) in ours.0.iter().zip(&linker.0).enumerate() {
        if (x.ty, x.offset, x.index, x.addend) != (y.ty, y.offset, y.index, y.addend) {
            return Err(format!(
                "{name}: record {at} is {x:?}, the linker's is {y:?}"
            ));
        }
    }
    Ok(())
}
