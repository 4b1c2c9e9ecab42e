//! What the linker's functions do to the data at the start: `__wasm_apply_data_relocs` stores addresses, the start
//! function clears `.bss`.
//!
//! In: code. Out: each store of a known value to a known address, and each range that is cleared. A function that
//! does anything else is left as it is: its addresses become constants like all others, and it runs at the start.

use std::collections::BTreeMap;
use std::ops::Range;

use wasm_share_relocator::externs::ExternKind;
use wasm_share_relocator::wasm::{id, reader};
use wasmparser::{FunctionBody, Operator};

use super::roles::{Roles, Value};
use super::{Place, Side};
use crate::draft::Word;
use crate::error::Result;

const NAME: &str = "__wasm_apply_data_relocs";

/// A linker's start function calls a few others.
const DEPTH: u32 = 3;

/// What is done in the file instead of at the start.
#[derive(Debug, Default)]
pub struct Applied {
    /// Words by address: what each is, and its value.
    pub words: BTreeMap<u32, (Word, u32)>,
    /// Ranges of addresses that are cleared.
    pub cleared: Vec<Range<u64>>,
    /// The function that stores addresses, and those stores of it that are left.
    pub left: Option<(u32, Vec<Store>)>,
    /// Nothing is left of the start function.
    pub no_start: bool,
}

impl Applied {
    /// Reads what can be done in the file.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(side: &Side<'_>, place: Place, roles: &Roles) -> Result<Self> {
        let mut applied = Self::default();
        if let Some(start) = side.module.start {
            let mut effects = Effects::default();
            if effects.run(side, place, roles, start, DEPTH)?.is_some() && effects.left.is_empty() {
                applied.words = effects.words;
                applied.cleared = effects.cleared;
                applied.no_start = true;
            }
        }
        let exports = side.module.exports(side.bytes)?;
        let function = exports
            .iter()
            .find(|e| e.kind == ExternKind::Function && e.name == NAME);
        let Some(function) = function.map(|export| export.index) else {
            return Ok(applied);
        };
        let mut effects = Effects::default();
        let whole = effects.run(side, place, roles, function, 0)?.is_some();
        // It runs after the start function.
        if whole && effects.cleared.is_empty() && (applied.no_start || side.module.start.is_none())
        {
            applied.words.extend(effects.words);
            applied.left = Some((function, effects.left));
        }
        let mut at = applied.words.keys().zip(applied.words.keys().skip(1));
        match at.any(|(one, other)| other - one < 4) {
            // A word across another: in which order they are stored matters.
            true => Ok(Self::default()),
            false => Ok(applied),
        }
    }
}

/// A store of an address of something that another module defines.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    /// Where to.
    pub to: u32,
    /// The global of the input that holds the address.
    pub global: u32,
    /// Bytes from there.
    pub addend: u32,
}

#[derive(Default)]
struct Effects {
    words: BTreeMap<u32, (Word, u32)>,
    left: Vec<Store>,
    cleared: Vec<Range<u64>>,
}

impl Effects {
    /// Runs a function without parameters; nothing if it does what is not known here.
    fn run(
        &mut self,
        side: &Side<'_>,
        place: Place,
        roles: &Roles,
        function: u32,
        depth: u32,
    ) -> Result<Option<()>> {
        let Some(body) = body(side, function)? else {
            return Ok(None);
        };
        let mut ops = body.get_operators_reader()?;
        let mut stack: Vec<Value> = Vec::new();
        let mut locals = BTreeMap::new();
        while !ops.eof() {
            let op = ops.read()?;
            if let (Operator::Call { function_index }, true) = (&op, depth > 0 && stack.is_empty())
            {
                if self
                    .run(side, place, roles, *function_index, depth - 1)?
                    .is_none()
                {
                    return Ok(None);
                }
            } else if matches!(op, Operator::End) {
                break;
            } else if self
                .step(place, roles, &op, &mut stack, &mut locals)
                .is_none()
            {
                return Ok(None);
            }
        }
        Ok((stack.is_empty() && ops.eof()).then_some(()))
    }

    /// The addresses of all words that were stored.
    fn stored(&self) -> impl Iterator<Item = u64> {
        let left = self.left.iter().map(|store| store.to);
        self.words.keys().copied().chain(left).map(u64::from)
    }

    fn step(
        &mut self,
        place: Place,
        roles: &Roles,
        op: &Operator<'_>,
        stack: &mut Vec<Value>,
        locals: &mut BTreeMap<u32, Value>,
    ) -> Option<()> {
        match *op {
            Operator::I32Const { value } => stack.push(Value::Number(value as u32)),
            Operator::GlobalGet { global_index } => stack.push(roles.value(global_index)?),
            Operator::LocalGet { local_index } => stack.push(*locals.get(&local_index)?),
            Operator::LocalSet { local_index } => {
                locals.insert(local_index, stack.pop()?);
            }
            Operator::LocalTee { local_index } => {
                locals.insert(local_index, *stack.last()?);
            }
            Operator::I32Add => {
                let (b, a) = (stack.pop()?, stack.pop()?);
                stack.push(a.plus(b)?);
            }
            Operator::MemoryFill { mem: 0 } => {
                let (size, value, to) = (stack.pop()?, stack.pop()?, stack.pop()?);
                let (Value::Number(size), Value::Number(0), Value::Memory(to)) = (size, value, to)
                else {
                    return None;
                };
                let start = u64::from(place.memory.wrapping_add(to));
                let range = start..start + u64::from(size);
                // What was stored before would be gone.
                let mut stored = self.stored();
                if stored.any(|at| at + 4 > range.start && at < range.end) {
                    return None;
                }
                drop(stored);
                self.cleared.push(range);
            }
            Operator::I32Store { memarg } => {
                let (value, to) = (stack.pop()?, stack.pop()?);
                let Value::Memory(to) = to else { return None };
                let to = place
                    .memory
                    .wrapping_add(to)
                    .wrapping_add(memarg.offset as u32);
                // Each word is stored once; in which order then is the same.
                let mut stored = self.stored();
                if stored.any(|at| at.abs_diff(to.into()) < 4) {
                    return None;
                }
                drop(stored);
                let word = match value {
                    Value::Memory(offset) => (Word::Address, place.memory.wrapping_add(offset)),
                    Value::Table(slot) => (
                        Word::Slot(roles.function(slot)?),
                        place.table.wrapping_add(slot),
                    ),
                    Value::Other(global, addend) => {
                        self.left.push(Store { to, global, addend });
                        return Some(());
                    }
                    Value::Number(_) => return None,
                };
                self.words.insert(to, word);
            }
            _ => return None,
        }
        Some(())
    }
}

/// The body of a defined function.
fn body<'a>(side: &Side<'a>, function: u32) -> Result<Option<FunctionBody<'a>>> {
    let defined = function.checked_sub(side.module.imported_functions);
    let (Some((_, section)), Some(defined)) = (side.module.section(id::CODE), defined) else {
        return Ok(None);
    };
    let mut r = reader(side.bytes, &section.body);
    let count = r.read_var_u32()?;
    for at in 0..count {
        let body = r.read_reader()?;
        if at == defined {
            return Ok(Some(FunctionBody::new(body)));
        }
    }
    Ok(None)
}
