//! A final module with records at known places, as no compiler emits them.
//!
//! In: a [`Final`]: plain lists of everything that a module holds; code and data are bytes with
//! [`Record`]s. Out: [`Built`]: the file, and of each record where it lies, in which form, and what must
//! become of it. Written from the specifications (Linking.md, `WasmRelocs.def`) and not from the core, so
//! that the two can disagree. It needs nothing but `wasm-encoder` and the core's own names for forms and
//! classes: a test of the core can take it in with `#[path]`.

use wasm_encoder::{Encode, EntityType, ExportKind, GlobalType, MemoryType, TableType, ValType};
use wasm_share_relocator::model::{Class, Form};

/// Symbol flags of Linking.md.
#[allow(missing_docs)]
pub mod flag {
    pub const WEAK: u32 = 0x1;
    pub const LOCAL: u32 = 0x2;
    pub const UNDEFINED: u32 = 0x10;
    pub const EXPLICIT_NAME: u32 = 0x40;
    pub const TLS: u32 = 0x100;
    pub const ABSOLUTE: u32 = 0x200;
}

/// What must become of a record. The numbers of `Stays` are those of `inspect::relocs::Skip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A site that moves.
    Moves(Class),
    /// An index: proved, and no site.
    Index,
    /// The index of a global that holds the address of a symbol.
    Got(u32, Class),
    /// No site, for this reason.
    Stays(usize),
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// From the start of what holds it.
    pub at: usize,
    /// 0 to 26.
    pub ty: u8,
    /// Type or symbol.
    pub index: u32,
    /// 0 where the type has none.
    pub addend: i32,
    /// What is written at the site.
    pub stored: u32,
    /// What must become of it.
    pub fate: Fate,
}

/// How a value of a type is stored (`WasmRelocs.def`, and `writeRelocations` of LLVM's writer).
pub fn form(ty: u8) -> Form {
    match ty {
        2 | 5 | 8 | 9 | 13 | 23 | 26 => Form::Word,
        1 | 4 | 11 | 12 | 21 => Form::Sleb,
        _ => Form::Leb,
    }
}

/// Whether an addend follows the index.
pub fn has_addend(ty: u8) -> bool {
    matches!(ty, 3 | 4 | 5 | 8 | 9 | 11 | 21 | 23)
}

/// The bytes of a value at a site.
pub fn stored_bytes(form: Form, value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    match form {
        Form::Word => out.extend(value.to_le_bytes()),
        Form::Leb | Form::Sleb => {
            // The sign of a 32-bit number goes on in bits 32 to 34.
            let wide = match form {
                Form::Sleb => value as i32 as i64 as u64,
                _ => value as u64,
            };
            for at in 0..5 {
                let more = if at < 4 { 0x80 } else { 0 };
                out.push((wide >> (7 * at)) as u8 & 0x7f | more);
            }
        }
    }
    out
}

/// Bytes with records.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Records, in any order.
    pub records: Vec<Record>,
}

impl Part {
    /// Appends bytes.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends a number in as few bytes as it takes.
    pub fn leb(&mut self, value: u32) -> &mut Self {
        value.encode(&mut self.bytes);
        self
    }

    /// Appends a signed number in as few bytes as it takes.
    pub fn sleb(&mut self, value: i32) -> &mut Self {
        value.encode(&mut self.bytes);
        self
    }

    /// Puts an instruction in front of everything, with a site among its bytes.
    pub fn prepend(&mut self, before: &[u8], site: Option<Record>, after: &[u8]) {
        let mut part = Part::default();
        part.raw(before);
        if let Some(record) = site {
            part.site(record);
        }
        part.raw(after);
        let skip = part.bytes.len();
        for mut record in self.records.drain(..) {
            record.at += skip;
            part.records.push(record);
        }
        part.bytes.append(&mut self.bytes);
        *self = part;
    }

    /// Appends a site.
    pub fn site(&mut self, mut record: Record) -> &mut Self {
        record.at = self.bytes.len();
        self.bytes
            .extend(stored_bytes(form(record.ty), record.stored));
        self.records.push(record);
        self
    }

    /// Writes a site over bytes that are there.
    pub fn site_at(&mut self, at: usize, mut record: Record) {
        record.at = at;
        let bytes = stored_bytes(form(record.ty), record.stored);
        self.bytes[at..at + bytes.len()].copy_from_slice(&bytes);
        self.records.push(record);
    }
}

/// A section that a section symbol names.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// The code.
    Code,
    /// The data.
    Data,
    /// One of [`Final::customs`].
    Custom(usize),
}

/// What a symbol names.
#[derive(Clone, Debug)]
pub enum Of {
    /// A function.
    Function(u32),
    /// A global.
    Global(u32),
    /// A tag.
    Tag(u32),
    /// A table.
    Table(u32),
    /// A section.
    Section(Named),
    /// Segment, offset, size; for an absolute symbol the offset is the address.
    Data(u32, u32, u32),
    /// Data that nothing defines.
    Undefined,
}

/// A symbol.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What it names.
    pub of: Of,
    /// See [`flag`].
    pub flags: u32,
    /// Its name.
    pub name: String,
}

/// The initial value of a global.
#[derive(Clone, Debug)]
pub enum Init {
    /// `i32.const`.
    I32(u32),
    /// Any expression, without `end`.
    Raw(Vec<u8>),
}

/// A defined global.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its type.
    pub ty: GlobalType,
    /// Its initial value.
    pub init: Init,
}

/// A defined function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its type.
    pub ty: u32,
    /// Groups of locals.
    pub locals: Vec<(u32, ValType)>,
    /// Instructions, `end` included.
    pub code: Part,
}

/// An element segment, as it is written.
#[derive(Clone, Debug)]
pub struct Element {
    /// 0 to 7.
    pub flags: u32,
    /// Of an active one.
    pub table: u32,
    /// Of an active one, without `end`.
    pub offset: Init,
    /// `None` is null, in segments of expressions.
    pub functions: Vec<Option<u32>>,
}

/// An active data segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its address.
    pub address: u32,
    /// Written with the number of its memory.
    pub explicit: bool,
    /// Its content.
    pub part: Part,
}

/// A custom section.
#[derive(Clone, Debug)]
pub struct Custom {
    /// Its name.
    pub name: String,
    /// Its content.
    pub part: Part,
}

/// A final module.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Final {
    pub types: Vec<(Vec<ValType>, Vec<ValType>)>,
    pub imports: Vec<(String, String, EntityType)>,
    pub functions: Vec<Function>,
    pub tables: Vec<TableType>,
    pub memory: Option<MemoryType>,
    /// Types of the defined tags.
    pub tags: Vec<u32>,
    pub globals: Vec<Global>,
    pub exports: Vec<(String, ExportKind, u32)>,
    pub start: Option<u32>,
    pub elements: Vec<Element>,
    /// Write the number of data segments in front of the code.
    pub data_count: bool,
    pub segments: Vec<Segment>,
    pub symbols: Vec<Symbol>,
    /// Powers of two; one for each data segment.
    pub alignments: Vec<u32>,
    pub customs: Vec<Custom>,
    /// Names of globals in the name section.
    pub global_names: Vec<(u32, String)>,
    /// How many records the header of `reloc.CODE` counts beyond those that are there.
    pub missing: u32,
    /// Write the name section behind the records, as wasm-ld does.
    pub names_last: bool,
    /// What is wrong about the sections that describe the others.
    pub spoiled: Option<Spoiled>,
}

/// Something that no linker writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiled {
    /// The linking section describes a data segment more.
    SegmentMore,
    /// The linking section describes a data segment less.
    SegmentLess,
    /// A subsection of the linking section is there twice.
    Twice(u8),
    /// No linking section.
    NoLinking,
    /// Records for the section of this number from the last one on, counted backwards.
    TargetFromEnd(u32),
    /// Records for a section that is not there.
    TargetNowhere,
    /// Records for a section that holds neither code, nor data, nor anything of the user's: the types.
    TargetTypes,
    /// A second section of records for the code.
    TargetTwice,
    /// So many more records of the code are counted than there are padded zeros.
    Count(i32),
    /// A record of this type.
    Type(u8),
    /// The first record of the code twice.
    Overlap,
}

/// Which section a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Code.
    Code,
    /// Data.
    Data,
    /// One of [`Final::customs`].
    Custom(usize),
}

/// A record and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// In which section.
    pub holder: Holder,
    /// In the file.
    pub file: usize,
    /// From the start of the section's body.
    pub offset: usize,
    /// The record.
    pub record: Record,
}

/// A file and what is known about it.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// All records, by their place in the file.
    pub known: Vec<Known>,
}

/// Which records are left out of the `reloc.*` sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// None.
    Nothing,
    /// The one with this number in [`Built::known`].
    Record(usize),
    /// A whole `reloc.*` section.
    Section(Holder),
}

struct Writer {
    bytes: Vec<u8>,
    sections: u32,
}

impl Writer {
    /// Writes a section; its number and where its body starts.
    fn section(&mut self, id: u8, body: &[u8]) -> (u32, usize) {
        self.bytes.push(id);
        (body.len() as u32).encode(&mut self.bytes);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(body);
        self.sections += 1;
        (self.sections - 1, start)
    }

    fn list(&mut self, id: u8, count: usize, items: &[u8]) -> (u32, usize) {
        let mut body = Vec::new();
        (count as u32).encode(&mut body);
        body.extend_from_slice(items);
        self.section(id, &body)
    }

    fn custom(&mut self, name: &str, content: &[u8]) -> (u32, usize) {
        let mut body = Vec::new();
        name.encode(&mut body);
        let skip = body.len();
        body.extend_from_slice(content);
        let (number, start) = self.section(0, &body);
        (number, start + skip)
    }
}

fn expression(init: &Init, out: &mut Vec<u8>) {
    match init {
        Init::I32(value) => {
            out.push(0x41);
            (*value as i32).encode(out);
        }
        Init::Raw(bytes) => out.extend_from_slice(bytes),
    }
    out.push(0x0b);
}

impl Final {
    /// The address of a data symbol; 0 for one that nothing defines.
    pub fn address(&self, symbol: &Symbol) -> u32 {
        match symbol.of {
            Of::Data(_, offset, _) if symbol.flags & flag::ABSOLUTE != 0 => offset,
            Of::Data(segment, offset, _) => {
                self.segments[segment as usize].address.wrapping_add(offset)
            }
            _ => 0,
        }
    }

    /// The file with all records.
    pub fn finish(&self) -> Built {
        self.finish_without(Without::Nothing)
    }

    /// The file without some records; [`Built::known`] lists them nevertheless.
    pub fn finish_without(&self, without: Without) -> Built {
        let mut w = Writer {
            bytes: b"\0asm\x01\0\0\0".to_vec(),
            sections: 0,
        };
        let mut known = Vec::new();
        let mut items = Vec::new();
        for (params, results) in &self.types {
            items.push(0x60);
            params.as_slice().encode(&mut items);
            results.as_slice().encode(&mut items);
        }
        w.list(1, self.types.len(), &items);
        items.clear();
        if !self.imports.is_empty() {
            for (module, name, ty) in &self.imports {
                module.as_str().encode(&mut items);
                name.as_str().encode(&mut items);
                ty.encode(&mut items);
            }
            w.list(2, self.imports.len(), &items);
            items.clear();
        }
        if !self.functions.is_empty() {
            for function in &self.functions {
                function.ty.encode(&mut items);
            }
            w.list(3, self.functions.len(), &items);
            items.clear();
        }
        if !self.tables.is_empty() {
            for table in &self.tables {
                table.encode(&mut items);
            }
            w.list(4, self.tables.len(), &items);
            items.clear();
        }
        if let Some(memory) = self.memory {
            memory.encode(&mut items);
            w.list(5, 1, &items);
            items.clear();
        }
        if !self.tags.is_empty() {
            for ty in &self.tags {
                items.push(0);
                ty.encode(&mut items);
            }
            w.list(13, self.tags.len(), &items);
            items.clear();
        }
        if !self.globals.is_empty() {
            for global in &self.globals {
                global.ty.encode(&mut items);
                expression(&global.init, &mut items);
            }
            w.list(6, self.globals.len(), &items);
            items.clear();
        }
        if !self.exports.is_empty() {
            for (name, kind, index) in &self.exports {
                name.as_str().encode(&mut items);
                kind.encode(&mut items);
                index.encode(&mut items);
            }
            w.list(7, self.exports.len(), &items);
            items.clear();
        }
        if let Some(start) = self.start {
            start.encode(&mut items);
            w.section(8, &items);
            items.clear();
        }
        if !self.elements.is_empty() {
            for element in &self.elements {
                element.encode(&mut items);
            }
            w.list(9, self.elements.len(), &items);
            items.clear();
        }
        if self.data_count {
            (self.segments.len() as u32).encode(&mut items);
            w.section(12, &items);
            items.clear();
        }
        let mut numbers = Vec::new();
        if !self.functions.is_empty() {
            (self.functions.len() as u32).encode(&mut items);
            let mut places = Vec::new();
            for function in &self.functions {
                let mut body = Vec::new();
                (function.locals.len() as u32).encode(&mut body);
                for (count, ty) in &function.locals {
                    count.encode(&mut body);
                    ty.encode(&mut body);
                }
                let skip = body.len();
                body.extend_from_slice(&function.code.bytes);
                (body.len() as u32).encode(&mut items);
                places.push((items.len() + skip, &function.code));
                items.extend_from_slice(&body);
            }
            let (number, start) = w.section(10, &items);
            items.clear();
            numbers.push((Holder::Code, number));
            note(Holder::Code, start, &places, &mut known);
        }
        if !self.segments.is_empty() {
            (self.segments.len() as u32).encode(&mut items);
            let mut places = Vec::new();
            for segment in &self.segments {
                items.extend_from_slice(if segment.explicit { &[2, 0] } else { &[0] });
                expression(&Init::I32(segment.address), &mut items);
                (segment.part.bytes.len() as u32).encode(&mut items);
                places.push((items.len(), &segment.part));
                items.extend_from_slice(&segment.part.bytes);
            }
            let (number, start) = w.section(11, &items);
            items.clear();
            numbers.push((Holder::Data, number));
            note(Holder::Data, start, &places, &mut known);
        }
        for (at, custom) in self.customs.iter().enumerate() {
            let (number, start) = w.custom(&custom.name, &custom.part.bytes);
            numbers.push((Holder::Custom(at), number));
            note(Holder::Custom(at), start, &[(0, &custom.part)], &mut known);
        }
        known.sort_by_key(|known| known.file);
        if !self.names_last {
            self.names(&mut w);
        }
        let linking = self.linking(&numbers);
        if self.spoiled != Some(Spoiled::NoLinking) {
            w.custom("linking", &linking);
        }
        for (holder, number) in &numbers {
            // Sections of code and data always have one, as wasm-ld writes it for a program with records.
            let has = !matches!(holder, Holder::Custom(_))
                || known.iter().any(|known| known.holder == *holder);
            if !has || without == Without::Section(*holder) {
                continue;
            }
            let content = self.records(*holder, *number, &known, without);
            let name = match holder {
                Holder::Code => "reloc.CODE".to_string(),
                Holder::Data => "reloc.DATA".to_string(),
                Holder::Custom(at) => format!("reloc.{}", self.customs[*at].name),
            };
            w.custom(&name, &content);
        }
        let target = match self.spoiled {
            // The last section but so many is one that is about records.
            Some(Spoiled::TargetFromEnd(back)) => w.sections.checked_sub(1 + back),
            Some(Spoiled::TargetNowhere) => Some(w.sections + 9),
            Some(Spoiled::TargetTypes) => Some(0),
            Some(Spoiled::TargetTwice) => numbers.iter().find(|n| n.0 == Holder::Code).map(|n| n.1),
            _ => None,
        };
        if let Some(target) = target {
            let mut content = Vec::new();
            target.encode(&mut content);
            content.push(0);
            w.custom("reloc.spoiled", &content);
        }
        if self.names_last {
            self.names(&mut w);
        }
        Built {
            bytes: w.bytes,
            known,
        }
    }

    fn records(&self, holder: Holder, number: u32, known: &[Known], without: Without) -> Vec<u8> {
        let mut out = Vec::new();
        number.encode(&mut out);
        let list = known
            .iter()
            .enumerate()
            .filter(|(at, known)| known.holder == holder && without != Without::Record(*at));
        let spoiled = self.spoiled.filter(|_| holder == Holder::Code);
        let mut list: Vec<Known> = list.map(|(_, known)| *known).collect();
        let mut count = list.len() as u32;
        if holder == Holder::Code {
            count += self.missing;
        }
        match spoiled {
            Some(Spoiled::Count(more)) => count = count.wrapping_add_signed(more),
            Some(Spoiled::Overlap) => {
                list.extend(list.first().copied());
                count += 1;
            }
            Some(Spoiled::Type(ty)) => {
                if let Some(first) = list.first_mut() {
                    first.record.ty = ty;
                }
            }
            _ => {}
        }
        count.encode(&mut out);
        for known in list {
            out.push(known.record.ty);
            (known.offset as u32).encode(&mut out);
            known.record.index.encode(&mut out);
            if has_addend(known.record.ty) {
                known.record.addend.encode(&mut out);
            }
        }
        out
    }

    fn linking(&self, numbers: &[(Holder, u32)]) -> Vec<u8> {
        let mut out = vec![2];
        let mut described = self.alignments.clone();
        match self.spoiled {
            Some(Spoiled::SegmentMore) => described.push(0),
            Some(Spoiled::SegmentLess) => drop(described.pop()),
            _ => {}
        }
        if !described.is_empty() {
            let mut sub = Vec::new();
            (described.len() as u32).encode(&mut sub);
            for (at, power) in described.iter().enumerate() {
                format!(".data.{at}").as_str().encode(&mut sub);
                power.encode(&mut sub);
                0u32.encode(&mut sub);
            }
            for _ in 0..1 + (self.spoiled == Some(Spoiled::Twice(5))) as u8 {
                out.push(5);
                sub.as_slice().encode(&mut out);
            }
        }
        let mut sub = Vec::new();
        (self.symbols.len() as u32).encode(&mut sub);
        for symbol in &self.symbols {
            let named =
                symbol.flags & flag::UNDEFINED == 0 || symbol.flags & flag::EXPLICIT_NAME != 0;
            let (kind, index) = match &symbol.of {
                Of::Function(index) => (0, *index),
                Of::Global(index) => (2, *index),
                Of::Tag(index) => (4, *index),
                Of::Table(index) => (5, *index),
                Of::Section(named) => {
                    let holder = match named {
                        Named::Code => Holder::Code,
                        Named::Data => Holder::Data,
                        Named::Custom(at) => Holder::Custom(*at),
                    };
                    let number = numbers.iter().find(|n| n.0 == holder);
                    (3, number.map_or(0, |n| n.1))
                }
                Of::Data(..) | Of::Undefined => (1, 0),
            };
            sub.push(kind);
            symbol.flags.encode(&mut sub);
            match &symbol.of {
                Of::Data(segment, offset, size) => {
                    symbol.name.as_str().encode(&mut sub);
                    for number in [segment, offset, size] {
                        number.encode(&mut sub);
                    }
                }
                Of::Undefined => symbol.name.as_str().encode(&mut sub),
                Of::Section(_) => index.encode(&mut sub),
                _ => {
                    index.encode(&mut sub);
                    if named {
                        symbol.name.as_str().encode(&mut sub);
                    }
                }
            }
        }
        for _ in 0..1 + (self.spoiled == Some(Spoiled::Twice(8))) as u8 {
            out.push(8);
            sub.as_slice().encode(&mut out);
        }
        out
    }

    fn names(&self, w: &mut Writer) {
        if self.global_names.is_empty() {
            return;
        }
        let mut sub = Vec::new();
        (self.global_names.len() as u32).encode(&mut sub);
        for (index, name) in &self.global_names {
            index.encode(&mut sub);
            name.as_str().encode(&mut sub);
        }
        let mut content = vec![7];
        sub.as_slice().encode(&mut content);
        w.custom("name", &content);
    }
}

impl Element {
    fn encode(&self, out: &mut Vec<u8>) {
        self.flags.encode(out);
        if self.flags & 1 == 0 {
            if self.flags & 2 != 0 {
                self.table.encode(out);
            }
            expression(&self.offset, out);
        }
        let expressions = self.flags & 4 != 0;
        if self.flags & 3 != 0 {
            // funcref, or the kind that stands for it.
            out.push(if expressions { 0x70 } else { 0 });
        }
        (self.functions.len() as u32).encode(out);
        for function in &self.functions {
            match (function, expressions) {
                (Some(function), false) => function.encode(out),
                (Some(function), true) => {
                    out.push(0xd2);
                    function.encode(out);
                    out.push(0x0b);
                }
                (None, _) => out.extend([0xd0, 0x70, 0x0b]),
            }
        }
    }
}

fn note(holder: Holder, start: usize, parts: &[(usize, &Part)], known: &mut Vec<Known>) {
    for (skip, part) in parts {
        for record in &part.records {
            let offset = skip + record.at;
            known.push(Known {
                holder,
                file: start + offset,
                offset,
                record: *record,
            });
        }
    }
}
