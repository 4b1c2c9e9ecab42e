//! The `linking` section of a final module: symbols with their addresses, and what moves each.
//!
//! In: the section (tool-conventions, Linking.md, version 2) and the skeleton. Out: [`Symbols`], one
//! small record a symbol, so that the pass over the relocation records is a table look-up.

use crate::error::{Code, Problem, Result};
use crate::ids::SymbolIndex;
use crate::model::Class;
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Module, Section, reader, text};
use core::ops::Range;
use wasm_share_kernels::leb::Cursor;
use wasm_share_kernels::prove::Key;
use wasm_share_kernels::records::End;
use wasm_share_kernels::symbols;
use wasmparser::{BinaryReader, SymbolFlags};

/// What kind of thing a symbol names (the numbers of Linking.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum SymbolKind {
    Function,
    Data,
    Global,
    Section,
    Tag,
    Table,
}

impl SymbolKind {
    const ALL: [SymbolKind; 6] = [
        SymbolKind::Function,
        SymbolKind::Data,
        SymbolKind::Global,
        SymbolKind::Section,
        SymbolKind::Tag,
        SymbolKind::Table,
    ];
}

/// One symbol.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What it names.
    pub kind: SymbolKind,
    /// What moves its address; [`Class::Fixed`] for everything but data.
    pub class: Class,
    /// Flags of Linking.md.
    pub flags: SymbolFlags,
    /// Address of a data symbol, else the index of what it names.
    pub value: u32,
    /// Size of a data symbol in bytes.
    pub size: u32,
    /// Index into [`Symbols::places`] of a defined data symbol.
    pub place: u32,
    /// Its name in the file; empty if it has that of its import.
    pub name: Range<usize>,
}

impl Symbol {
    /// A data symbol that nothing defines: its address is 0 and stays so.
    pub fn is_undefined_data(&self) -> bool {
        self.kind == SymbolKind::Data && self.flags.contains(SymbolFlags::UNDEFINED)
    }
}

/// The content of the `linking` section.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// The symbol table.
    pub list: Vec<Symbol>,
    /// What the pass over the records needs of each symbol.
    pub keys: Vec<Key>,
    /// Those whose names start with two underscores: what the linker makes is among them.
    pub reserved: Vec<u32>,
    /// Segment and offset of the defined data symbols.
    pub places: Vec<(u32, u32)>,
    /// Largest alignment of a segment, in bytes.
    pub alignment: u32,
}

/// What moves a symbol that the linker makes itself. `None`: not one of them.
///
/// Source: wasm-ld (LLVM 22), `Driver.cpp` and `Writer.cpp`, the synthetic symbols.
#[inline(never)]
pub fn linker_made(name: &[u8]) -> Option<Class> {
    const MADE: [(&[u8], Class); 10] = [
        (b"__heap_base", Class::HeapBase),
        (b"__heap_end", Class::HeapEnd),
        (b"__stack_low", Class::StackLow),
        (b"__stack_high", Class::StackHigh),
        (b"__data_end", Class::Data),
        (b"__global_base", Class::Data),
        (b"__dso_handle", Class::Data),
        // 0 in a finished module: what is added to it are whole addresses.
        (b"__memory_base", Class::Fixed),
        (b"__table_base", Class::Slot),
        (b"__wasm_first_page_end", Class::Fixed),
    ];
    match MADE.iter().find(|made| made.0 == name) {
        Some(made) => Some(made.1),
        None if name.starts_with(b"__start_") || name.starts_with(b"__stop_") => Some(Class::Data),
        None => None,
    }
}

impl Symbols {
    /// Reads the section.
    ///
    /// # Errors
    /// `malformed_module`, and `unsupported_relocation` for another version.
    pub fn read(bytes: &[u8], module: &Module, section: &Section) -> Result<Symbols> {
        let mut r = reader(bytes, &section.body);
        let version = r.read_var_u32()?;
        if version != 2 {
            return Err(Problem::new(
                Code::UnsupportedRelocation,
                text!(
                    "Cannot read the linking section: its version is {}, not 2",
                    version
                ),
            )
            .hint(text!("Link with LLVM 9 or newer"))
            .at("linking", section.body.start));
        }
        let mut symbols = Symbols {
            alignment: 1,
            ..Symbols::default()
        };
        let mut described = None;
        let mut has_table = false;
        while !r.eof() {
            let at = r.original_position() as usize;
            let kind = r.read_u8()?;
            let mut sub = r.read_reader()?;
            let twice = match kind {
                5 => described
                    .replace(symbols.read_segments(&mut sub)?)
                    .is_some(),
                8 => {
                    symbols.read_table(bytes, module, &sub)?;
                    core::mem::replace(&mut has_table, true)
                }
                _ => false,
            };
            if twice {
                return Err(stale(
                    text!("the linking section holds subsection {} twice", kind),
                    at,
                ));
            }
        }
        // Their alignments decide by how much data can move.
        let segments = module.segments.len();
        if described.unwrap_or(0) as usize != segments {
            return Err(stale(
                text!(
                    "the linking section describes {} data segments, and the module has {}",
                    described.unwrap_or(0),
                    segments
                ),
                section.header,
            ));
        }
        Ok(symbols)
    }

    fn read_segments(&mut self, r: &mut BinaryReader<'_>) -> Result<u32> {
        let count = r.read_var_u32()?;
        for _ in 0..count {
            r.skip_string()?;
            let at = r.original_position();
            let power = r.read_var_u32()?;
            if power > 16 {
                return Err(Problem::new(
                    Code::MalformedModule,
                    text!(
                        "Cannot read the linking section: a segment is aligned to 2^{} bytes",
                        power
                    ),
                )
                .hint(text!("Alignments above 64 KiB are not supported"))
                .at("linking", at as usize));
            }
            self.alignment = self.alignment.max(1 << power);
            r.read_var_u32()?;
        }
        match r.eof() {
            true => Ok(count),
            false => Err(stale(
                text!("bytes follow the last segment"),
                r.original_position() as usize,
            )),
        }
    }

    fn read_table(&mut self, bytes: &[u8], module: &Module, sub: &BinaryReader<'_>) -> Result<()> {
        let range = sub.range();
        let mut cursor = Cursor::new(&bytes[..range.end as usize], range.start as usize);
        let count = cursor.unsigned().ok_or_else(|| short(&cursor))?;
        // A symbol takes at least three bytes, so a count that lies reserves nothing.
        let most = (count as usize).min((range.end - range.start) as usize / 3);
        self.list.reserve(most);
        self.keys.reserve(most);
        for _ in 0..count {
            let at = cursor.position();
            let entry = match symbols::next(&mut cursor) {
                Ok(entry) => entry,
                Err(End::Short) => return Err(short(&cursor)),
                Err(End::Type(kind)) => {
                    return Err(Problem::new(
                        Code::UnsupportedRelocation,
                        text!(
                            "Cannot read the symbol table: symbol {} has the unknown kind {}",
                            self.list.len(),
                            kind
                        ),
                    )
                    .hint(text!(
                        "Link with LLVM 9 to 22, or report what your linker wrote"
                    ))
                    .at("linking", at));
                }
            };
            let flags = SymbolFlags::from_bits_retain(entry.flags);
            let undefined = flags.contains(SymbolFlags::UNDEFINED);
            let mut symbol = Symbol {
                kind: SymbolKind::ALL[usize::from(entry.kind)],
                class: Class::Fixed,
                flags,
                value: entry.numbers[0],
                size: 0,
                place: 0,
                name: entry.name,
            };
            if symbol.kind == SymbolKind::Data && !undefined {
                let [segment, offset, size] = entry.numbers;
                symbol.size = size;
                symbol.place = self.places.len() as u32;
                self.places.push((segment, offset));
                if flags.contains(SymbolFlags::ABSOLUTE) {
                    symbol.value = offset;
                    symbol.class = linker_made(&bytes[symbol.name.clone()]).unwrap_or(Class::Fixed);
                } else {
                    let segments = &module.segments;
                    let address = segments.get(segment as usize).and_then(|s| s.address);
                    let address = address.ok_or_else(|| {
                        let name = text(bytes, &symbol.name);
                        stale(
                            text!(
                                "symbol \"{}\" lies in data segment {}, which is not there",
                                name,
                                segment
                            ),
                            at,
                        )
                    })?;
                    symbol.value = address.0.wrapping_add(offset);
                    symbol.class = Class::Data;
                }
            }
            let class = match undefined {
                true => Class::Fixed,
                false => symbol.class,
            };
            self.keys
                .push(Key::new(symbol.value, symbol.kind as u8, class));
            if bytes[symbol.name.clone()].starts_with(b"__") {
                self.reserved.push(self.list.len() as u32);
            }
            self.list.push(symbol);
        }
        if !cursor.eof() {
            return Err(stale(
                text!("bytes follow the last symbol"),
                cursor.position(),
            ));
        }
        Ok(())
    }

    /// A symbol by its index.
    pub fn get(&self, index: SymbolIndex) -> Option<&Symbol> {
        self.list.get(index.ix())
    }

    /// The symbols whose names start with two underscores.
    pub fn reserved(&self) -> impl Iterator<Item = &Symbol> {
        self.reserved.iter().map(|at| &self.list[*at as usize])
    }

    /// The first symbol of a kind with this name, which starts with two underscores.
    #[inline(never)]
    pub fn find(&self, bytes: &[u8], kind: SymbolKind, name: &[u8]) -> Option<&Symbol> {
        self.reserved()
            .find(|s| s.kind == kind && &bytes[s.name.clone()] == name)
    }
}

/// Data symbols by name and address. A module can export as many statics as it has symbols; most export a few.
pub struct Addresses<'a> {
    bytes: &'a [u8],
    symbols: &'a Symbols,
    /// How often all symbols were looked at.
    asked: u32,
    /// After that: hash of name and address, and the symbol; sorted.
    keys: Option<Vec<(u32, u32)>>,
}

impl<'a> Addresses<'a> {
    /// Symbols are looked at one by one so many times.
    const FEW: u32 = 8;

    /// The defined data symbols.
    pub fn new(bytes: &'a [u8], symbols: &'a Symbols) -> Self {
        Self {
            bytes,
            symbols,
            asked: 0,
            keys: None,
        }
    }

    /// The first symbol with this name and address.
    pub fn find(&mut self, name: &[u8], value: u32) -> Option<&'a Symbol> {
        let (bytes, symbols) = (self.bytes, self.symbols);
        let data = |s: &Symbol| s.kind == SymbolKind::Data && !s.is_undefined_data();
        let is = |s: &&Symbol| s.value == value && data(s) && &bytes[s.name.clone()] == name;
        self.asked += 1;
        if self.asked <= Self::FEW {
            return symbols.list.iter().find(is);
        }
        let keys = self.keys.get_or_insert_with(|| {
            let mut keys = (0..)
                .zip(&symbols.list)
                .filter(|(_, s)| data(s))
                .map(|(at, s)| (key(&bytes[s.name.clone()], s.value), at))
                .collect();
            sort::by_key(&mut keys, |k| k.0);
            keys
        });
        let wanted = key(name, value);
        let from = keys.partition_point(|k| k.0 < wanted);
        keys[from..]
            .iter()
            .take_while(|k| k.0 == wanted)
            .map(|k| &symbols.list[k.1 as usize])
            .find(is)
    }
}

fn key(name: &[u8], value: u32) -> u32 {
    name.iter().fold(value, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cold]
fn short(cursor: &Cursor<'_>) -> Box<Problem> {
    Problem::new(
        Code::MalformedModule,
        text!("Cannot read the symbol table: it is incomplete"),
    )
    .hint(text!(
        "Check that the file is complete and was not changed after it was built"
    ))
    .at("linking", cursor.position())
}

fn stale(what: Text, at: usize) -> Box<Problem> {
    super::relocs::stale(what, "linking", at)
}
