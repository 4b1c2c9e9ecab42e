//! The skeleton of a module: where each section, segment and global lies, without a look inside the
//! code.
//!
//! In: bytes. Out: a [`Module`] of offsets and small values, owned, so that later phases can go back
//! to the bytes without a second parse. Everything is read with `wasmparser`'s readers; whatever
//! this project cannot move is refused here or noted for the inspection.

use crate::error::{Code, Problem, Result};
use crate::ids::{Addr, FileOffset, SectionIndex};
use core::ops::Range;
use wasmparser::{
    BinaryReader, ConstExpr, DataKind, DataSectionReader, ElementItems, ElementKind, ElementSectionReader,
    GlobalSectionReader, ImportSectionReader, Imports, MemorySectionReader, MemoryType, Operator,
    TableSectionReader, TableType, TypeRef, ValType,
};

/// Section ids of the core specification.
#[allow(missing_docs)]
pub mod id {
    pub const CUSTOM: u8 = 0;
    pub const TYPE: u8 = 1;
    pub const IMPORT: u8 = 2;
    pub const FUNCTION: u8 = 3;
    pub const TABLE: u8 = 4;
    pub const MEMORY: u8 = 5;
    pub const GLOBAL: u8 = 6;
    pub const EXPORT: u8 = 7;
    pub const START: u8 = 8;
    pub const ELEMENT: u8 = 9;
    pub const CODE: u8 = 10;
    pub const DATA: u8 = 11;
    pub const DATA_COUNT: u8 = 12;
    pub const TAG: u8 = 13;
}

/// The order in which sections with an id may appear.
fn rank(section: u8) -> Option<u8> {
    const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
    ORDER.iter().position(|id| *id == section).map(|at| at as u8)
}

/// One section of the file.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its id; 0 is a custom section.
    pub id: u8,
    /// From the id byte on.
    pub header: usize,
    /// After id and size; for a custom section after the name too.
    pub body: Range<usize>,
    /// The name of a custom section.
    pub name: Range<usize>,
}

/// An imported or defined memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Limits in pages.
    pub ty: MemoryType,
    /// Which import it is.
    pub import: Option<usize>,
}

/// An imported or defined table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Element type and limits in slots.
    pub ty: TableType,
    /// Which import it is.
    pub import: Option<usize>,
}

/// One entry of the import section.
#[derive(Clone, Debug)]
pub struct Import {
    /// The whole entry in the file.
    pub entry: Range<usize>,
    /// Module and field name in the file.
    pub module: Range<usize>,
    /// Field name in the file.
    pub name: Range<usize>,
    /// What is imported.
    pub ty: TypeRef,
}

/// A constant expression that this project can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// `i32.const`.
    I32(u32),
    /// `global.get`.
    Global(u32),
    /// Anything else.
    Other,
}

/// A defined global.
#[derive(Clone, Debug)]
pub struct Global {
    /// The whole entry in the file.
    pub entry: Range<usize>,
    /// Its initial value in the file, `end` included.
    pub init_expr: Range<usize>,
    /// Its type is `i32`.
    pub i32: bool,
    /// It can be written.
    pub mutable: bool,
    /// Its initial value.
    pub init: Init,
}

/// An element segment.
#[derive(Clone, Debug)]
pub struct Element {
    /// The whole segment in the file.
    pub entry: Range<usize>,
    /// The offset expression in the file.
    pub offset_expr: Range<usize>,
    /// What it fills.
    pub kind: ElementSegment,
    /// Number of elements.
    pub count: u32,
}

/// What an element segment fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementSegment {
    /// A table, when the module is instantiated.
    Active {
        /// The table.
        table: u32,
        /// The first slot.
        offset: Init,
    },
    /// A table, when `table.init` says so.
    Passive,
    /// Nothing: it declares functions for `ref.func`.
    Declared,
}

/// A data segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Address of an active segment; `None` for a passive one.
    pub address: Option<Addr>,
    /// The whole segment in the file.
    pub entry: Range<usize>,
    /// Its bytes in the file.
    pub bytes: Range<usize>,
}

/// Where everything lies in a module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// All sections in file order.
    pub sections: Vec<Section>,
    /// Imports.
    pub imports: Vec<Import>,
    /// Number of imported functions, globals and tags.
    pub imported_functions: u32,
    /// Number of imported globals.
    pub imported_globals: u32,
    /// Number of defined functions.
    pub functions: u32,
    /// Memories, imports first.
    pub memories: Vec<Memory>,
    /// Tables, imports first.
    pub tables: Vec<Table>,
    /// Defined globals.
    pub globals: Vec<Global>,
    /// Element segments.
    pub elements: Vec<Element>,
    /// Data segments.
    pub segments: Vec<Segment>,
    /// The start function.
    pub start: Option<u32>,
}

/// A reader over a part of the file that counts offsets from the file's start.
pub fn reader<'a>(bytes: &'a [u8], range: &Range<usize>) -> BinaryReader<'a> {
    BinaryReader::new(&bytes[range.clone()], range.start as u64)
}

fn range(range: Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

impl Module {
    /// Reads the skeleton.
    ///
    /// # Errors
    /// `not_wasm`, `component`, `malformed_module`.
    pub fn read(bytes: &[u8]) -> Result<Module> {
        check_header(bytes)?;
        let mut module = Module::default();
        let mut last = None;
        let mut at = 8;
        while at < bytes.len() {
            let mut r = BinaryReader::new(&bytes[at..], at as u64);
            let id = r.read_u8()?;
            let size = r.read_var_u32()? as usize;
            let start = at + r.current_position();
            if r.bytes_remaining() < size {
                return Err(malformed(format!(
                    "a section of {size} bytes reaches beyond the end of the file ({} bytes)",
                    bytes.len()
                ), at));
            }
            let mut section =
                Section { id, header: at, body: start..start + size, name: start..start };
            if id == id::CUSTOM {
                let mut r = reader(bytes, &section.body);
                let length = r.read_var_u32()? as usize;
                let name = start + r.current_position();
                r.read_bytes(length)?;
                section.name = name..name + length;
                section.body.start = name + length;
            } else {
                let rank = rank(id).ok_or_else(|| malformed(format!("unknown section id {id}"), at))?;
                if last.is_some_and(|last| last >= rank) {
                    return Err(malformed(format!("section id {id} is repeated or out of order"), at));
                }
                last = Some(rank);
                module.read_section(bytes, &section)?;
            }
            at = start + size;
            module.sections.push(section);
        }
        Ok(module)
    }

    fn read_section(&mut self, bytes: &[u8], section: &Section) -> Result<()> {
        let r = reader(bytes, &section.body);
        let end = section.body.end;
        match section.id {
            id::IMPORT => self.read_imports(bytes, r)?,
            id::FUNCTION => {
                self.functions = r.clone().read_var_u32()?;
                if self.functions as usize > section.body.len() {
                    return Err(malformed(format!("{} functions do not fit their section", self.functions), section.body.start));
                }
            }
            id::TABLE => {
                for table in TableSectionReader::new(r)? {
                    self.tables.push(Table { ty: table?.ty, import: None });
                }
            }
            id::MEMORY => {
                for memory in MemorySectionReader::new(r)? {
                    self.memories.push(Memory { ty: memory?, import: None });
                }
            }
            id::GLOBAL => {
                for global in GlobalSectionReader::new(r)?.into_iter_with_offsets() {
                    let (start, global) = global?;
                    let (init, init_expr) = read_init(&global.init_expr)?;
                    self.globals.push(Global {
                        entry: start as usize..init_expr.end,
                        init_expr,
                        i32: global.ty.content_type == ValType::I32,
                        mutable: global.ty.mutable,
                        init,
                    });
                }
            }
            id::START => self.start = Some(r.clone().read_var_u32()?),
            id::ELEMENT => {
                for element in ElementSectionReader::new(r)? {
                    let element = element?;
                    let (kind, offset_expr) = match element.kind {
                        ElementKind::Active { table_index, offset_expr } => {
                            let (offset, at) = read_init(&offset_expr)?;
                            let table = table_index.unwrap_or(0);
                            (ElementSegment::Active { table, offset }, at)
                        }
                        ElementKind::Passive => (ElementSegment::Passive, 0..0),
                        ElementKind::Declared => (ElementSegment::Declared, 0..0),
                    };
                    let count = match &element.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    };
                    self.elements.push(Element { entry: range(element.range), offset_expr, kind, count });
                }
            }
            id::DATA => {
                for data in DataSectionReader::new(r)? {
                    let data = data?;
                    let address = match data.kind {
                        DataKind::Passive => None,
                        DataKind::Active { memory_index: 0, offset_expr } => match read_init(&offset_expr)? {
                            (Init::I32(address), _) => Some(Addr(address)),
                            (_, at) => {
                                return Err(Problem::new(
                                    Code::MalformedModule,
                                    "Cannot place a data segment: its offset is not an i32.const",
                                )
                                .at("data", at.start));
                            }
                        },
                        DataKind::Active { .. } => {
                            return Err(Problem::new(
                                Code::MultipleMemories,
                                "Cannot place a data segment: it belongs to a second memory",
                            )
                            .hint("Link with one memory")
                            .at("data", data.range.start as usize));
                        }
                    };
                    let entry = range(data.range);
                    let bytes = entry.end - data.data.len()..entry.end;
                    self.segments.push(Segment { address, entry, bytes });
                }
            }
            _ => {}
        }
        debug_assert!(end <= bytes.len());
        Ok(())
    }

    fn read_imports(&mut self, bytes: &[u8], r: BinaryReader<'_>) -> Result<()> {
        let section = ImportSectionReader::new(r)?;
        let section_end = section.range().end as usize;
        let mut items = section.into_iter_with_offsets().peekable();
        while let Some(item) = items.next() {
            let (start, item) = item?;
            let Imports::Single(_, import) = item else {
                return Err(malformed("compact import sections are not supported".into(), start as usize)
                    .hint("Build without the compact-imports feature"));
            };
            let end = match items.peek() {
                Some(Ok((next, _))) => *next as usize,
                _ => section_end,
            };
            let entry = start as usize..end;
            let mut r = reader(bytes, &entry);
            let mut text = || -> Result<Range<usize>> {
                let length = r.read_var_u32()? as usize;
                let at = r.original_position() as usize;
                r.read_bytes(length)?;
                Ok(at..at + length)
            };
            let (module, name) = (text()?, text()?);
            let index = self.imports.len();
            match import.ty {
                TypeRef::Func(_) | TypeRef::FuncExact(_) => self.imported_functions += 1,
                TypeRef::Global(_) => self.imported_globals += 1,
                TypeRef::Memory(ty) => self.memories.push(Memory { ty, import: Some(index) }),
                TypeRef::Table(ty) => self.tables.push(Table { ty, import: Some(index) }),
                TypeRef::Tag(_) => {}
            }
            self.imports.push(Import { entry, module, name, ty: import.ty });
        }
        Ok(())
    }

    /// The only section with this id.
    pub fn section(&self, id: u8) -> Option<(SectionIndex, &Section)> {
        self.sections
            .iter()
            .enumerate()
            .find(|(_, s)| s.id == id)
            .map(|(at, s)| (SectionIndex(at as u32), s))
    }

    /// Custom sections and their names.
    pub fn customs<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (SectionIndex, &'a [u8], &'a Section)> {
        self.sections
            .iter()
            .enumerate()
            .filter(|(_, s)| s.id == id::CUSTOM)
            .map(|(at, s)| (SectionIndex(at as u32), &bytes[s.name.clone()], s))
    }

    /// The first custom section with this name.
    pub fn custom<'a>(&'a self, bytes: &'a [u8], name: &str) -> Option<&'a Section> {
        self.customs(bytes).find(|(_, n, _)| *n == name.as_bytes()).map(|(_, _, s)| s)
    }

    /// A section's name for messages.
    pub fn section_name(&self, bytes: &[u8], section: SectionIndex) -> String {
        let Some(section) = self.sections.get(section.ix()) else { return String::new() };
        match section.id {
            id::CODE => "code".into(),
            id::DATA => "data".into(),
            id::CUSTOM => String::from_utf8_lossy(&bytes[section.name.clone()]).into_owned(),
            id => format!("#{id}"),
        }
    }

    /// A defined global by its index in the module's index space.
    pub fn global(&self, index: u32) -> Option<&Global> {
        self.globals.get(index.checked_sub(self.imported_globals)? as usize)
    }

    /// The offset in the file where an offset of `reloc.*` starts to count.
    pub fn body(&self, section: SectionIndex) -> Option<FileOffset> {
        Some(FileOffset(self.sections.get(section.ix())?.body.start as u32))
    }
}

/// Text from the file; names are UTF-8 in a valid module.
pub fn text<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a str {
    core::str::from_utf8(&bytes[range.clone()]).unwrap_or("\u{fffd}")
}

/// The value of a constant expression and where it lies.
fn read_init(expr: &ConstExpr<'_>) -> Result<(Init, Range<usize>)> {
    let at = range(expr.get_binary_reader().range());
    let mut ops = expr.get_operators_reader();
    let init = match ops.read()? {
        Operator::I32Const { value } => Init::I32(value as u32),
        Operator::GlobalGet { global_index } => Init::Global(global_index),
        _ => Init::Other,
    };
    let init = match ops.read() {
        Ok(Operator::End) => init,
        _ => Init::Other,
    };
    Ok((init, at))
}

fn check_header(bytes: &[u8]) -> Result<()> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, 0, 1, 0, ..] => {
            Err(Problem::new(Code::Component, "Cannot move a component: it has memories of its own inside")
                .hint("Take the core module before it is made a component (wasm-tools component unbundle, or the linker's output)")
                .at("", 4))
        }
        [0, b'a', b's', b'm', version @ ..] => Err(Problem::new(
            Code::MalformedModule,
            format!("Cannot read the module: its version is {:02x?}", &version[..version.len().min(4)]),
        )
        .hint("Only version 1 of the binary format is known")
        .at("", 4)),
        [] => Err(Problem::new(Code::NotWasm, "Cannot read the module: it is empty").at("", 0)),
        _ => Err(Problem::new(
            Code::NotWasm,
            "Cannot read the module: it does not start with the bytes of a WebAssembly module (\"\\0asm\")",
        )
        .hint("Pass the .wasm file, not text (.wat) or a compressed file")
        .at("", 0)),
    }
}

fn malformed(what: String, at: usize) -> Box<Problem> {
    Problem::new(Code::MalformedModule, format!("Cannot read the module: {what}"))
        .hint("Check that the file is complete and was not changed after it was built")
        .at("", at)
}
