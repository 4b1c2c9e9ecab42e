//! The small sections that are written anew: imports, tables, globals, elements.
//!
//! In: the file and the plan. Out: sections. Entries that do not change are copied byte for byte; no
//! index of a function, global or tag shifts.

use super::{Move, section};
use crate::inspect::Inspected;
use crate::model::Class;
use crate::wasm::{ElementSegment, Init, Section, id};
use wasm_encoder::{Encode, EntityType, MemoryType, RefType, TableType};

/// Whether the module gets imports that it did not have.
pub fn adds_imports(found: &Inspected, to: &Move<'_>) -> bool {
    to.memory.is_some() && found.memory_import().is_none()
        || to.table.is_some() && defined_table(found).is_some()
}

/// The index of the shared table if the module defines it.
fn defined_table(found: &Inspected) -> Option<u32> {
    let table = found.table.as_ref()?.table;
    found.module.tables[table as usize]
        .import
        .is_none()
        .then_some(table)
}

/// Imports: memory and table with new limits, at their old place or, if they were defined, at the end.
pub fn imports(bytes: &[u8], found: &Inspected, to: &Move<'_>, out: &mut Vec<u8>) {
    let module = &found.module;
    let table_import = found
        .table
        .as_ref()
        .and_then(|t| module.tables[t.table as usize].import);
    let new_memory = to.memory.filter(|_| found.memory_import().is_none());
    let new_table = to.table.filter(|_| defined_table(found).is_some());
    let count = module.imports.len() + new_memory.iter().count() + new_table.iter().count();
    let mut body = Vec::new();
    (count as u32).encode(&mut body);
    for (at, old) in module.imports.iter().enumerate() {
        match (to.memory, to.table) {
            (Some((names, min)), _) if found.memory_import() == Some(at) => {
                import(names, memory(min), &mut body)
            }
            (_, Some((names, min))) if table_import == Some(at) => {
                import(names, table(min), &mut body)
            }
            _ => body.extend_from_slice(&bytes[old.entry.clone()]),
        }
    }
    if let Some((names, min)) = new_memory {
        import(names, memory(min), &mut body);
    }
    if let Some((names, min)) = new_table {
        import(names, table(min), &mut body);
    }
    section(id::IMPORT, &body, out);
}

fn import(names: &[String; 2], ty: EntityType, out: &mut Vec<u8>) {
    names[0].as_str().encode(out);
    names[1].as_str().encode(out);
    ty.encode(out);
}

fn memory(min: u32) -> EntityType {
    MemoryType {
        minimum: min as u64,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
    .into()
}

fn table(min: u32) -> EntityType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: min as u64,
        maximum: None,
        shared: false,
    }
    .into()
}

/// Tables: all but the one that became an import.
pub fn tables(bytes: &[u8], found: &Inspected, to: &Move<'_>, old: &Section, out: &mut Vec<u8>) {
    let shared = to.table.and_then(|_| defined_table(found));
    let Some(shared) = shared else {
        out.extend_from_slice(&bytes[old.header..old.body.end]);
        return;
    };
    // The shared table is the first that is defined.
    debug_assert_eq!(
        found.module.tables.iter().position(|t| t.import.is_none()),
        Some(shared as usize)
    );
    let rest = &found.module.tables[shared as usize + 1..];
    if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
        let mut body = Vec::new();
        (rest.len() as u32).encode(&mut body);
        body.extend_from_slice(&bytes[first.entry.start..last.entry.end]);
        section(id::TABLE, &body, out);
    }
}

/// Globals: new initial values where they move.
pub fn globals(bytes: &[u8], found: &Inspected, to: &Move<'_>, out: &mut Vec<u8>) {
    let module = &found.module;
    let mut sites = found.sites.globals.iter().peekable();
    let mut body = Vec::new();
    (module.globals.len() as u32).encode(&mut body);
    for (at, global) in module.globals.iter().enumerate() {
        let index = module.imported_globals + at as u32;
        match (sites.next_if(|s| s.index.0 == index), global.init) {
            (Some(site), Init::I32(value)) => {
                body.extend_from_slice(&bytes[global.entry.start..global.init_expr.start]);
                i32_const(value.wrapping_add(to.deltas.of(site.class)), &mut body);
            }
            _ => body.extend_from_slice(&bytes[global.entry.clone()]),
        }
    }
    section(id::GLOBAL, &body, out);
}

/// Element segments: those of the shared table move to the module's slots.
pub fn elements(bytes: &[u8], found: &Inspected, to: &Move<'_>, out: &mut Vec<u8>) {
    let module = &found.module;
    let shared = found.table.as_ref().map(|t| t.table);
    let mut body = Vec::new();
    (module.elements.len() as u32).encode(&mut body);
    for element in &module.elements {
        match element.kind {
            ElementSegment::Active {
                table,
                offset: Init::I32(slot),
            } if Some(table) == shared => {
                body.extend_from_slice(&bytes[element.entry.start..element.offset_expr.start]);
                i32_const(slot.wrapping_add(to.deltas.of(Class::Slot)), &mut body);
                body.extend_from_slice(&bytes[element.offset_expr.end..element.entry.end]);
            }
            _ => body.extend_from_slice(&bytes[element.entry.clone()]),
        }
    }
    section(id::ELEMENT, &body, out);
}

/// `i32.const value end`.
pub fn i32_const(value: u32, out: &mut Vec<u8>) {
    out.push(0x41);
    (value as i32).encode(out);
    out.push(0x0b);
}
