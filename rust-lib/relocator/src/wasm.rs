//! The skeleton of a module: where each section, segment and global lies, without a look inside the
//! code.
//!
//! In: bytes. Out: a [`Module`] of offsets and small values, owned, so that later phases can go back
//! to the bytes without a second parse. Numbers are read with `wasmparser`; whatever
//! this project cannot move is refused here or noted for the inspection.

use crate::error::{Code, Problem, Result};
use crate::externs::{Extern, ExternKind, GlobalType, Limits, Signature, ValueType};
use crate::ids::{Addr, SectionIndex};
use crate::text::{Text, text};
use core::ops::Range;
use wasmparser::BinaryReader;

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
    ORDER
        .iter()
        .position(|id| *id == section)
        .map(|at| at as u8)
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
    pub ty: Limits,
    /// Which import it is.
    pub import: Option<usize>,
}

/// An imported or defined table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What its slots hold.
    pub element: ValueType,
    /// Limits in slots.
    pub ty: Limits,
    /// Which import it is.
    pub import: Option<usize>,
    /// The whole entry of a defined one in the file.
    pub entry: Range<usize>,
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
    pub ty: Extern,
}

/// One entry of the export section.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub kind: ExternKind,
    /// Index of what it exports.
    pub index: u32,
}

/// A constant expression that this project can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// `i32.const`.
    I32(u32),
    /// `global.get`.
    Global(u32),
    /// `ref.func`.
    Func(u32),
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
    /// Its type.
    pub ty: GlobalType,
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
    /// The elements in the file.
    pub items: Range<usize>,
    /// They are expressions, not function indices.
    pub expressions: bool,
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
    /// Address of an active segment, if its offset is an `i32.const`.
    pub address: Option<Addr>,
    /// Placed by `memory.init`, not when the module is instantiated.
    pub passive: bool,
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
    /// Which imports are functions, and which globals.
    pub imported: [Vec<u32>; 2],
    /// Number of imported functions.
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
                return Err(malformed(
                    text!(
                        "a section of {} bytes reaches beyond the end of the file ({} bytes)",
                        size,
                        bytes.len()
                    ),
                    at,
                ));
            }
            let mut section = Section {
                id,
                header: at,
                body: start..start + size,
                name: start..start,
            };
            if id == id::CUSTOM {
                let mut r = reader(bytes, &section.body);
                let length = r.read_var_u32()? as usize;
                let name = start + r.current_position();
                r.read_bytes(length)?;
                section.name = name..name + length;
                section.body.start = name + length;
            } else {
                let rank =
                    rank(id).ok_or_else(|| malformed(text!("unknown section id {}", id), at))?;
                if last.is_some_and(|last| last >= rank) {
                    return Err(malformed(
                        text!("section id {} is repeated or out of order", id),
                        at,
                    ));
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
        match section.id {
            id::IMPORT => self.read_imports(r)?,
            id::FUNCTION => {
                self.functions = r.clone().read_var_u32()?;
                if self.functions as usize > section.body.len() {
                    return Err(malformed(
                        text!("{} functions do not fit their section", self.functions),
                        section.body.start,
                    ));
                }
            }
            id::TABLE => self.read_tables(r)?,
            id::MEMORY => {
                let mut r = r;
                for _ in 0..r.read_var_u32()? {
                    self.memories.push(Memory {
                        ty: Limits::read(&mut r, true)?,
                        import: None,
                    });
                }
            }
            id::GLOBAL => self.read_globals(r)?,
            id::START => self.start = Some(r.clone().read_var_u32()?),
            id::ELEMENT => self.read_elements(r)?,
            id::DATA => self.read_segments(r)?,
            _ => {}
        }
        Ok(())
    }

    fn read_tables(&mut self, mut r: BinaryReader<'_>) -> Result<()> {
        for _ in 0..r.read_var_u32()? {
            let start = r.original_position() as usize;
            // A table with an initial value for all its slots: 0x40 0x00, type, expression.
            let has_init = r.clone().read_u8()? == 0x40;
            if has_init {
                r.read_bytes(2)?;
            }
            let element = ValueType::read(&mut r)?;
            let ty = Limits::read(&mut r, false)?;
            if has_init {
                const_expr(&mut r)?;
            }
            self.tables.push(Table {
                element,
                ty,
                import: None,
                entry: start..r.original_position() as usize,
            });
        }
        Ok(())
    }

    fn read_globals(&mut self, mut r: BinaryReader<'_>) -> Result<()> {
        for _ in 0..r.read_var_u32()? {
            let start = r.original_position() as usize;
            let ty = GlobalType::read(&mut r)?;
            let (init, init_expr) = const_expr(&mut r)?;
            self.globals.push(Global {
                entry: start..init_expr.end,
                init_expr,
                ty,
                init,
            });
        }
        Ok(())
    }

    fn read_elements(&mut self, mut r: BinaryReader<'_>) -> Result<()> {
        for _ in 0..r.read_var_u32()? {
            let start = r.original_position() as usize;
            let flags = r.read_var_u32()?;
            if flags > 7 {
                return Err(malformed(
                    text!("an element segment has the flags {}", flags),
                    start,
                ));
            }
            let mut offset_expr = 0..0;
            let kind = if flags & 1 == 0 {
                let table = if flags & 2 != 0 { r.read_var_u32()? } else { 0 };
                let (offset, at) = const_expr(&mut r)?;
                offset_expr = at;
                ElementSegment::Active { table, offset }
            } else if flags & 2 == 0 {
                ElementSegment::Passive
            } else {
                ElementSegment::Declared
            };
            let expressions = flags & 4 != 0;
            if flags & 3 != 0 {
                if expressions {
                    ValueType::read(&mut r)?;
                } else {
                    r.read_u8()?;
                }
            }
            let count = r.read_var_u32()?;
            let items = r.original_position() as usize;
            for _ in 0..count {
                if expressions {
                    const_expr(&mut r)?;
                } else {
                    r.read_var_u32()?;
                }
            }
            let end = r.original_position() as usize;
            self.elements.push(Element {
                entry: start..end,
                offset_expr,
                kind,
                count,
                items: items..end,
                expressions,
            });
        }
        Ok(())
    }

    fn read_segments(&mut self, mut r: BinaryReader<'_>) -> Result<()> {
        for _ in 0..r.read_var_u32()? {
            let start = r.original_position() as usize;
            let flags = r.read_var_u32()?;
            let memory = if flags == 2 { r.read_var_u32()? } else { 0 };
            let address = match flags {
                0 | 2 => match const_expr(&mut r)?.0 {
                    Init::I32(address) => Some(Addr(address)),
                    _ => None,
                },
                1 => None,
                _ => {
                    return Err(malformed(
                        text!("a data segment has the flags {}", flags),
                        start,
                    ));
                }
            };
            if memory != 0 {
                return Err(Problem::new(
                    Code::MultipleMemories,
                    text!("Cannot place a data segment: it belongs to a second memory"),
                )
                .hint(text!("Link with one memory"))
                .at("data", start));
            }
            let bytes = range(r.read_reader()?.range());
            self.segments.push(Segment {
                address,
                passive: flags == 1,
                entry: start..bytes.end,
                bytes,
            });
        }
        Ok(())
    }

    fn read_imports(&mut self, mut r: BinaryReader<'_>) -> Result<()> {
        for index in 0..r.read_var_u32()? as usize {
            let start = r.original_position() as usize;
            let mut text = || -> Result<Range<usize>> {
                let length = r.read_var_u32()? as usize;
                let at = r.original_position() as usize;
                r.read_bytes(length)?;
                Ok(at..at + length)
            };
            let (module, name) = (text()?, text()?);
            if name.is_empty() && matches!(r.clone().read_u8()?, 0x7e | 0x7f) {
                return Err(
                    malformed(text!("compact import sections are not supported"), start)
                        .hint(text!("Build without the compact-imports feature")),
                );
            }
            let ty = Extern::read(&mut r)?;
            match ty {
                Extern::Function(_) => {
                    self.imported[0].push(index as u32);
                    self.imported_functions += 1;
                }
                Extern::Global(_) => {
                    self.imported[1].push(index as u32);
                    self.imported_globals += 1;
                }
                Extern::Memory(ty) => self.memories.push(Memory {
                    ty,
                    import: Some(index),
                }),
                Extern::Table(element, ty) => self.tables.push(Table {
                    element,
                    ty,
                    import: Some(index),
                    entry: 0..0,
                }),
                Extern::Tag(_) => {}
            }
            self.imports.push(Import {
                entry: start..r.original_position() as usize,
                module,
                name,
                ty,
            });
        }
        Ok(())
    }

    /// The function types.
    ///
    /// # Errors
    /// Those of [`Signature::read`].
    pub fn function_types(&self, bytes: &[u8]) -> Result<Vec<Signature>> {
        self.list(bytes, id::TYPE, Signature::read)
    }

    /// The types of the defined functions, by index.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn defined_functions(&self, bytes: &[u8]) -> Result<Vec<u32>> {
        self.list(bytes, id::FUNCTION, |r| Ok(r.read_var_u32()?))
    }

    /// The exports.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn exports<'a>(&self, bytes: &'a [u8]) -> Result<Vec<Export<'a>>> {
        self.list(bytes, id::EXPORT, |r| {
            let length = r.read_var_u32()? as usize;
            let at = r.original_position() as usize;
            r.read_bytes(length)?;
            Ok(Export {
                name: text(bytes, &(at..at + length)),
                kind: ExternKind::read(r)?,
                index: r.read_var_u32()?,
            })
        })
    }

    /// The entries of a section that is a list.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn list<T>(
        &self,
        bytes: &[u8],
        id: u8,
        read: impl Fn(&mut BinaryReader<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut list = Vec::new();
        if let Some((_, section)) = self.section(id) {
            let mut r = reader(bytes, &section.body);
            for _ in 0..r.read_var_u32()? {
                list.push(read(&mut r)?);
            }
        }
        Ok(list)
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
    pub fn customs<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = (SectionIndex, &'a [u8], &'a Section)> {
        self.sections
            .iter()
            .enumerate()
            .filter(|(_, s)| s.id == id::CUSTOM)
            .map(|(at, s)| (SectionIndex(at as u32), &bytes[s.name.clone()], s))
    }

    /// The first custom section with this name.
    pub fn custom<'a>(&'a self, bytes: &'a [u8], name: &str) -> Option<&'a Section> {
        self.customs(bytes)
            .find(|(_, n, _)| *n == name.as_bytes())
            .map(|(_, _, s)| s)
    }

    /// The name of a section with records, for messages.
    pub fn section_name<'a>(&self, bytes: &'a [u8], section: SectionIndex) -> &'a str {
        match self.sections.get(section.ix()) {
            Some(section) if section.id == id::CODE => "code",
            Some(section) if section.id == id::DATA => "data",
            Some(section) => text(bytes, &section.name),
            None => "",
        }
    }

    /// A defined global by its index in the module's index space.
    pub fn global(&self, index: u32) -> Option<&Global> {
        self.globals
            .get(index.checked_sub(self.imported_globals)? as usize)
    }
}

/// Text from the file; names are UTF-8 in a valid module.
pub fn text<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a str {
    // `from_utf8` is faster, and larger.
    match bytes[range.clone()].utf8_chunks().next() {
        None => "",
        Some(chunk) if chunk.invalid().is_empty() => chunk.valid(),
        Some(_) => "\u{fffd}",
    }
}

/// Reads a constant expression: its value if it is a single `i32.const`, `global.get` or `ref.func`, and
/// where it lies.
///
/// (`wasmparser`'s own reader of these brings the decoder of all instructions once more, 60 KB of core.)
pub fn const_expr(r: &mut BinaryReader<'_>) -> Result<(Init, Range<usize>)> {
    let start = r.original_position() as usize;
    let mut init = None;
    loop {
        let at = r.original_position() as usize;
        let this = match r.read_u8()? {
            0x0b => {
                return Ok((
                    init.unwrap_or(Init::Other),
                    start..r.original_position() as usize,
                ));
            }
            0x41 => Init::I32(r.read_var_i32()? as u32),
            0x23 => Init::Global(r.read_var_u32()?),
            0xd2 => Init::Func(r.read_var_u32()?),
            0x42 => {
                r.read_var_i64()?;
                Init::Other
            }
            0x43 => {
                r.read_bytes(4)?;
                Init::Other
            }
            0x44 => {
                r.read_bytes(8)?;
                Init::Other
            }
            0xd0 => {
                r.read_var_s33()?;
                Init::Other
            }
            0xfd if r.read_var_u32()? == 0x0c => {
                r.read_bytes(16)?;
                Init::Other
            }
            // i32 and i64 add, sub, mul of extended constant expressions.
            0x6a..=0x6c | 0x7c..=0x7e => Init::Other,
            op => {
                return Err(malformed(
                    text!("a constant expression holds the instruction {:#x}", op),
                    at,
                ));
            }
        };
        init = Some(if init.is_none() { this } else { Init::Other });
    }
}

fn check_header(bytes: &[u8]) -> Result<()> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, 0, 1, 0, ..] => {
            Err(Problem::new(Code::Component, text!("Cannot move a component: it has memories of its own inside"))
                .hint(text!("Take the core module before it is made a component (wasm-tools component unbundle, or the linker's output)"))
                .at("", 4))
        }
        [0, b'a', b's', b'm', version @ ..] => Err(Problem::new(
            Code::MalformedModule,
            text!("Cannot read the module: its version is {}", version.first().copied().unwrap_or(0)),
        )
        .hint(text!("Only version 1 of the binary format is known"))
        .at("", 4)),
        [] => Err(Problem::new(Code::NotWasm, text!("Cannot read the module: it is empty"))
            .hint(text!("Check that the build wrote it"))
            .at("", 0)),
        _ => Err(Problem::new(
            Code::NotWasm,
            text!("Cannot read the module: it does not start with the bytes of a WebAssembly module (\"\\0asm\")"),
        )
        .hint(text!("Pass the .wasm file, not text (.wat) or a compressed file"))
        .at("", 0)),
    }
}

/// The file cannot be read.
pub fn malformed(what: Text, at: usize) -> Box<Problem> {
    Problem::new(
        Code::MalformedModule,
        text!("Cannot read the module: {}", what),
    )
    .hint(text!(
        "Check that the file is complete and was not changed after it was built"
    ))
    .at("", at)
}
