//! The module with records: what was found → bytes.
//!
//! In: the module, edits of its code, its memory, and what moves each global. Out: the same module with
//! padded operands, one `linking` and up to two `reloc.*` sections. Nothing is decided here.
//!
//! Sources: core specification 3.0, chapter 5; tool-conventions, Linking.md (version 2).

use std::collections::BTreeMap;
use std::ops::Range;

use wasm_encoder::Encode;
use wasm_share_relocator::inspect::converted::{Converted, MARK};
use wasm_share_relocator::wasm::{Module, id};

/// Types of records.
const TABLE_INDEX_SLEB: u8 = 1;
const TABLE_INDEX_I32: u8 = 2;
const MEMORY_ADDR_LEB: u8 = 3;
const MEMORY_ADDR_SLEB: u8 = 4;
const MEMORY_ADDR_I32: u8 = 5;

/// Flags of symbols.
const WEAK: u32 = 0x01;
const LOCAL: u32 = 0x02;
const UNDEFINED: u32 = 0x10;
const ABSOLUTE: u32 = 0x200;

/// Name of the symbol at the start of the first segment, to which all addresses are relative.
const ORIGIN: &str = "converted.origin";

/// A part of what takes the place of an operand or an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// The operand of `i32.const`, padded: an address.
    Address(u32),
    /// The offset of a memory access, padded: an address.
    Offset(u32),
    /// The operand of `i32.const`, padded: a slot of the table that holds this function.
    Slot(u32, u32),
    /// The operand of `i32.const`, padded: a slot, relative to the first of the module.
    TableBase(u32),
}

/// A change of the code.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The bytes that go away, in the file.
    pub range: Range<usize>,
    /// What comes instead.
    pub pieces: Vec<Piece>,
}

/// What a word in data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// An address.
    Address,
    /// A slot that holds this function.
    Slot(u32),
}

/// A global whose initial value is an address.
#[derive(Clone, Debug)]
pub struct Address {
    /// Under which names it is known; one is made up if there is none.
    pub names: Vec<String>,
    /// The address.
    pub value: u32,
}

/// What is known of a defined global.
#[derive(Clone, Debug)]
pub enum Global {
    /// The stack pointer, whose stack can be placed apart.
    StackPointer,
    /// An address.
    Address(Address),
    /// A slot of the table.
    Slot,
    /// A number that stays.
    Number,
}

/// A symbol that another module defines.
#[derive(Clone, Debug)]
pub enum Undefined {
    /// An imported function.
    Function {
        /// Its index.
        index: u32,
        /// It may be missing.
        weak: bool,
    },
    /// Data, or a function that is not imported itself.
    Data {
        /// Its name.
        name: String,
        /// It may be missing.
        weak: bool,
    },
}

/// Everything that the output needs.
pub struct Draft<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Where everything lies in it.
    pub module: &'a Module,
    /// Changes of the code, sorted, without overlap.
    pub edits: Vec<Edit>,
    /// Segments with their addresses, sorted, without overlap.
    pub segments: Vec<(u32, Vec<u8>)>,
    /// Words in the segments, sorted by address.
    pub words: Vec<(u32, Word)>,
    /// By index among the defined `i32` globals of the output.
    pub globals: BTreeMap<u32, Global>,
    /// Symbols that other modules define.
    pub undefined: Vec<Undefined>,
    /// Sections with an id that are written anew; `None` drops one.
    pub sections: BTreeMap<u8, Option<Vec<u8>>>,
    /// Custom sections with new contents.
    pub customs: BTreeMap<&'static str, Vec<u8>>,
    /// First slot of the module in the table, for operands that are relative to it.
    pub table_base: u32,
    /// What the reader of the output must know.
    pub converted: Converted,
}

/// A record: type, offset in its section, symbol, addend.
type Record = (u8, u32, u32, Option<i32>);

/// The output.
pub struct Written {
    /// The module.
    pub bytes: Vec<u8>,
    /// Names of the sections that were dropped although they said something.
    pub dropped: Vec<String>,
}

impl Draft<'_> {
    /// Writes the module.
    pub fn write(&self) -> Written {
        let mut symbols = Symbols::new(self);
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let mut dropped = Vec::new();
        let (mut code, mut data) = (None, None);
        let mut index = 0;
        // Sections that the file lacks, in their order.
        let mut missing = self.missing();
        for section in &self.module.sections {
            while let Some(id) = missing.next_if(|id| rank(*id) < rank(section.id)) {
                put(
                    id,
                    self.sections[&id].as_deref().unwrap_or_default(),
                    &mut out,
                );
                index += 1;
            }
            let body = &self.bytes[section.body.clone()];
            let mut new = Vec::new();
            match section.id {
                id::CUSTOM => {
                    let name = String::from_utf8_lossy(&self.bytes[section.name.clone()]);
                    let replaced = self.customs.get(&*name);
                    match (replaced, fate(&name)) {
                        (None, Fate::Drop) => continue,
                        (None, Fate::Stale) if !self.edits.is_empty() => {
                            dropped.push(name.into_owned());
                            continue;
                        }
                        _ => {}
                    }
                    name.encode(&mut new);
                    new.extend_from_slice(replaced.map_or(body, |bytes| bytes));
                }
                id::CODE => {
                    let mut records = Vec::new();
                    self.code(&mut new, &mut symbols, &mut records);
                    code = Some((index, records));
                }
                id::DATA => {
                    let mut records = Vec::new();
                    self.data(&mut new, &mut symbols, &mut records);
                    data = Some((index, records));
                }
                id::DATA_COUNT => (self.segments.len() as u32).encode(&mut new),
                known => match self.sections.get(&known) {
                    Some(None) => continue,
                    Some(Some(replaced)) => new.extend_from_slice(replaced),
                    None => new.extend_from_slice(body),
                },
            }
            put(section.id, &new, &mut out);
            index += 1;
        }
        for id in missing {
            put(
                id,
                self.sections[&id].as_deref().unwrap_or_default(),
                &mut out,
            );
            index += 1;
        }
        // Custom sections may come before it.
        if data.is_none() && !self.segments.is_empty() {
            let (mut new, mut records) = (Vec::new(), Vec::new());
            self.data(&mut new, &mut symbols, &mut records);
            data = Some((index, records));
            put(id::DATA, &new, &mut out);
        }
        custom("linking", &self.linking(&symbols), &mut out);
        for (name, target) in [("reloc.CODE", code), ("reloc.DATA", data)] {
            if let Some((section, records)) = target {
                custom(name, &reloc(section, &records), &mut out);
            }
        }
        Written {
            bytes: out,
            dropped,
        }
    }

    /// Ids of sections that are written although the file has none.
    fn missing(&self) -> std::iter::Peekable<std::vec::IntoIter<u8>> {
        let has = |id: u8| self.module.sections.iter().any(|section| section.id == id);
        let new = self
            .sections
            .iter()
            .filter(|(id, body)| body.is_some() && !has(**id));
        let mut ids: Vec<u8> = new.map(|(id, _)| *id).collect();
        ids.sort_by_key(|id| rank(*id));
        ids.into_iter().peekable()
    }

    /// The code section: all bodies, edited.
    fn code(&self, out: &mut Vec<u8>, symbols: &mut Symbols, records: &mut Vec<Record>) {
        let Some((_, section)) = self.module.section(id::CODE) else {
            return;
        };
        let mut edits = self.edits.iter().peekable();
        let mut r = wasm_share_relocator::wasm::reader(self.bytes, &section.body);
        // The inspection has read all of this before.
        let count = r.read_var_u32().unwrap_or(0);
        count.encode(out);
        let mut body = Vec::new();
        let mut sites: Vec<Record> = Vec::new();
        for _ in 0..count {
            let Ok(reader) = r.read_reader() else { return };
            let range = reader.range();
            let range = range.start as usize..range.end as usize;
            body.clear();
            sites.clear();
            let mut at = range.start;
            while let Some(edit) = edits.next_if(|edit| edit.range.start < range.end) {
                body.extend_from_slice(&self.bytes[at..edit.range.start]);
                for piece in &edit.pieces {
                    symbols.piece(piece, &mut body, &mut sites);
                }
                at = edit.range.end;
            }
            body.extend_from_slice(&self.bytes[at..range.end]);
            (body.len() as u32).encode(out);
            let start = out.len() as u32;
            out.extend_from_slice(&body);
            let shifted = sites
                .iter()
                .map(|site| (site.0, site.1 + start, site.2, site.3));
            records.extend(shifted);
        }
    }

    /// The data section: all segments as active ones of memory 0.
    fn data(&self, out: &mut Vec<u8>, symbols: &mut Symbols, records: &mut Vec<Record>) {
        (self.segments.len() as u32).encode(out);
        let mut words = self.words.iter().peekable();
        for (address, bytes) in &self.segments {
            out.push(0);
            i32_const(*address, out);
            (bytes.len() as u32).encode(out);
            let start = out.len() as u32;
            out.extend_from_slice(bytes);
            let end = u64::from(*address) + bytes.len() as u64;
            while let Some((at, word)) = words.next_if(|(at, _)| u64::from(*at) < end) {
                let offset = at - address;
                let stored = &bytes[offset as usize..];
                let value = u32::from_le_bytes([stored[0], stored[1], stored[2], stored[3]]);
                records.push(match word {
                    Word::Address => symbols.address(MEMORY_ADDR_I32, start + offset, value),
                    Word::Slot(function) => (
                        TABLE_INDEX_I32,
                        start + offset,
                        symbols.function(*function),
                        None,
                    ),
                });
            }
        }
    }

    fn linking(&self, symbols: &Symbols) -> Vec<u8> {
        let mut segments = Vec::new();
        (self.segments.len() as u32).encode(&mut segments);
        for at in 0..self.segments.len() {
            format!("converted.{at}").as_str().encode(&mut segments);
            // What it is aligned to is said by the mark.
            0u32.encode(&mut segments);
            0u32.encode(&mut segments);
        }
        let mut table = Vec::new();
        symbols.count.encode(&mut table);
        table.extend_from_slice(&symbols.bytes);
        let mut out = vec![2];
        for (kind, body) in [(5u8, segments), (8, table)] {
            out.push(kind);
            body.as_slice().encode(&mut out);
        }
        out
    }
}

/// The symbol table while it is made.
struct Symbols {
    bytes: Vec<u8>,
    count: u32,
    /// Address of the symbol [`ORIGIN`].
    origin: u32,
    functions: BTreeMap<u32, u32>,
    imported_functions: u32,
    /// First slot of the table, and the symbol for it once it is needed.
    table_base: u32,
    table: Option<u32>,
}

impl Symbols {
    fn new(draft: &Draft<'_>) -> Self {
        let mut symbols = Symbols {
            bytes: Vec::new(),
            count: 0,
            origin: draft.segments.first().map_or(0, |segment| segment.0),
            functions: BTreeMap::new(),
            imported_functions: draft.module.imported_functions,
            table_base: draft.table_base,
            table: None,
        };
        // Its index is 0. Without data nothing of it moves.
        match draft.segments.is_empty() {
            true => symbols.absolute(ORIGIN, symbols.origin, 0),
            false => symbols.data(ORIGIN, symbols.origin, 0),
        }
        let Converted { flags, slots } = draft.converted;
        symbols.absolute(MARK, flags, slots);
        for (index, global) in &draft.globals {
            let made_up = format!("converted.global.{index}");
            let name = match global {
                Global::StackPointer => "__stack_pointer",
                Global::Slot => "GOT.func.internal.converted",
                Global::Address(_) | Global::Number => &made_up,
            };
            symbols.put(2, LOCAL, &[*index]);
            name.encode(&mut symbols.bytes);
            if let Global::Address(address) = global {
                for name in address.names.iter().chain([&made_up]) {
                    symbols.data(name, address.value, 0);
                }
            }
        }
        for undefined in &draft.undefined {
            let flags = |weak: bool| UNDEFINED | if weak { WEAK } else { 0 };
            match undefined {
                Undefined::Function { index, weak } => {
                    symbols.functions.insert(*index, symbols.count);
                    symbols.put(0, flags(*weak), &[*index]);
                }
                Undefined::Data { name, weak } => {
                    symbols.put(1, flags(*weak), &[]);
                    name.as_str().encode(&mut symbols.bytes);
                }
            }
        }
        symbols
    }

    /// An absolute symbol.
    fn absolute(&mut self, name: &str, value: u32, size: u32) {
        self.put(1, LOCAL | ABSOLUTE, &[]);
        name.encode(&mut self.bytes);
        for value in [0, value, size] {
            value.encode(&mut self.bytes);
        }
    }

    fn put(&mut self, kind: u8, flags: u32, numbers: &[u32]) {
        self.bytes.push(kind);
        flags.encode(&mut self.bytes);
        for number in numbers {
            number.encode(&mut self.bytes);
        }
        self.count += 1;
    }

    /// A data symbol, relative to the first segment.
    fn data(&mut self, name: &str, address: u32, size: u32) {
        self.put(1, LOCAL, &[]);
        name.encode(&mut self.bytes);
        for value in [0, address.wrapping_sub(self.origin), size] {
            value.encode(&mut self.bytes);
        }
    }

    /// The symbol of a function.
    fn function(&mut self, index: u32) -> u32 {
        if let Some(symbol) = self.functions.get(&index) {
            return *symbol;
        }
        let symbol = self.count;
        if index < self.imported_functions {
            self.put(0, UNDEFINED, &[index]);
        } else {
            self.put(0, LOCAL, &[index]);
            format!("converted.function.{index}")
                .as_str()
                .encode(&mut self.bytes);
        }
        self.functions.insert(index, symbol);
        symbol
    }

    fn address(&self, ty: u8, offset: u32, value: u32) -> Record {
        (ty, offset, 0, Some(value.wrapping_sub(self.origin) as i32))
    }

    fn piece(&mut self, piece: &Piece, body: &mut Vec<u8>, records: &mut Vec<Record>) {
        let at = body.len() as u32;
        match piece {
            Piece::Bytes(bytes) => body.extend_from_slice(bytes),
            Piece::Address(value) => {
                records.push(self.address(MEMORY_ADDR_SLEB, at, *value));
                padded(i64::from(*value as i32), body);
            }
            Piece::Offset(value) => {
                records.push(self.address(MEMORY_ADDR_LEB, at, *value));
                padded(i64::from(*value), body);
            }
            Piece::Slot(value, function) => {
                records.push((TABLE_INDEX_SLEB, at, self.function(*function), None));
                padded(i64::from(*value as i32), body);
            }
            Piece::TableBase(value) => {
                let symbol = self.table.unwrap_or(self.count);
                if self.table.replace(symbol).is_none() {
                    self.absolute("__table_base", self.table_base, 0);
                }
                let addend = value.wrapping_sub(self.table_base) as i32;
                records.push((MEMORY_ADDR_SLEB, at, symbol, Some(addend)));
                padded(i64::from(*value as i32), body);
            }
        }
    }
}

/// A LEB128 of five bytes, as the linker pads what it relocates.
fn padded(value: i64, out: &mut Vec<u8>) {
    for at in 0..5 {
        let more = if at < 4 { 0x80 } else { 0 };
        out.push((value >> (7 * at)) as u8 & 0x7f | more);
    }
}

/// `i32.const value end`.
pub fn i32_const(value: u32, out: &mut Vec<u8>) {
    out.push(0x41);
    (value as i32).encode(out);
    out.push(0x0b);
}

fn reloc(section: u32, records: &[Record]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len() * 8);
    section.encode(&mut out);
    (records.len() as u32).encode(&mut out);
    for (ty, offset, symbol, addend) in records {
        out.push(*ty);
        offset.encode(&mut out);
        symbol.encode(&mut out);
        if let Some(addend) = addend {
            addend.encode(&mut out);
        }
    }
    out
}

fn put(id: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(id);
    body.encode(out);
}

fn custom(name: &str, body: &[u8], out: &mut Vec<u8>) {
    let mut new = Vec::with_capacity(body.len() + name.len() + 5);
    name.encode(&mut new);
    new.extend_from_slice(body);
    put(id::CUSTOM, &new, out);
}

/// The order of sections with an id. A custom section has none and comes first here, so that nothing is put
/// before it.
fn rank(section: u8) -> usize {
    const ORDER: [u8; 14] = [0, 1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
    ORDER.iter().position(|id| *id == section).unwrap_or(0)
}

enum Fate {
    Keep,
    /// It describes what is written anew here.
    Drop,
    /// It holds offsets of code, which code that is written anew makes wrong.
    Stale,
}

fn fate(name: &str) -> Fate {
    match name {
        "linking" | "dylink.0" | "dylink" | "wasm-share" => Fate::Drop,
        "sourceMappingURL" | "external_debug_info" => Fate::Stale,
        _ if name.starts_with("reloc.") => Fate::Drop,
        _ if name.starts_with(".debug_") || name.starts_with("metadata.code.") => Fate::Stale,
        _ => Fate::Keep,
    }
}
