//! What people and other programs are told about a module: the `ModuleFacts` of `src/core/types.ts`.
//!
//! In: the file and what the inspection found. Out: a value that serialises to that JSON.

use crate::error::{Problem, Result};
use crate::inspect::Inspected;
use crate::model::{Class, Heap, Kind, Span};
use crate::wasm::{Module, id, reader, text};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use wasmparser::{
    ExportSectionReader, ExternalKind, FuncType, FunctionSectionReader, GlobalType,
    TagSectionReader, TypeRef,
};

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
    ty: ExternType,
}

#[derive(Serialize)]
struct ExportFacts<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: ExternType,
}

/// A function type. Imports and exports name it by its index: a long one can be used often.
#[derive(Serialize)]
struct Signature {
    params: Vec<String>,
    results: Vec<String>,
}

#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum ExternType {
    Function {
        #[serde(rename = "type")]
        ty: Option<u32>,
    },
    Global {
        #[serde(rename = "type")]
        ty: String,
        mutable: bool,
    },
    Memory {
        min: u64,
        max: Option<u64>,
    },
    Table {
        #[serde(rename = "type")]
        ty: String,
        min: u64,
        max: Option<u64>,
    },
    Tag {
        #[serde(rename = "type")]
        ty: Option<u32>,
    },
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
    let types = Types::read(bytes, module)?;
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
        types: signatures(bytes, module)?,
        imports: module
            .imports
            .iter()
            .map(|i| ImportFacts {
                module: text(bytes, &i.module),
                name: text(bytes, &i.name),
                ty: types.of(i.ty),
            })
            .collect(),
        exports: exports(bytes, module, &types)?,
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

/// Types of everything that can be imported or exported.
#[derive(Default)]
struct Types {
    function_types: Vec<u32>,
    globals: Vec<GlobalType>,
    tags: Vec<u32>,
    memories: Vec<ExternType>,
    tables: Vec<ExternType>,
}

impl Types {
    fn read(bytes: &[u8], module: &Module) -> Result<Types> {
        let mut types = Types::default();
        let body = |id: u8| module.section(id).map(|(_, s)| reader(bytes, &s.body));
        for import in &module.imports {
            match import.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => types.function_types.push(ty),
                TypeRef::Global(ty) => types.globals.push(ty),
                TypeRef::Tag(ty) => types.tags.push(ty.func_type_idx),
                TypeRef::Memory(_) | TypeRef::Table(_) => {}
            }
        }
        if let Some(r) = body(id::FUNCTION) {
            for ty in FunctionSectionReader::new(r)? {
                types.function_types.push(ty?);
            }
        }
        types.globals.extend(module.globals.iter().map(|g| g.ty));
        if let Some(r) = body(id::TAG) {
            for tag in TagSectionReader::new(r)? {
                types.tags.push(tag?.func_type_idx);
            }
        }
        types.memories = module.memories.iter().map(|m| memory(&m.ty)).collect();
        types.tables = module.tables.iter().map(|t| table(&t.ty)).collect();
        Ok(types)
    }

    fn of(&self, ty: TypeRef) -> ExternType {
        match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ExternType::Function { ty: Some(ty) },
            TypeRef::Global(ty) => global(&ty),
            TypeRef::Memory(ty) => memory(&ty),
            TypeRef::Table(ty) => table(&ty),
            TypeRef::Tag(ty) => ExternType::Tag {
                ty: Some(ty.func_type_idx),
            },
        }
    }
}

fn signatures(bytes: &[u8], module: &Module) -> Result<Vec<Signature>> {
    let names = |list: &[wasmparser::ValType]| list.iter().map(ToString::to_string).collect();
    let types = module.function_types(bytes)?;
    let signature = |ty: &FuncType| Signature {
        params: names(ty.params()),
        results: names(ty.results()),
    };
    Ok(types.iter().map(signature).collect())
}

fn global(ty: &GlobalType) -> ExternType {
    ExternType::Global {
        ty: ty.content_type.to_string(),
        mutable: ty.mutable,
    }
}

fn memory(ty: &wasmparser::MemoryType) -> ExternType {
    ExternType::Memory {
        min: ty.initial,
        max: ty.maximum,
    }
}

fn table(ty: &wasmparser::TableType) -> ExternType {
    ExternType::Table {
        ty: ty.element_type.to_string(),
        min: ty.initial,
        max: ty.maximum,
    }
}

fn exports<'a>(bytes: &'a [u8], module: &Module, types: &Types) -> Result<Vec<ExportFacts<'a>>> {
    let Some((_, section)) = module.section(id::EXPORT) else {
        return Ok(Vec::new());
    };
    let mut list = Vec::new();
    for export in ExportSectionReader::new(reader(bytes, &section.body))? {
        let export = export?;
        let index = export.index as usize;
        let unknown = || ExternType::Function { ty: None };
        let ty = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => ExternType::Function {
                ty: types.function_types.get(index).copied(),
            },
            ExternalKind::Global => types.globals.get(index).map_or_else(unknown, global),
            ExternalKind::Memory => types.memories.get(index).cloned().unwrap_or_else(unknown),
            ExternalKind::Table => types.tables.get(index).cloned().unwrap_or_else(unknown),
            ExternalKind::Tag => ExternType::Tag {
                ty: types.tags.get(index).copied(),
            },
        };
        list.push(ExportFacts {
            name: export.name,
            ty,
        });
    }
    Ok(list)
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
