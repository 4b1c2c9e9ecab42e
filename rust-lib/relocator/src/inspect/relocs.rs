//! The `reloc.*` sections of a module linked with `--emit-relocs`: every record proved, every site
//! listed.
//!
//! In: bytes, skeleton, symbols, table slots. Out: [`Records`]: the sites that move, and the counts
//! that make the proof. At a memory site the value stored must equal symbol + addend, at a table
//! site the slot must hold the function, at an index site the index must be the symbol's. One
//! mismatch means that something rewrote the module after linking, and nothing is patched.

use super::linking::{Symbol, SymbolKind, Symbols};
use super::slots::Slots;
use super::types as ty;
use crate::error::{Code, Problem, Result};
use crate::externs::Extern;
use crate::ids::{Addr, SectionIndex, SymbolIndex};
use crate::model::{Class, Form, SectionSites, Site};
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Import, Init, Module, Section, id, text};
use core::ops::Range;
use wasm_share_kernels::records::{self, End, Entry};
use wasm_share_kernels::{leb, prove, scan};
use wasmparser::SymbolFlags;

/// Why a proved record needs no patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Skip {
    /// An undefined weak data symbol is 0.
    WeakData,
    /// A function without a slot is 0.
    WeakFunction,
    /// An absolute symbol of the user, or a base that stays.
    Absolute,
    /// An offset inside a section.
    SectionOffset,
    /// An offset from `__tls_base`.
    Tls,
    /// Both ends move together.
    Distance,
    /// Debug information of something that the linker dropped.
    Dropped,
    /// An offset from `__table_base`.
    TableOffset,
}

/// Number of [`Skip`] values. `src/core/words.ts` says them in words, in the same order.
pub const SKIPS: usize = 8;

/// What the records of a module say.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Sites that move, by section.
    pub sites: Vec<SectionSites>,
    /// Which sections have records.
    pub targets: Vec<bool>,
    /// Proved records by type.
    pub proved: [u32; 27],
    /// Records that stay, by [`Skip`].
    pub skipped: [u32; SKIPS],
    /// Records read.
    pub total: u32,
    /// Records that a header counts but its section does not hold.
    pub missing: u32,
    /// Functions whose table slot a record names.
    pub slots: Vec<bool>,
    /// Records in code and data that refer to `__heap_base` and `__heap_end`.
    pub heap_base_refs: u32,
    /// See `heap_base_refs`.
    pub heap_end_refs: u32,
    /// What moves each defined global that is the GOT entry of a symbol.
    pub got: Vec<Option<Class>>,
    /// A site in data stores 0.
    pub zero_sites: bool,
    /// A `reloc.*` section targets the data section.
    pub has_data: bool,
    /// Places in code that look like a padded operand without a record.
    pub padded: Vec<usize>,
    /// Aligned data words without a record that look like an address of the module's data.
    pub unlisted_words: u32,
    /// The first of them.
    pub first_unlisted: Option<usize>,
}

impl Records {
    /// Whether a section has records.
    pub fn has(&self, section: SectionIndex) -> bool {
        self.targets.get(section.ix()).is_some_and(|has| *has)
    }
}

/// One `reloc.*` section, parsed.
pub struct RelocSection {
    /// The section that the records patch.
    pub target: SectionIndex,
    /// Sorted by offset.
    pub entries: Vec<Entry>,
    /// How many the header counts beyond those.
    pub missing: u32,
    /// Where the section starts.
    pub header: usize,
}

/// Reads one `reloc.*` section.
///
/// # Errors
/// `malformed_module`, `unsupported_relocation`, `memory64`, `stale_relocations`.
pub fn read(bytes: &[u8], section: &Section) -> Result<RelocSection> {
    let name = text(bytes, &section.name);
    let mut r = leb::Cursor::new(&bytes[..section.body.end], section.body.start);
    let short = |at: usize| {
        Problem::new(
            Code::MalformedModule,
            text!("Cannot read a relocation record: it is incomplete"),
        )
        .hint(text!(
            "Check that the file is complete and was not changed after it was built"
        ))
        .at(name.to_string(), at)
    };
    let header = r.unsigned().zip(r.unsigned());
    let (target, count) = header.ok_or_else(|| short(section.body.start))?;
    let target = SectionIndex(target);
    // A record takes at least three bytes, so a count that lies reserves nothing.
    let most = (section.body.end - r.position()) / 3;
    let mut entries = Vec::with_capacity((count as usize).min(most));
    let (end, at, sorted) = records::read(&mut r, count, &mut entries);
    match end {
        End::Whole => {}
        End::Short => return Err(short(at)),
        End::Type(ty) if ty < ty::COUNT => {
            return Err(Problem::new(
                Code::Memory64,
                text!(
                    "Cannot read a relocation record: {type} belongs to a 64-bit memory",
                    ty
                ),
            )
            .hint(text!("Build for wasm32"))
            .at(name.to_string(), at));
        }
        End::Type(ty) => {
            return Err(Problem::new(
                Code::UnsupportedRelocation,
                text!(
                    "Cannot read a relocation record: its type {} is unknown",
                    ty
                ),
            )
            .hint(text!(
                "Link with a released version of LLVM; types 0 to 26 are known"
            ))
            .at(name.to_string(), at));
        }
    }
    if !r.eof() {
        return Err(Problem::new(
            Code::MalformedModule,
            text!(
                "Cannot read the relocation records: bytes follow the last of {}",
                count
            ),
        )
        .hint(text!("Use the linker's own output"))
        .at(name.to_string(), r.position()));
    }
    if !sorted {
        sort::by_key(&mut entries, |e| e.offset);
    }
    Ok(RelocSection {
        target,
        missing: count - entries.len() as u32,
        entries,
        header: section.header,
    })
}

/// What the pass over the records needs to see.
pub struct Prover<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its skeleton.
    pub module: &'a Module,
    /// Its symbols.
    pub symbols: &'a Symbols,
    /// Its table.
    pub slots: Option<&'a Slots>,
}

enum Verdict {
    Moves(Class),
    Index,
    Got(u32, Class),
    /// An offset from `__table_base`, which moves.
    Relative,
    Stays(Skip),
}

impl Prover<'_> {
    /// Proves every record of one `reloc.*` section and lists its sites.
    ///
    /// # Errors
    /// `stale_relocations`, `unsupported_relocation`.
    pub fn section(&self, reloc: &RelocSection, name: &str, out: &mut Records) -> Result<()> {
        let wrong = |what: Text| Err(stale(what, name, reloc.header));
        let target = reloc.target.0;
        let Some(section) = self.module.sections.get(reloc.target.ix()) else {
            return wrong(text!(
                "the records are for section {}, which is not there",
                target
            ));
        };
        let name_of = &self.bytes[section.name.clone()];
        let linking = name_of == b"linking" || name_of.starts_with(b"reloc.");
        if !matches!(section.id, id::CODE | id::DATA | id::CUSTOM) || linking {
            return wrong(text!(
                "the records are for section {}, which is neither code, nor data, nor debug information",
                target
            ));
        }
        out.targets.resize(self.module.sections.len(), false);
        if core::mem::replace(&mut out.targets[reloc.target.ix()], true) {
            return wrong(text!("two sections hold records for the same target"));
        }
        let section_name = self.module.section_name(self.bytes, reloc.target);
        let base = section.body.start;
        let body = &self.bytes[..section.body.end];
        let mut sites = Vec::with_capacity(reloc.entries.len());
        let mut free = base;
        let mut segment = 0;
        let is_code = section.id == id::CODE;
        let plain = prove::Section {
            bytes: body,
            base,
            is_code,
            keys: &self.symbols.keys,
        };
        let mut at_entry = 0;
        while at_entry < reloc.entries.len() {
            // Data records are few, and each must lie inside a segment.
            if section.id != id::DATA {
                let mut found = prove::Found {
                    free,
                    sites: &mut sites,
                    padded: &mut out.padded,
                    proved: &mut out.proved,
                };
                at_entry += prove::plain(&plain, &reloc.entries[at_entry..], &mut found);
                free = found.free;
            }
            let Some(entry) = reloc.entries.get(at_entry) else {
                break;
            };
            at_entry += 1;
            let form = entry.form();
            // Compared as wide numbers: offsets can be anything up to 2^32.
            if entry.offset as u64 + form.width() as u64 > section.body.len() as u64 {
                let at = section.body.end;
                let what = text!("a record points beyond the end of its section");
                return Err(stale(what, &section_name, at));
            }
            let at = base + entry.offset as usize;
            if at < free {
                return Err(stale(text!("two records overlap"), &section_name, at));
            }
            if is_code {
                scan::padded(body, free..at, &mut out.padded);
            }
            free = at + form.width();
            let stored = leb::read(&body[at..free], form).ok_or_else(|| {
                stale(
                    text!(
                        "a record {type} points to something that is not a padded LEB128",
                        entry.ty
                    ),
                    &section_name,
                    at,
                )
            })?;
            let mut place = None;
            match section.id {
                id::CODE if !prove::can_be_operand(&body[..at], entry.ty, form) => {
                    return Err(stale(
                        text!(
                            "a record {type} does not point to the operand of an instruction",
                            entry.ty
                        ),
                        &section_name,
                        at,
                    ));
                }
                id::DATA => {
                    while self
                        .module
                        .segments
                        .get(segment)
                        .is_some_and(|s| s.bytes.end <= at)
                    {
                        segment += 1;
                    }
                    let inside = self
                        .module
                        .segments
                        .get(segment)
                        .filter(|s| s.bytes.start <= at && free <= s.bytes.end);
                    let Some(inside) = inside.filter(|_| form == Form::Word) else {
                        return Err(stale(
                            text!("a record does not lie inside a data segment"),
                            &section_name,
                            at,
                        ));
                    };
                    place = inside
                        .address
                        .map(|a| a.0.wrapping_add((at - inside.bytes.start) as u32));
                }
                _ => {}
            }
            let verdict = self
                .verdict(entry, stored, section.id, place)
                .map_err(|found| {
                    let symbol = self.symbol_name(entry);
                    let what = text!("{type}{}: {}", entry.ty, symbol, found);
                    stale(what, &section_name, at)
                })?;
            match verdict {
                Verdict::Moves(class) => {
                    out.proved[entry.ty as usize] += 1;
                    if class == Class::Slot {
                        self.name_slot(entry, out);
                    }
                    if section.id != id::CUSTOM {
                        match class {
                            Class::HeapBase => out.heap_base_refs += 1,
                            Class::HeapEnd => out.heap_end_refs += 1,
                            _ => {}
                        }
                        out.zero_sites |= stored == 0 && section.id == id::DATA;
                    }
                    sites.push(Site::new(at as u32, form, class));
                }
                Verdict::Index => out.proved[entry.ty as usize] += 1,
                Verdict::Got(global, class) => {
                    out.proved[entry.ty as usize] += 1;
                    if class == Class::Slot {
                        self.name_slot(entry, out);
                    }
                    out.got.resize(self.module.globals.len(), None);
                    out.got[(global - self.module.imported_globals) as usize] = Some(class);
                }
                Verdict::Relative => {
                    out.skipped[Skip::TableOffset as usize] += 1;
                    self.name_slot(entry, out);
                }
                Verdict::Stays(skip) => out.skipped[skip as usize] += 1,
            }
        }
        if is_code {
            scan::padded(body, free..body.len(), &mut out.padded);
        }
        out.total = out.total.saturating_add(reloc.entries.len() as u32);
        out.missing = out.missing.saturating_add(reloc.missing);
        out.has_data |= section.id == id::DATA;
        out.sites.push(SectionSites {
            section: reloc.target,
            sites,
        });
        Ok(())
    }

    fn name_slot(&self, entry: &Entry, out: &mut Records) {
        let functions = self.module.imported_functions + self.module.functions;
        out.slots.resize(functions as usize, false);
        if let Some(symbol) = self.symbols.get(SymbolIndex(entry.index))
            && symbol.kind == SymbolKind::Function
            && let Some(named) = out.slots.get_mut(symbol.value as usize)
        {
            *named = true;
        }
    }

    /// Compares what is stored with what the record says.
    fn verdict(
        &self,
        entry: &Entry,
        stored: u32,
        section: u8,
        place: Option<u32>,
    ) -> core::result::Result<Verdict, Text> {
        use Verdict::{Index, Moves, Stays};
        // DWARF keeps records of what the linker dropped; it stores a tombstone there.
        let tombstone = section == id::CUSTOM && matches!(stored, 0xffff_ffff | 0xffff_fffe);
        if entry.ty == ty::TYPE_INDEX_LEB {
            return if stored == entry.index {
                Ok(Index)
            } else {
                Err(differs(entry.index, stored))
            };
        }
        let Some(symbol) = self.symbols.get(SymbolIndex(entry.index)) else {
            return if tombstone || section == id::CUSTOM && stored == 0 {
                Ok(Stays(Skip::Dropped))
            } else {
                Err(text!(
                    "its symbol {} is not in the symbol table",
                    entry.index
                ))
            };
        };
        let kind = |kind: SymbolKind| {
            if symbol.kind == kind {
                Ok(())
            } else {
                Err(text!("its symbol is of another kind"))
            }
        };
        match entry.ty {
            ty::MEMORY_ADDR_LEB
            | ty::MEMORY_ADDR_SLEB
            | ty::MEMORY_ADDR_I32
            | ty::MEMORY_ADDR_REL_SLEB => {
                kind(SymbolKind::Data)?;
                if symbol.is_undefined_data() {
                    return if stored == 0 {
                        Ok(Stays(Skip::WeakData))
                    } else {
                        Err(differs(0, stored))
                    };
                }
                let expected = symbol.value.wrapping_add(entry.addend as u32);
                match stored == expected {
                    true if symbol.class == Class::Fixed => Ok(Stays(Skip::Absolute)),
                    true => Ok(Moves(symbol.class)),
                    false if tombstone => Ok(Stays(Skip::Dropped)),
                    // Debug information says where thread-local data lies in its segment.
                    false
                        if section == id::CUSTOM
                            && symbol.flags.contains(SymbolFlags::TLS)
                            && stored == self.tls_offset(symbol, entry) =>
                    {
                        Ok(Stays(Skip::Tls))
                    }
                    false => Err(differs(expected, stored)),
                }
            }
            ty::TABLE_INDEX_SLEB | ty::TABLE_INDEX_I32 | ty::TABLE_INDEX_REL_SLEB => {
                kind(SymbolKind::Function)?;
                let slots = self.slots;
                let bias = match entry.ty {
                    ty::TABLE_INDEX_REL_SLEB => slots.map_or(0, |s| s.first),
                    _ => 0,
                };
                let holds = slots.and_then(|s| s.function(stored.wrapping_add(bias)));
                if holds == Some(symbol.value) {
                    Ok(match entry.ty {
                        // The base moves, as the linker moves it.
                        ty::TABLE_INDEX_REL_SLEB => Verdict::Relative,
                        _ => Moves(Class::Slot),
                    })
                } else if stored == 0 && slots.is_none_or(|s| s.slot(symbol.value).is_none()) {
                    Ok(Stays(Skip::WeakFunction))
                } else if tombstone {
                    Ok(Stays(Skip::Dropped))
                } else {
                    Err(text!(
                        "slot {} of the table does not hold function {}",
                        stored,
                        symbol.value
                    ))
                }
            }
            ty::FUNCTION_INDEX_LEB | ty::FUNCTION_INDEX_I32 => {
                kind(SymbolKind::Function)?;
                if stored == symbol.value {
                    Ok(Index)
                } else {
                    Err(differs(symbol.value, stored))
                }
            }
            ty::GLOBAL_INDEX_LEB | ty::GLOBAL_INDEX_I32 => self.global(symbol, stored),
            ty::TAG_INDEX_LEB => {
                kind(SymbolKind::Tag)?;
                if stored == symbol.value {
                    Ok(Index)
                } else {
                    Err(differs(symbol.value, stored))
                }
            }
            ty::TABLE_NUMBER_LEB => {
                kind(SymbolKind::Table)?;
                if stored == symbol.value {
                    Ok(Index)
                } else {
                    Err(differs(symbol.value, stored))
                }
            }
            ty::FUNCTION_OFFSET_I32 | ty::SECTION_OFFSET_I32 if section == id::CUSTOM => {
                Ok(Stays(if tombstone {
                    Skip::Dropped
                } else {
                    Skip::SectionOffset
                }))
            }
            ty::MEMORY_ADDR_TLS_SLEB => {
                kind(SymbolKind::Data)?;
                let offset = self.tls_offset(symbol, entry);
                match stored == offset {
                    true => Ok(Stays(Skip::Tls)),
                    false => Err(differs(offset, stored)),
                }
            }
            ty::MEMORY_ADDR_LOCREL_I32 => {
                kind(SymbolKind::Data)?;
                let Some(place) = place else {
                    return Err(text!("it is not in the data section"));
                };
                let expected = symbol
                    .value
                    .wrapping_add(entry.addend as u32)
                    .wrapping_sub(place);
                match (stored == expected, symbol.class) {
                    (true, Class::Data) => Ok(Stays(Skip::Distance)),
                    (true, _) => Err(text!(
                        "it measures the distance to a symbol that moves by itself"
                    )),
                    (false, _) => Err(differs(expected, stored)),
                }
            }
            _ => Err(text!("this type cannot be here")),
        }
    }

    /// All thread-local data is one segment, and `__tls_base` is its start.
    fn tls_offset(&self, symbol: &Symbol, entry: &Entry) -> u32 {
        let place = self.symbols.places.get(symbol.place as usize);
        match symbol.is_undefined_data() {
            true => 0,
            false => place.map_or(0, |p| p.1.wrapping_add(entry.addend as u32)),
        }
    }

    /// A global, or the GOT entry of a data symbol or a function.
    fn global(&self, symbol: &Symbol, stored: u32) -> core::result::Result<Verdict, Text> {
        if symbol.kind == SymbolKind::Global {
            return if stored == symbol.value {
                Ok(Verdict::Index)
            } else {
                Err(differs(symbol.value, stored))
            };
        }
        if stored < self.module.imported_globals {
            return self.imported_got(symbol, stored);
        }
        let init = self.module.global(stored).map(|g| g.init);
        let expected = match symbol.kind {
            SymbolKind::Data if symbol.flags.contains(SymbolFlags::UNDEFINED) => {
                Some((0, Class::Fixed))
            }
            SymbolKind::Data => Some((symbol.value, symbol.class)),
            SymbolKind::Function => match self.slots.and_then(|s| s.slot(symbol.value)) {
                Some(slot) => Some((slot, Class::Slot)),
                None => Some((0, Class::Fixed)),
            },
            _ => None,
        };
        match (init, expected) {
            (Some(Init::I32(value)), Some((expected, class))) if value == expected => {
                Ok(Verdict::Got(stored, class))
            }
            _ => Err(text!(
                "global {} does not hold the address of its symbol",
                stored
            )),
        }
    }

    /// The GOT entry of a symbol that nothing here defines: a loader sets it.
    fn imported_got(&self, symbol: &Symbol, stored: u32) -> core::result::Result<Verdict, Text> {
        let nth = |global: bool, n: u32| {
            let imports = self.module.imports.iter();
            let of_kind = |i: &&Import| match i.ty {
                Extern::Global(_) => global,
                Extern::Function(_) => !global,
                _ => false,
            };
            imports.filter(of_kind).nth(n as usize)
        };
        let (space, name) = match symbol.kind {
            SymbolKind::Data => ("GOT.mem", Some(&symbol.name)),
            // Without a name of its own it has that of its import.
            _ if symbol.name.is_empty() => ("GOT.func", nth(false, symbol.value).map(|i| &i.name)),
            _ => ("GOT.func", Some(&symbol.name)),
        };
        let of = |range: &Range<usize>| &self.bytes[range.clone()];
        match nth(true, stored).zip(name) {
            Some((import, name))
                if of(&import.module) == space.as_bytes() && of(&import.name) == of(name) =>
            {
                Ok(Verdict::Index)
            }
            _ => Err(text!(
                "global {} does not hold the address of its symbol",
                stored
            )),
        }
    }

    fn symbol_name(&self, entry: &Entry) -> Text {
        if entry.ty == ty::TYPE_INDEX_LEB {
            return text!("");
        }
        match self.symbols.get(SymbolIndex(entry.index)) {
            Some(symbol) if !symbol.name.is_empty() => {
                text!(" of symbol \"{}\"", text(self.bytes, &symbol.name))
            }
            _ => text!(""),
        }
    }
}

fn differs(expected: u32, stored: u32) -> Text {
    text!("{:#x} is expected, {:#x} is stored", expected, stored)
}

/// The records do not describe this file.
#[cold]
pub fn stale(what: Text, section: &str, at: usize) -> Box<Problem> {
    Problem::new(Code::StaleRelocations, text!("Cannot trust the relocation records: {}", what))
        .hint(
            text!("Something rewrote the module after it was linked: run wasm-share on the linker's own output, before \
             wasm-opt, wasm-bindgen or strip; with clang add --no-wasm-opt; do not link with --compress-relocations"),
        )
        .at(section.to_string(), at)
}

/// The data range of a module, for what looks like an address into it.
pub fn data_range(module: &Module) -> Option<(Addr, u64)> {
    let segments = || {
        module
            .segments
            .iter()
            .filter_map(|s| Some((s.address?, s.bytes.len() as u64)))
    };
    let start = segments().filter(|s| s.1 > 0).map(|s| s.0).min()?;
    let end = segments().map(|(a, n)| a.0 as u64 + n).max()?;
    Some((start, end))
}
