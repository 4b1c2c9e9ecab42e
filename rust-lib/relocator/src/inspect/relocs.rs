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
use crate::ids::{Addr, SectionIndex, SymbolIndex};
use crate::model::{Class, Form, SectionSites, Site};
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Init, Module, Section, Segment, id, text};
use core::ops::Range;
use wasm_share_kernels::records::{self, End, Entry};
use wasm_share_kernels::scan::Cover;
use wasm_share_kernels::{leb, prove};
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
    /// Operands of code that have a record.
    pub cover: Cover,
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

/// One `reloc.*` section, opened.
#[derive(Clone)]
pub struct RelocSection<'a> {
    /// The section that the records patch.
    pub target: SectionIndex,
    /// How many records the header counts.
    pub count: u32,
    /// Where the section starts.
    pub header: usize,
    name: &'a str,
    cursor: leb::Cursor<'a>,
}

impl<'a> RelocSection<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn open(bytes: &'a [u8], section: &Section) -> Result<Self> {
        let mut reloc = Self {
            target: SectionIndex(0),
            count: 0,
            header: section.header,
            name: text(bytes, &section.name),
            cursor: leb::Cursor::new(&bytes[..section.body.end], section.body.start),
        };
        let header = reloc.cursor.unsigned().zip(reloc.cursor.unsigned());
        let (target, count) = header.ok_or_else(|| reloc.wrong(section.body.start, End::Short))?;
        reloc.target = SectionIndex(target);
        reloc.count = count;
        Ok(reloc)
    }

    /// The next record. wasm-ld counts records of undefined weak functions that it does not write, so the section
    /// may end before.
    ///
    /// # Errors
    /// `malformed_module`, `unsupported_relocation`, `memory64`.
    fn next(&mut self, left: u32) -> Result<Option<Entry>> {
        let at = self.cursor.position();
        match (left, self.cursor.eof()) {
            (_, true) => Ok(None),
            (0, false) => Err(Problem::new(
                Code::MalformedModule,
                text!(
                    "Cannot read the relocation records: bytes follow the last of {}",
                    self.count
                ),
            )
            .hint(text!("Use the linker's own output"))
            .at(self.name, at)),
            _ => records::next(&mut self.cursor)
                .map(Some)
                .map_err(|end| self.wrong(at, end)),
        }
    }

    /// All records, sorted by offset, and how many the header counts beyond those.
    ///
    /// # Errors
    /// Those of reading.
    pub fn entries(mut self) -> Result<(Vec<Entry>, u32)> {
        let mut entries = Vec::new();
        let mut left = self.count;
        while let Some(entry) = self.next(left)? {
            entries.push(entry);
            left -= 1;
        }
        sort::by_key(&mut entries, |e| e.offset);
        Ok((entries, left))
    }

    #[cold]
    fn wrong(&self, at: usize, end: End) -> Box<Problem> {
        let problem = match end {
            End::Short => Problem::new(
                Code::MalformedModule,
                text!("Cannot read a relocation record: it is incomplete"),
            )
            .hint(text!(
                "Check that the file is complete and was not changed after it was built"
            )),
            End::Type(ty) if ty < ty::COUNT => Problem::new(
                Code::Memory64,
                text!(
                    "Cannot read a relocation record: {type} belongs to a 64-bit memory",
                    ty
                ),
            )
            .hint(text!("Build for wasm32")),
            End::Type(ty) => Problem::new(
                Code::UnsupportedRelocation,
                text!(
                    "Cannot read a relocation record: its type {} is unknown",
                    ty
                ),
            )
            .hint(text!(
                "Link with a released version of LLVM; types 0 to 26 are known"
            )),
        };
        problem.at(self.name, at)
    }
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

/// What was read of one `reloc.*` section.
pub struct Proved {
    /// Its target.
    pub target: SectionIndex,
    /// Where the section starts.
    pub header: usize,
    /// How many records the header counts beyond those that are there.
    pub missing: u32,
    /// Whether there is a record.
    pub any: bool,
    /// The records of data, sorted by offset.
    pub data: Vec<Entry>,
}

/// A section whose records are being proved.
struct Target<'a> {
    section: &'a Section,
    name: &'a str,
    /// Up to here bytes have records.
    free: usize,
    /// The data segment that the last record was in.
    segment: usize,
    sites: Vec<Site>,
    /// Proved records by type; at [`prove::DROPPED`] those of what the linker dropped.
    counts: [u32; 32],
    skipped: [u32; SKIPS],
    heap_base_refs: u32,
    heap_end_refs: u32,
}

impl Prover<'_> {
    /// Proves every record of one `reloc.*` section and lists its sites.
    ///
    /// # Errors
    /// Those of [`RelocSection::open`] and of reading; `stale_relocations`.
    pub fn section(&self, reloc: &RelocSection<'_>, out: &mut Records) -> Result<Proved> {
        let wrong = |what: Text| Err(stale(what, reloc.name, reloc.header));
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
        if section.id == id::CODE {
            out.cover = Cover::new(section.body.clone());
        }
        let name = self.module.section_name(self.bytes, reloc.target);
        let new = || Target {
            section,
            name,
            free: section.body.start,
            segment: 0,
            sites: Vec::new(),
            counts: [0; 32],
            skipped: [0; SKIPS],
            heap_base_refs: 0,
            heap_end_refs: 0,
        };
        let mut place = new();
        let mut data = Vec::new();
        let in_order = match section.id {
            // They are few, and the search for addresses without a record needs them.
            id::DATA => None,
            _ => self.in_order(reloc.clone(), &mut place, out)?,
        };
        let missing = match in_order {
            Some(missing) => missing,
            None => {
                place = new();
                let (entries, missing) = reloc.clone().entries()?;
                for entry in &entries {
                    self.entry(entry, &mut place, out)?;
                }
                data = entries;
                missing
            }
        };
        // Where debug information points to in a section is not known.
        for ty in [ty::FUNCTION_OFFSET_I32, ty::SECTION_OFFSET_I32] {
            let stay = core::mem::take(&mut place.counts[ty as usize]);
            place.skipped[Skip::SectionOffset as usize] += stay;
        }
        place.skipped[Skip::Dropped as usize] += place.counts[prove::DROPPED];
        for (sum, count) in out.proved.iter_mut().zip(place.counts) {
            *sum += count;
        }
        for (sum, count) in out.skipped.iter_mut().zip(place.skipped) {
            *sum += count;
        }
        out.heap_base_refs += place.heap_base_refs;
        out.heap_end_refs += place.heap_end_refs;
        let records = reloc.count - missing;
        out.total = out.total.saturating_add(records);
        out.missing = out.missing.saturating_add(missing);
        out.has_data |= section.id == id::DATA;
        out.sites.push(SectionSites {
            section: reloc.target,
            sites: place.sites,
        });
        Ok(Proved {
            target: reloc.target,
            header: reloc.header,
            missing,
            any: records > 0,
            data,
        })
    }

    /// Proves records as they come. How many the header counts beyond those that are there; `None` if they are not
    /// sorted by offset.
    fn in_order(
        &self,
        mut reloc: RelocSection<'_>,
        place: &mut Target<'_>,
        out: &mut Records,
    ) -> Result<Option<u32>> {
        let section = prove::Section {
            bytes: &self.bytes[..place.section.body.end],
            base: place.section.body.start,
            keys: &self.symbols.keys,
        };
        let mut block = prove::Block::default();
        let mut left = reloc.count;
        loop {
            let mut found = prove::Found {
                free: place.free,
                sites: &mut place.sites,
                cover: &mut out.cover,
                block: &mut block,
                counts: &mut place.counts,
            };
            let plain = match place.section.id {
                id::CODE => prove::code,
                _ => prove::custom,
            };
            left -= plain(&section, &mut reloc.cursor, left, &mut found);
            place.free = found.free;
            let Some(entry) = reloc.next(left)? else {
                break;
            };
            left -= 1;
            // The last one that was accepted takes up to five bytes.
            let at = section.base as u64 + u64::from(entry.offset);
            if at + 5 < place.free as u64 {
                return Ok(None);
            }
            self.entry(&entry, place, out)?;
        }
        Ok(Some(left))
    }

    /// Proves one record.
    fn entry(&self, entry: &Entry, place: &mut Target<'_>, out: &mut Records) -> Result<()> {
        let section = place.section;
        let body = &self.bytes[..section.body.end];
        let form = entry.form();
        let fail = |what: Text, at: usize| Err(stale(what, place.name, at));
        // Compared as wide numbers: offsets can be anything up to 2^32.
        if entry.offset as u64 + form.width() as u64 > section.body.len() as u64 {
            return fail(
                text!("a record points beyond the end of its section"),
                section.body.end,
            );
        }
        let at = section.body.start + entry.offset as usize;
        if at < place.free {
            return fail(text!("two records overlap"), at);
        }
        let end = at + form.width();
        place.free = end;
        let Some(stored) = leb::read(&body[at..end], form) else {
            return fail(
                text!(
                    "a record {type} points to something that is not a padded LEB128",
                    entry.ty
                ),
                at,
            );
        };
        let mut address = None;
        match section.id {
            id::CODE if !prove::can_be_operand(&body[..at], entry.ty, form) => {
                return fail(
                    text!(
                        "a record {type} does not point to the operand of an instruction",
                        entry.ty
                    ),
                    at,
                );
            }
            id::CODE => out.cover.add(at),
            id::DATA => {
                let segments = &self.module.segments;
                let ends = |s: &Segment| s.bytes.end <= at;
                while segments.get(place.segment).is_some_and(ends) {
                    place.segment += 1;
                }
                let inside = segments
                    .get(place.segment)
                    .filter(|s| s.bytes.start <= at && end <= s.bytes.end);
                let Some(inside) = inside.filter(|_| form == Form::Word) else {
                    return fail(text!("a record does not lie inside a data segment"), at);
                };
                address = inside
                    .address
                    .map(|a| a.0.wrapping_add((at - inside.bytes.start) as u32));
            }
            _ => {}
        }
        let verdict = match self.verdict(entry, stored, section.id, address) {
            Ok(verdict) => verdict,
            Err(found) => {
                let symbol = self.symbol_name(entry);
                return fail(text!("{type}{}: {}", entry.ty, symbol, found), at);
            }
        };
        match verdict {
            Verdict::Moves(class) => {
                place.counts[entry.ty as usize] += 1;
                if class == Class::Slot {
                    self.name_slot(entry, out);
                }
                if section.id != id::CUSTOM {
                    match class {
                        Class::HeapBase => place.heap_base_refs += 1,
                        Class::HeapEnd => place.heap_end_refs += 1,
                        _ => {}
                    }
                    out.zero_sites |= stored == 0 && section.id == id::DATA;
                }
                place.sites.push(Site::new(at as u32, form, class));
            }
            Verdict::Index => place.counts[entry.ty as usize] += 1,
            Verdict::Got(global, class) => {
                place.counts[entry.ty as usize] += 1;
                if class == Class::Slot {
                    self.name_slot(entry, out);
                }
                out.got.resize(self.module.globals.len(), None);
                out.got[(global - self.module.imported_globals) as usize] = Some(class);
            }
            Verdict::Relative => {
                place.skipped[Skip::TableOffset as usize] += 1;
                self.name_slot(entry, out);
            }
            Verdict::Stays(skip) => place.skipped[skip as usize] += 1,
        }
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
            let at = self.module.imported[usize::from(global)].get(n as usize)?;
            self.module.imports.get(*at as usize)
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
        .at(section, at)
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
