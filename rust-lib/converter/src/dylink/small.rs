//! Imports, globals, exports, elements and names of the placed module.

use std::collections::BTreeMap;

use wasm_encoder::Encode;
use wasm_share_relocator::externs::{Extern, ExternKind, ValueType};
use wasm_share_relocator::wasm::{ElementSegment, id, reader};

use super::roles::{Roles, Value};
use super::{Place, STACK, Side};
use crate::draft::i32_const;

/// Sections that are written anew.
pub fn sections(side: &Side<'_>, place: Place, roles: &Roles) -> BTreeMap<u8, Option<Vec<u8>>> {
    let mut sections = BTreeMap::new();
    sections.insert(id::IMPORT, Some(imports(side, place, roles)));
    sections.insert(id::GLOBAL, globals(side, place, roles));
    sections.insert(id::EXPORT, Some(exports(side, roles)));
    sections.insert(id::ELEMENT, elements(side, place, roles));
    sections
}

fn imports(side: &Side<'_>, place: Place, roles: &Roles) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut count = 0u32;
    let mut global = 0;
    for import in &side.module.imports {
        match import.ty {
            Extern::Global(_) => {
                let goes =
                    roles.values[global].is_some() || roles.stack_pointer == Some(global as u32);
                global += 1;
                if goes {
                    continue;
                }
                entries.extend_from_slice(&side.bytes[import.entry.clone()]);
            }
            // With room for its own slots, and those that it did not ask for.
            Extern::Table(ValueType::FUNCREF, _) => {
                entries.extend_from_slice(&side.bytes[import.entry.start..import.name.end]);
                // funcref, a minimum and no maximum
                entries.extend([1, 0x70, 0]);
                let slots = roles.slots.len() + roles.extra.len();
                (place.table + slots as u32).encode(&mut entries);
            }
            _ => entries.extend_from_slice(&side.bytes[import.entry.clone()]),
        }
        count += 1;
    }
    let mut out = Vec::with_capacity(entries.len() + 5);
    count.encode(&mut out);
    out.extend_from_slice(&entries);
    out
}

fn globals(side: &Side<'_>, place: Place, roles: &Roles) -> Option<Vec<u8>> {
    let own = u32::from(roles.stack_pointer.is_some());
    let count = side.module.globals.len() as u32 + own;
    if count == 0 {
        return None;
    }
    let mut out = Vec::new();
    count.encode(&mut out);
    if own > 0 {
        // i32, mutable
        out.extend([0x7f, 1]);
        i32_const(STACK.min(place.memory), &mut out);
    }
    for (at, global) in side.module.globals.iter().enumerate() {
        match roles.inits.get(&at) {
            Some(value) => {
                out.extend_from_slice(&side.bytes[global.entry.start..global.init_expr.start]);
                i32_const(*value, &mut out);
            }
            None => out.extend_from_slice(&side.bytes[global.entry.clone()]),
        }
    }
    Some(out)
}

fn exports(side: &Side<'_>, roles: &Roles) -> Vec<u8> {
    let list = side.module.exports(side.bytes).unwrap_or_default();
    // What goes away cannot be exported: nobody exports a base.
    let index = |kind: ExternKind, index: u32| match kind {
        ExternKind::Global => roles.indices.get(index as usize).copied().flatten(),
        _ => Some(index),
    };
    let kept: Vec<_> = list
        .iter()
        .filter_map(|export| Some((export, index(export.kind, export.index)?)))
        .collect();
    let mut out = Vec::new();
    (kept.len() as u32).encode(&mut out);
    for (export, index) in kept {
        export.name.encode(&mut out);
        out.push(match export.kind {
            ExternKind::Function => 0,
            ExternKind::Table => 1,
            ExternKind::Memory => 2,
            ExternKind::Global => 3,
            ExternKind::Tag => 4,
        });
        index.encode(&mut out);
    }
    out
}

fn elements(side: &Side<'_>, place: Place, roles: &Roles) -> Option<Vec<u8>> {
    let extra = u32::from(!roles.extra.is_empty());
    let count = side.module.elements.len() as u32 + extra;
    if count == 0 {
        return None;
    }
    let mut out = Vec::new();
    count.encode(&mut out);
    for element in &side.module.elements {
        let offset = match element.kind {
            ElementSegment::Active { .. } => roles.eval(side.bytes, element.offset_expr.clone()),
            _ => None,
        };
        match offset {
            Some(Value::Table(slot)) => {
                out.extend_from_slice(&side.bytes[element.entry.start..element.offset_expr.start]);
                i32_const(place.table + slot, &mut out);
                out.extend_from_slice(&side.bytes[element.offset_expr.end..element.entry.end]);
            }
            _ => out.extend_from_slice(&side.bytes[element.entry.clone()]),
        }
    }
    if extra > 0 {
        out.push(0);
        i32_const(place.table + roles.slots.len() as u32, &mut out);
        (roles.extra.len() as u32).encode(&mut out);
        for function in &roles.extra {
            function.encode(&mut out);
        }
    }
    Some(out)
}

/// The name section, with the globals under their new numbers.
pub fn names(side: &Side<'_>, roles: &Roles) -> BTreeMap<&'static str, Vec<u8>> {
    const GLOBALS: u8 = 7;
    let mut customs = BTreeMap::new();
    let Some(section) = side.module.custom(side.bytes, "name") else {
        return customs;
    };
    let write = || -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut r = reader(side.bytes, &section.body);
        while !r.eof() {
            let kind = r.read_u8().ok()?;
            let mut part = r.read_reader().ok()?;
            let range = part.range();
            if kind != GLOBALS {
                out.push(kind);
                side.bytes[range.start as usize..range.end as usize].encode(&mut out);
                continue;
            }
            let mut named = Vec::new();
            for _ in 0..part.read_var_u32().ok()? {
                let index = part.read_var_u32().ok()?;
                let name = part.read_string().ok()?;
                if let Some(new) = roles.indices.get(index as usize).copied().flatten() {
                    named.push((new, name));
                }
            }
            named.sort_unstable();
            let mut body = Vec::new();
            (named.len() as u32).encode(&mut body);
            for (index, name) in named {
                index.encode(&mut body);
                name.encode(&mut body);
            }
            out.push(kind);
            body.as_slice().encode(&mut out);
        }
        Some(out)
    };
    // A broken one is as none.
    customs.insert("name", write().unwrap_or_default());
    customs
}
