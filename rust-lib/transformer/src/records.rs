//! Which functions of a module refer to which data.
//!
//! In: a module before it was moved, with its relocation records. Out: for each function the symbols of data that
//! it refers to. Read-only data is left out: what is never written is nobody's state.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    CustomSectionReader, KnownCustom, Linking, Parser, Payload, RelocationType, SymbolInfo, TypeRef,
};

/// References of functions to data.
#[derive(Debug, Default)]
pub struct References {
    /// By index of the function: names of symbols.
    pub of: BTreeMap<u32, BTreeSet<String>>,
    /// Names of symbols to which data refers.
    pub by_data: BTreeSet<String>,
}

/// Where the linker put the heap.
pub const HEAP: [&str; 2] = ["__heap_base", "__heap_end"];

impl References {
    /// Whether some function refers to where the heap begins or ends.
    pub fn has_heap(&self) -> bool {
        let mut all = self.of.values().chain([&self.by_data]);
        all.any(|symbols| HEAP.iter().any(|name| symbols.contains(*name)))
    }

    /// Reads them; `None` if the module has no records.
    pub fn read(module: &[u8]) -> Option<Self> {
        let mut symbols: Vec<Option<(String, Option<u32>)>> = Vec::new();
        let mut read_only: BTreeSet<u32> = BTreeSet::new();
        let mut imported = 0;
        let mut bodies: Vec<(usize, u32)> = Vec::new();
        let mut code = None;
        let mut records: Vec<(u32, Vec<(u32, u32)>)> = Vec::new();
        let mut data = None;
        let mut section = 0;
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match &payload {
                Payload::ImportSection(imports) => {
                    let functions = imports.clone().into_imports().map_while(Result::ok);
                    let functions = functions
                        .filter(|i| matches!(i.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    imported = functions.count() as u32;
                }
                Payload::CodeSectionStart { range, .. } => code = Some((section, range.start)),
                Payload::DataSection(_) => data = Some(section),
                Payload::CodeSectionEntry(body) => {
                    bodies.push((body.range().start, imported + bodies.len() as u32));
                }
                Payload::CustomSection(custom) => {
                    linking(custom, &mut symbols, &mut read_only);
                    if let KnownCustom::Reloc(reloc) = custom.as_known() {
                        let list = reloc.entries().into_iter().map_while(Result::ok);
                        let list = list.filter(|entry| is_address(entry.ty));
                        let list = list.map(|entry| (entry.offset, entry.index));
                        records.push((reloc.section_index(), list.collect()));
                    }
                }
                _ => {}
            }
            let counts = matches!(payload, Payload::CodeSectionStart { .. })
                || !matches!(payload, Payload::CodeSectionEntry(_))
                    && payload.as_section().is_some();
            section += u32::from(counts);
        }
        let (target, start) = code?;
        let (_, list) = records.iter().find(|(section, _)| *section == target)?;
        let mut found = Self::default();
        for (_, list) in records.iter().filter(|(section, _)| Some(*section) == data) {
            let symbols = list
                .iter()
                .filter_map(|(_, symbol)| symbols.get(*symbol as usize)?.as_ref());
            found.by_data.extend(symbols.map(|(name, _)| name.clone()));
        }
        for (offset, symbol) in list {
            let Some(Some((name, segment))) = symbols.get(*symbol as usize) else {
                continue;
            };
            if segment.is_some_and(|segment| read_only.contains(&segment)) {
                continue;
            }
            // The body that holds it: the last that starts before.
            let at = bodies.partition_point(|(body, _)| *body <= start + *offset as usize);
            if let Some((_, function)) = at.checked_sub(1).map(|at| bodies[at]) {
                found.of.entry(function).or_default().insert(name.clone());
            }
        }
        Some(found)
    }
}

fn linking(
    custom: &CustomSectionReader<'_>,
    symbols: &mut Vec<Option<(String, Option<u32>)>>,
    read_only: &mut BTreeSet<u32>,
) {
    let KnownCustom::Linking(sections) = custom.as_known() else {
        return;
    };
    for section in sections.into_iter().map_while(Result::ok) {
        match section {
            Linking::SymbolTable(table) => {
                for symbol in table.into_iter().map_while(Result::ok) {
                    symbols.push(match symbol {
                        SymbolInfo::Data { name, symbol, .. } => {
                            Some((name.to_string(), symbol.map(|s| s.index)))
                        }
                        _ => None,
                    });
                }
            }
            Linking::SegmentInfo(segments) => {
                for (at, segment) in segments.into_iter().map_while(Result::ok).enumerate() {
                    if segment.name.starts_with(".rodata") {
                        read_only.insert(at as u32);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a record stores an address of data.
fn is_address(ty: RelocationType) -> bool {
    matches!(
        ty,
        RelocationType::MemoryAddrLeb
            | RelocationType::MemoryAddrSleb
            | RelocationType::MemoryAddrRelSleb
            | RelocationType::MemoryAddrTlsSleb
            | RelocationType::MemoryAddrI32
            // The index of a GOT global.
            | RelocationType::GlobalIndexLeb
    )
}
