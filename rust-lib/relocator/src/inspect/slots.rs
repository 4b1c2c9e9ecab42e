//! The indirect function table of a module: which one it is, and which function each slot holds.
//!
//! In: the skeleton. Out: [`Slots`]. The table that is shared is the one that wasm-ld calls
//! `__indirect_function_table`.

use crate::error::{Code, Problem, Result};
use crate::externs::{ExternKind, ValueType};
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Element, ElementSegment, Init, Module, const_expr, reader, text};

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
    /// First slot of each segment, sorted, and where its functions begin in `functions`.
    ranges: Vec<(u32, u32)>,
    /// Function indices, segment by segment.
    functions: Vec<u32>,
    /// First slot of each function plus 1; 0 for none.
    of: Vec<u32>,
    /// Slots that the table has from `first` on, filled or not.
    pub slots: u32,
}

impl Slots {
    /// Reads the elements of the indirect function table; `None` if the module has none. `named` is the
    /// table that the symbol table calls so, `others` (sorted) are those that it calls otherwise:
    /// tables of the user's own.
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
        let found = &module.tables[table as usize];
        if found.element != ValueType::FUNCREF {
            return Ok(None);
        }
        let ty = found.ty;
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
        let mut filled = Vec::new();
        for element in &module.elements {
            match element.kind {
                ElementSegment::Active { table: t, offset } if t == table => {
                    let Init::I32(offset) = offset else {
                        return Err(unsupported(
                            text!("its offset is not an i32.const"),
                            element.entry.start,
                        ));
                    };
                    if offset as u64 + element.count as u64 > ty.initial {
                        return Err(unsupported(
                            text!("it reaches beyond the end of the table"),
                            element.entry.start,
                        ));
                    }
                    filled.push((offset, element));
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
        sort::by_key(&mut filled, |f| f.0);
        // Without elements wasm-ld makes the table as large as the slots below its base.
        let first = filled.first().map_or(ty.initial as u32, |f| f.0);
        let mut slots = Slots {
            table,
            first,
            ranges: Vec::with_capacity(filled.len()),
            functions: Vec::new(),
            of: vec![0; (module.imported_functions + module.functions) as usize],
            slots: ty.initial as u32 - first,
        };
        let mut free = 0;
        for (offset, element) in filled {
            if element.count == 0 {
                continue;
            }
            if offset < free {
                return Err(unsupported(
                    text!("another one fills the same slots"),
                    element.entry.start,
                ));
            }
            free = offset + element.count;
            slots.fill(bytes, offset, element)?;
        }
        Ok(Some(slots))
    }

    fn fill(&mut self, bytes: &[u8], offset: u32, element: &Element) -> Result<()> {
        self.ranges.push((offset, self.functions.len() as u32));
        let mut r = reader(bytes, &element.items);
        for slot in offset..offset + element.count {
            let function = match element.expressions {
                false => r.read_var_u32()?,
                true => match const_expr(&mut r)?.0 {
                    Init::Func(function) => function,
                    _ => NULL,
                },
            };
            self.functions.push(function);
            if let Some(of) = self.of.get_mut(function as usize).filter(|of| **of == 0) {
                *of = slot + 1;
            }
        }
        Ok(())
    }

    /// The function in a slot.
    pub fn function(&self, slot: u32) -> Option<u32> {
        let range = self
            .ranges
            .partition_point(|r| r.0 <= slot)
            .checked_sub(1)?;
        let (start, at) = self.ranges[range];
        let end = self
            .ranges
            .get(range + 1)
            .map_or(self.functions.len(), |r| r.1 as usize);
        let function = *self.functions[at as usize..end].get((slot - start) as usize)?;
        (function != NULL).then_some(function)
    }

    /// The first slot with a function that is not in the set, and that function.
    pub fn unnamed(&self, named: &[bool]) -> Option<(u32, u32)> {
        let missing = |f: &u32| *f != NULL && !named.get(*f as usize).is_some_and(|named| *named);
        let at = self.functions.iter().position(missing)?;
        let range = self.ranges.partition_point(|r| r.1 as usize <= at) - 1;
        let (start, first) = self.ranges[range];
        Some((start + (at as u32 - first), self.functions[at]))
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
    for export in module.exports(bytes)? {
        if export.kind == ExternKind::Table && export.name == TABLE_NAME {
            return Ok((export.index < module.tables.len() as u32).then_some(export.index));
        }
    }
    let mut functions = (0u32..)
        .zip(&module.tables)
        .filter(|(at, t)| t.element == ValueType::FUNCREF && others.binary_search(at).is_err())
        .map(|(at, _)| at);
    let first = functions.next();
    // With several nameless ones, the one that active segments fill is wasm-ld's.
    let filled = module
        .elements
        .iter()
        .find_map(|element| match element.kind {
            ElementSegment::Active { table, .. }
                if others.binary_search(&table).is_err()
                    && (table as usize) < module.tables.len() =>
            {
                Some(table)
            }
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
