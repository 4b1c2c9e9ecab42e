//! The indirect function table of a module: which one it is, and which function each slot holds.
//!
//! In: the skeleton. Out: [`Slots`]. The table that is shared is the one that wasm-ld calls
//! `__indirect_function_table`.

use crate::error::{Code, Problem, Result};
use crate::text::{Text, text};
use crate::wasm::{ElementSegment, Init, Module, const_expr, id, reader, text};
use wasmparser::{ExportSectionReader, ExternalKind, RefType};

/// The name that wasm-ld gives the table.
pub const TABLE_NAME: &str = "__indirect_function_table";

/// The most slots that an engine gives a table (WebAssembly JavaScript Interface, section 8.2).
pub const MAX_SLOTS: u64 = 10_000_000;

/// No function.
const NULL: u32 = u32::MAX;

/// The indirect function table.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    /// Index in the table index space.
    pub table: u32,
    /// First slot that the module fills.
    pub first: u32,
    /// Function indices from `first` on.
    functions: Vec<u32>,
    /// First slot of each function plus 1; 0 for none.
    of: Vec<u32>,
    /// Slots that the table has from `first` on, filled or not.
    pub slots: u32,
}

impl Slots {
    /// Reads the elements of the indirect function table; `None` if the module has none. `named` is the
    /// table that the symbol table calls so, `others` are those that it calls otherwise: tables of the
    /// user's own.
    ///
    /// # Errors
    /// `unsupported_element_segment`.
    pub fn read(
        bytes: &[u8],
        module: &Module,
        named: Option<u32>,
        others: &[u32],
    ) -> Result<Option<Slots>> {
        let named = named.filter(|table| (*table as usize) < module.tables.len());
        let Some(table) =
            named.map_or_else(|| find(bytes, module, others), |table| Ok(Some(table)))?
        else {
            return Ok(None);
        };
        let ty = module.tables[table as usize].ty;
        if ty.initial > MAX_SLOTS {
            return Err(Problem::new(
                Code::TableLimit,
                text!(
                    "Cannot place the table: it has {} slots, more than {}",
                    ty.initial,
                    MAX_SLOTS
                ),
            )
            .hint(text!("No engine makes such a table; check --table-base")));
        }
        let (mut low, mut high) = (u32::MAX, 0);
        for element in &module.elements {
            match element.kind {
                ElementSegment::Active { table: t, offset } if t == table => {
                    let Init::I32(offset) = offset else {
                        return Err(unsupported(
                            text!("its offset is not an i32.const"),
                            element.entry.start,
                        ));
                    };
                    let end = offset
                        .checked_add(element.count)
                        .filter(|end| *end as u64 <= ty.initial)
                        .ok_or_else(|| {
                            unsupported(
                                text!("it reaches beyond the end of the table"),
                                element.entry.start,
                            )
                        })?;
                    low = low.min(offset);
                    high = high.max(end);
                }
                ElementSegment::Passive => {
                    return Err(unsupported(
                        text!("it is passive, and where table.init puts it is unknown"),
                        element.entry.start,
                    ));
                }
                _ => {}
            }
        }
        let first = if low == u32::MAX {
            1.min(ty.initial as u32)
        } else {
            low
        };
        let mut slots = Slots {
            table,
            first,
            functions: vec![NULL; high.saturating_sub(first) as usize],
            of: vec![0; (module.imported_functions + module.functions) as usize],
            slots: (ty.initial as u32).max(high) - first,
        };
        for element in &module.elements {
            let ElementSegment::Active {
                table: t,
                offset: Init::I32(offset),
            } = element.kind
            else {
                continue;
            };
            if t != table {
                continue;
            }
            let mut r = reader(bytes, &element.items);
            for at in 0..element.count {
                if !element.expressions {
                    slots.put(offset - first + at, r.read_var_u32()?);
                } else if let (Init::Func(function), _) = const_expr(&mut r)? {
                    slots.put(offset - first + at, function);
                }
            }
        }
        Ok(Some(slots))
    }

    fn put(&mut self, at: u32, function: u32) {
        self.functions[at as usize] = function;
        if let Some(of) = self.of.get_mut(function as usize).filter(|of| **of == 0) {
            *of = self.first + at + 1;
        }
    }

    /// The function in a slot.
    pub fn function(&self, slot: u32) -> Option<u32> {
        let function = *self.functions.get(slot.checked_sub(self.first)? as usize)?;
        (function != NULL).then_some(function)
    }

    /// The first slot that holds a function.
    pub fn slot(&self, function: u32) -> Option<u32> {
        self.of.get(function as usize)?.checked_sub(1)
    }
}

/// The table by its import or export name, else the only table of functions.
fn find(bytes: &[u8], module: &Module, others: &[u32]) -> Result<Option<u32>> {
    let named = module.tables.iter().position(|table| {
        table
            .import
            .is_some_and(|import| text(bytes, &module.imports[import].name) == TABLE_NAME)
    });
    if let Some(at) = named {
        return Ok(Some(at as u32));
    }
    if let Some((_, section)) = module.section(id::EXPORT) {
        for export in ExportSectionReader::new(reader(bytes, &section.body))? {
            let export = export?;
            if export.kind == ExternalKind::Table && export.name == TABLE_NAME {
                return Ok((export.index < module.tables.len() as u32).then_some(export.index));
            }
        }
    }
    let mut functions = (0u32..)
        .zip(&module.tables)
        .filter(|(at, t)| t.ty.element_type == RefType::FUNCREF && !others.contains(at))
        .map(|(at, _)| at);
    let first = functions.next();
    // With several nameless ones, the one that active segments fill is wasm-ld's.
    let filled = module
        .elements
        .iter()
        .find_map(|element| match element.kind {
            ElementSegment::Active { table, .. } if !others.contains(&table) => Some(table),
            _ => None,
        });
    Ok(if functions.next().is_some() {
        filled.or(first)
    } else {
        first
    })
}

fn unsupported(why: Text, at: usize) -> Box<Problem> {
    Problem::new(
        Code::UnsupportedElementSegment,
        text!("Cannot move an element segment: {}", why),
    )
    .hint(text!(
        "Keep the table of this module as wasm-ld makes it: active segments at constant slots"
    ))
    .at("element", at)
}
