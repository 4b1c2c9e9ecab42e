//! What each global is once the module is placed.

use std::collections::BTreeMap;
use std::ops::Range;

use wasm_share_relocator::externs::{Extern, ExternKind};
use wasm_share_relocator::wasm::{ElementSegment, Init, const_expr, reader};
use wasmparser::BinaryReader;

use super::{Globals, Place, Side, unusable};
use crate::draft::Global;
use crate::error::{Result, Said};
use crate::twin::names::Names;

/// A number, and what it is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A plain number.
    Number(u32),
    /// Bytes from `__memory_base`.
    Memory(u32),
    /// Slots from `__table_base`.
    Table(u32),
    /// The address of something that another module defines: a global of the input, and bytes from there.
    Other(u32, u32),
}

impl Value {
    /// The sum, if it has a meaning.
    pub fn plus(self, other: Self) -> Option<Self> {
        let (base, number) = match (self, other) {
            (base, Value::Number(number)) | (Value::Number(number), base) => (base, number),
            _ => return None,
        };
        Some(match base {
            Value::Number(value) => Value::Number(value.wrapping_add(number)),
            Value::Memory(value) => Value::Memory(value.wrapping_add(number)),
            Value::Table(value) => Value::Table(value.wrapping_add(number)),
            Value::Other(global, value) => Value::Other(global, value.wrapping_add(number)),
        })
    }
}

/// What becomes of the globals.
#[derive(Debug, Default)]
pub struct Roles {
    /// What an imported global is, by its index; nothing for one that stays an import.
    pub values: Vec<Option<Value>>,
    /// Index of the imported stack pointer.
    pub stack_pointer: Option<u32>,
    /// New index of each global; nothing for one that goes away.
    pub indices: Vec<Option<u32>>,
    /// What is known of the defined globals, by new index.
    pub defined: Globals,
    /// New initial value of each defined global that gets one, by its place in the section.
    pub inits: BTreeMap<usize, u32>,
    /// The function in each slot, from `__table_base` on.
    pub slots: Vec<Option<u32>>,
    /// Functions that get a slot behind those that the module asks for.
    pub extra: Vec<u32>,
    /// Symbols of other modules that are imported through the GOT.
    pub imported: Vec<String>,
    /// How many GOT imports became constants.
    pub resolved: u32,
}

/// Values that the linker or a host gives.
const MEMORY_BASE: &str = "__memory_base";
const TABLE_BASE: &str = "__table_base";
const STACK_POINTER: &str = "__stack_pointer";

impl Roles {
    /// Decides about all of them.
    ///
    /// # Errors
    /// `side_module`, `unclassified_global`.
    pub fn read(side: &Side<'_>, place: Place) -> Result<Self> {
        let mut roles = Roles::default();
        roles.read_slots(side)?;
        let exports = side.module.exports(side.bytes)?;
        let exported = |name: &str, kind: ExternKind| {
            let mut list = exports.iter();
            list.find(|export| export.name == name && export.kind == kind)
                .map(|export| export.index)
        };
        let text =
            |range: &Range<usize>| std::str::from_utf8(&side.bytes[range.clone()]).unwrap_or("");
        let has_table = side
            .module
            .tables
            .iter()
            .any(|table| table.import.is_some());
        let mut kept = 0;
        let imports = side
            .module
            .imports
            .iter()
            .filter_map(|import| match import.ty {
                Extern::Global(ty) => Some((text(&import.module), text(&import.name), ty)),
                _ => None,
            });
        for (index, (module, name, ty)) in imports.enumerate() {
            let is_i32 = ty.value == wasm_share_relocator::externs::ValueType::I32;
            let value = match (module, name) {
                _ if !is_i32 => None,
                ("env", MEMORY_BASE) => Some(Value::Memory(0)),
                ("env", TABLE_BASE) => Some(Value::Table(0)),
                ("env", STACK_POINTER) => {
                    roles.stack_pointer = Some(index as u32);
                    None
                }
                ("GOT.mem", name) => exported(name, ExternKind::Global).and_then(|global| {
                    let value = roles.own_address(side, global);
                    roles.resolved += u32::from(value.is_some());
                    value
                }),
                // The address of an import that is exported again is that of whoever defines it.
                ("GOT.func", name) if has_table => exported(name, ExternKind::Function)
                    .filter(|function| *function >= side.module.imported_functions)
                    .map(|function| {
                        roles.resolved += 1;
                        roles.slot_of(side, function)
                    }),
                _ => None,
            };
            let goes = value.is_some() || roles.stack_pointer == Some(index as u32);
            if !goes && matches!(module, "GOT.mem" | "GOT.func") {
                roles.imported.push(name.into());
            }
            roles.values.push(value);
            roles.indices.push((!goes).then_some(kept));
            kept += u32::from(!goes);
        }
        let mut next = kept;
        if let Some(pointer) = roles.stack_pointer {
            roles.indices[pointer as usize] = Some(next);
            roles.defined.insert(next, Global::StackPointer);
            next += 1;
        }
        for _ in &side.module.globals {
            roles.indices.push(Some(next));
            next += 1;
        }
        roles.read_defined(
            side,
            place,
            &exports
                .iter()
                .map(|e| (e.kind, e.index))
                .collect::<Vec<_>>(),
        )?;
        Ok(roles)
    }

    /// Which functions the module puts into its slots.
    fn read_slots(&mut self, side: &Side<'_>) -> Result<()> {
        self.slots = vec![None; side.info.table_size as usize];
        for element in &side.module.elements {
            let ElementSegment::Active { .. } = element.kind else {
                continue;
            };
            let Some(Value::Table(first)) = self.eval_table(side, element.offset_expr.clone())
            else {
                return Err(unusable(
                    "the offset of an element segment is not relative to __table_base",
                ));
            };
            let mut r = reader(side.bytes, &element.items);
            for slot in first..first.saturating_add(element.count) {
                let function = match element.expressions {
                    false => Some(r.read_var_u32()?),
                    true => match const_expr(&mut r)?.0 {
                        Init::Func(function) => Some(function),
                        _ => None,
                    },
                };
                let Some(place) = self.slots.get_mut(slot as usize) else {
                    return Err(unusable(
                        "an element segment lies outside of the slots that it asks for",
                    ));
                };
                *place = function;
            }
        }
        Ok(())
    }

    /// The offset of an element segment: `__table_base` is known by its name, before anything else is.
    fn eval_table(&self, side: &Side<'_>, range: Range<usize>) -> Option<Value> {
        let mut globals = side
            .module
            .imports
            .iter()
            .filter(|i| matches!(i.ty, Extern::Global(_)));
        let base =
            globals.position(|import| &side.bytes[import.name.clone()] == TABLE_BASE.as_bytes());
        eval(side.bytes, range, |index| {
            match Some(index as usize) == base {
                true => Some(Value::Table(0)),
                false => None,
            }
        })
    }

    /// The address that an exported global of the module says.
    fn own_address(&self, side: &Side<'_>, global: u32) -> Option<Value> {
        let global = side.module.global(global)?;
        let value = eval(side.bytes, global.init_expr.clone(), |_| None)?;
        match value {
            Value::Number(offset) if !global.ty.mutable && offset <= side.info.memory_size => {
                Some(Value::Memory(offset))
            }
            _ => None,
        }
    }

    /// The slot of a function: the first that holds it, or a new one.
    fn slot_of(&mut self, side: &Side<'_>, function: u32) -> Value {
        let own = self.slots.iter().position(|slot| *slot == Some(function));
        let extra = || self.extra.iter().position(|other| *other == function);
        let slot = own.or_else(|| extra().map(|at| at + side.info.table_size as usize));
        let slot = slot.unwrap_or_else(|| {
            self.extra.push(function);
            side.info.table_size as usize + self.extra.len() - 1
        });
        Value::Table(slot as u32)
    }

    /// The function in a slot, counted from `__table_base`.
    pub fn function(&self, slot: u32) -> Option<u32> {
        match self.slots.get(slot as usize) {
            Some(function) => *function,
            None => self.extra.get(slot as usize - self.slots.len()).copied(),
        }
    }

    fn read_defined(
        &mut self,
        side: &Side<'_>,
        place: Place,
        exports: &[(ExternKind, u32)],
    ) -> Result<()> {
        let names = Names::read(side.bytes, &side.module);
        let imported = side.module.imported_globals;
        for (at, global) in side.module.globals.iter().enumerate() {
            let index = imported + at as u32;
            let Some(new) = self.indices[index as usize] else {
                continue;
            };
            let exported = exports.contains(&(ExternKind::Global, index));
            let value = self.eval(side.bytes, global.init_expr.clone());
            let value = match value {
                // Exported addresses are relative to the base.
                Some(Value::Number(_)) if exported && !global.ty.mutable => {
                    match self.own_address(side, index) {
                        Some(address) => Some(address),
                        None => {
                            return Err(Said::new(
                                "unclassified_global",
                                format!("Cannot tell whether the exported global {index} is an address of the module's data"),
                                "Export the data symbol under its own name, or drop the export",
                            )
                            .at("global", global.entry.start)
                            .into());
                        }
                    }
                }
                value => value,
            };
            match value {
                Some(Value::Memory(offset)) => {
                    let address = place.memory.wrapping_add(offset);
                    self.inits.insert(at, address);
                    self.defined
                        .insert(new, Global::Address(names.address(index, address)));
                }
                Some(Value::Table(slot)) => {
                    self.inits.insert(at, place.table.wrapping_add(slot));
                    self.defined.insert(new, Global::Slot);
                }
                Some(Value::Number(_)) => {
                    self.defined.insert(new, Global::Number);
                }
                Some(Value::Other(..)) => return Err(unusable(FOREIGN)),
                None if reads_global(side.bytes, global.init_expr.clone()) => {
                    return Err(unusable(FOREIGN));
                }
                // A value that is no i32.
                _ => {}
            }
        }
        Ok(())
    }

    /// The value of a constant expression.
    pub fn eval(&self, bytes: &[u8], range: Range<usize>) -> Option<Value> {
        eval(bytes, range, |index| self.value(index))
    }

    /// What a read of a global gives, as far as it is known.
    pub fn value(&self, global: u32) -> Option<Value> {
        match self.values.get(global as usize)? {
            Some(value) => Some(*value),
            None if self.stack_pointer == Some(global) => None,
            None => Some(Value::Other(global, 0)),
        }
    }
}

/// Why the initial value of a global cannot be written.
const FOREIGN: &str = "a global starts as something that stays an import";

/// Whether a constant expression reads a global. What cannot be read may do so.
fn reads_global(bytes: &[u8], range: Range<usize>) -> bool {
    let body = BinaryReader::new(&bytes[range.clone()], range.start as u64);
    let ops = wasmparser::OperatorsReader::new(body);
    ops.into_iter().any(
        |op| !matches!(op, Ok(ref op) if !matches!(op, wasmparser::Operator::GlobalGet { .. })),
    )
}

/// The value of a constant expression of `i32`.
fn eval(bytes: &[u8], range: Range<usize>, global: impl Fn(u32) -> Option<Value>) -> Option<Value> {
    let mut r = BinaryReader::new(&bytes[range.clone()], range.start as u64);
    let mut stack: Vec<Value> = Vec::new();
    loop {
        let value = match r.read_u8().ok()? {
            0x0b => return (stack.len() == 1).then(|| stack[0]),
            0x41 => Value::Number(r.read_var_i32().ok()? as u32),
            0x23 => global(r.read_var_u32().ok()?)?,
            0x6a => {
                let (b, a) = (stack.pop()?, stack.pop()?);
                a.plus(b)?
            }
            _ => return None,
        };
        stack.push(value);
    }
}
