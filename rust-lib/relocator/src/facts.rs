//! What people and other programs are told about a module: the `ModuleFacts` of `src/core/types.ts`.
//!
//! In: the file and what the inspection found. Out: a value that serialises to that JSON.

use crate::error::{Problem, Result};
use crate::externs::{self, Extern, ExternKind, GlobalType, Signature};
use crate::inspect::Inspected;
use crate::model::{Class, Heap, Kind, Span};
use crate::wasm::{Export, Module, id, text};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// See `ModuleFacts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts<'a> {
    name: &'a str,
    kind: Kind,
    bytes: usize,
    memory: Option<MemoryFacts<'a>>,
    table: Option<TableFacts<'a>>,
    stack: Option<Span>,
    data: Option<DataFacts>,
    heap: Heap,
    types: Vec<Signature>,
    imports: Vec<ImportFacts<'a>>,
    exports: Vec<ExportFacts<'a>>,
    sites: Sites,
    proof: Proof<'a>,
    warnings: &'a [Problem],
    problems: &'a [Problem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemoryFacts<'a> {
    imported: bool,
    module: Option<&'a str>,
    name: Option<&'a str>,
    min_pages: u64,
    max_pages: Option<u64>,
}

#[derive(Serialize)]
struct TableFacts<'a> {
    imported: bool,
    module: Option<&'a str>,
    name: Option<&'a str>,
    min: u64,
    max: Option<u64>,
    first: u32,
    slots: u32,
}

struct DataFacts {
    span: Span,
    alignment: u32,
    segments: usize,
}

#[derive(Serialize)]
struct ImportFacts<'a> {
    module: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    ty: Option<Extern>,
}

#[derive(Serialize)]
struct ExportFacts<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: Option<Extern>,
}

#[derive(Default, Serialize)]
struct Sites {
    total: usize,
    code: usize,
    data: usize,
    debug: usize,
    globals: usize,
    memory: usize,
    table: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Proof<'a> {
    records: u32,
    proved: &'a [u32],
    skipped: &'a [u32],
    missing_records: u32,
    unlisted_words: u32,
    guessed: u32,
}

/// Describes a module.
///
/// # Errors
/// `malformed_module` for types, imports or exports that cannot be read.
pub fn facts<'a>(name: &'a str, bytes: &'a [u8], found: &'a Inspected) -> Result<Facts<'a>> {
    let module = &found.module;
    let import_names = |at: Option<usize>| match at {
        Some(at) => {
            let import = &module.imports[at];
            (
                Some(text(bytes, &import.module)),
                Some(text(bytes, &import.name)),
            )
        }
        None => (None, None),
    };
    Ok(Facts {
        name,
        kind: found.kind,
        bytes: bytes.len(),
        memory: module.memories.first().map(|m| {
            let (module, name) = import_names(m.import);
            MemoryFacts {
                imported: m.import.is_some(),
                module,
                name,
                min_pages: m.ty.initial,
                max_pages: m.ty.maximum,
            }
        }),
        table: found.table.as_ref().map(|slots| {
            let table = &module.tables[slots.table as usize];
            let (module, name) = import_names(table.import);
            TableFacts {
                imported: table.import.is_some(),
                module,
                name,
                min: table.ty.initial,
                max: table.ty.maximum,
                first: slots.first,
                slots: slots.slots,
            }
        }),
        stack: found.stack,
        data: found.data.map(|span| DataFacts {
            span,
            alignment: found.alignment,
            segments: module.segments.len(),
        }),
        heap: found.heap,
        types: module.function_types(bytes)?,
        imports: module
            .imports
            .iter()
            .map(|i| ImportFacts {
                module: text(bytes, &i.module),
                name: text(bytes, &i.name),
                ty: Some(i.ty),
            })
            .collect(),
        exports: exports(bytes, module)?,
        sites: sites(found),
        proof: proof(found),
        warnings: &found.warnings,
        problems: &found.problems,
    })
}

fn sites(found: &Inspected) -> Sites {
    let mut sites = Sites {
        globals: found.sites.globals.len(),
        ..Sites::default()
    };
    for list in &found.sites.sections {
        match found.module.sections[list.section.ix()].id {
            id::CODE => sites.code += list.sites.len(),
            id::DATA => sites.data += list.sites.len(),
            _ => sites.debug += list.sites.len(),
        }
        sites.table += list
            .sites
            .iter()
            .filter(|s| s.class() == Class::Slot)
            .count();
    }
    sites.table += found
        .sites
        .globals
        .iter()
        .filter(|g| g.class == Class::Slot)
        .count();
    sites.total = sites.code + sites.data + sites.debug + sites.globals;
    sites.memory = sites.total - sites.table;
    sites
}

fn proof(found: &Inspected) -> Proof<'_> {
    let records = &found.records;
    Proof {
        records: records.total,
        proved: &records.proved,
        skipped: &records.skipped,
        missing_records: records.missing,
        unlisted_words: records.unlisted_words,
        guessed: found.guessed,
    }
}

/// Types of everything that can be exported.
struct Types {
    functions: Vec<u32>,
    globals: Vec<GlobalType>,
    tags: Vec<u32>,
}

impl Types {
    fn read(bytes: &[u8], module: &Module) -> Result<Types> {
        let (mut functions, mut globals, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        for import in &module.imports {
            match import.ty {
                Extern::Function(ty) => functions.push(ty),
                Extern::Global(ty) => globals.push(ty),
                Extern::Tag(ty) => tags.push(ty),
                Extern::Memory(_) | Extern::Table(..) => {}
            }
        }
        functions.append(&mut module.defined_functions(bytes)?);
        globals.extend(module.globals.iter().map(|g| g.ty));
        tags.append(&mut module.list(bytes, id::TAG, externs::tag)?);
        Ok(Types {
            functions,
            globals,
            tags,
        })
    }
}

fn exports<'a>(bytes: &'a [u8], module: &Module) -> Result<Vec<ExportFacts<'a>>> {
    let types = Types::read(bytes, module)?;
    let list = module.exports(bytes)?;
    let typed = |export: &Export<'a>| {
        let index = export.index as usize;
        let ty = match export.kind {
            ExternKind::Function => types.functions.get(index).map(|ty| Extern::Function(*ty)),
            ExternKind::Global => types.globals.get(index).map(|ty| Extern::Global(*ty)),
            ExternKind::Memory => module.memories.get(index).map(|m| Extern::Memory(m.ty)),
            ExternKind::Table => module
                .tables
                .get(index)
                .map(|t| Extern::Table(t.element, t.ty)),
            ExternKind::Tag => types.tags.get(index).map(|ty| Extern::Tag(*ty)),
        };
        ExportFacts {
            name: export.name,
            ty,
        }
    };
    Ok(list.iter().map(typed).collect())
}

impl Serialize for DataFacts {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("DataFacts", 5)?;
        self.span.fields(&mut object)?;
        object.serialize_field("alignment", &self.alignment)?;
        object.serialize_field("segments", &self.segments)?;
        object.end()
    }
}
