//! Moves the addresses in the function that the linker makes to clear `.bss` (and, with passive
//! segments, to copy data): `__wasm_init_memory`.
//!
//! In: a module whose objects are position independent, linked statically without relocation
//! records, and the range of its data before the move. Out: the same module with every destination
//! of `memory.fill` and `memory.init` in that function moved.
//!
//! The linker writes these destinations as plain, unpadded constants without a record. Their length
//! changes with their value, so they cannot be patched in place. The function is found as the start
//! function (nothing but the linker makes one) and by its name, if that was kept. It is read operand by
//! operand: what is not understood is refused, never skipped, since an address that stays behind
//! would clear the memory of another module.

use std::collections::BTreeSet;

use walrus::ir::{Const, Instr, InstrLocId, InstrSeqId, Value};
use walrus::{ExportItem, FunctionId, FunctionKind, LocalFunction, Module};

use crate::error::Problem;
use crate::request::InitMemory;

const NAME: &str = "__wasm_init_memory";

const REMEDY: &str = "Link with `-Wl,--emit-relocs` (Rust: `-C link-arg=--emit-relocs`): \
                      then every address is listed and this function is not made";

/// The place of an `i32.const`: which sequence of which function, and which instruction of it.
#[derive(Clone, Copy)]
struct Place {
    function: FunctionId,
    seq: InstrSeqId,
    index: usize,
}

/// An `i32.const` on the operand stack.
#[derive(Clone, Copy)]
struct Operand {
    place: Place,
    value: u32,
}

/// Runs the pass; returns how many constants it changed.
pub fn run(module: &mut Module, options: InitMemory) -> Result<usize, Problem> {
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = roots(module);
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            Reader {
                module,
                id,
                options,
                changes: &mut changes,
                calls: &mut waiting,
            }
            .function()?;
        }
    }
    for (place, value) in &changes {
        let function = module.funcs.get_mut(place.function).kind.unwrap_local_mut();
        function.block_mut(place.seq).instrs[place.index].0 = Instr::Const(Const {
            value: Value::I32(value.cast_signed()),
        });
    }
    Ok(changes.len())
}

/// The functions to begin with: the start function and whatever has the linker's name.
fn roots(module: &Module) -> Vec<FunctionId> {
    let named = module
        .funcs
        .iter()
        .filter(|f| f.name.as_deref() == Some(NAME))
        .map(|f| f.id());
    let exported = module
        .exports
        .iter()
        .filter(|e| e.name == NAME)
        .filter_map(|e| match e.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        });
    module
        .start
        .into_iter()
        .chain(named)
        .chain(exported)
        .collect()
}

/// Reads one function with a stack of operands, and notes what has to change.
struct Reader<'a> {
    module: &'a Module,
    id: FunctionId,
    options: InitMemory,
    changes: &'a mut Vec<(Place, u32)>,
    /// Functions without operands that are called: they are read next.
    calls: &'a mut Vec<FunctionId>,
}

impl Reader<'_> {
    fn function(&mut self) -> Result<(), Problem> {
        match &self.module.funcs.get(self.id).kind {
            FunctionKind::Local(function) => self.sequence(function, function.entry_block()),
            _ => Err(self.refuse("it is imported", None)),
        }
    }

    /// One sequence, from an empty stack of its own: blocks of the linker take no operands.
    fn sequence(&mut self, function: &LocalFunction, seq: InstrSeqId) -> Result<(), Problem> {
        let mut stack: Vec<Operand> = Vec::new();
        for (index, (instr, loc)) in function.block(seq).instrs.iter().enumerate() {
            match instr {
                Instr::Const(Const {
                    value: Value::I32(value),
                }) => {
                    let place = Place {
                        function: self.id,
                        seq,
                        index,
                    };
                    stack.push(Operand {
                        place,
                        value: value.cast_unsigned(),
                    });
                }
                Instr::MemoryFill(_) | Instr::MemoryInit(_) => {
                    let operands = (stack.pop(), stack.pop(), stack.pop());
                    let (Some(size), Some(_), Some(destination)) = operands else {
                        return Err(self.refuse("it writes to a computed address", Some(loc)));
                    };
                    self.destination(destination, size.value, loc)?;
                }
                Instr::DataDrop(_) | Instr::Return(_) => {}
                Instr::Call(call) if self.takes_nothing(call.func) => self.calls.push(call.func),
                Instr::Block(block) => {
                    if !stack.is_empty() {
                        return Err(self.refuse("it has a block among operands", Some(loc)));
                    }
                    self.sequence(function, block.seq)?;
                }
                other => {
                    let what = format!("it contains \"{}\"", name_of(other));
                    return Err(self.refuse(&what, Some(loc)));
                }
            }
        }
        Ok(())
    }

    /// Checks a destination and notes its new value.
    fn destination(
        &mut self,
        operand: Operand,
        size: u32,
        loc: &InstrLocId,
    ) -> Result<(), Problem> {
        let InitMemory { low, high, .. } = self.options;
        let (start, end) = (operand.value, u64::from(operand.value) + u64::from(size));
        if start < low || end > high {
            let what =
                format!("it writes to 0x{start:x}..0x{end:x}, outside of 0x{low:x}..0x{high:x}");
            return Err(self.refuse(&what, Some(loc)));
        }
        let moved = moved(start, size, self.options.delta, loc)?;
        self.changes.push((operand.place, moved));
        Ok(())
    }

    fn takes_nothing(&self, id: FunctionId) -> bool {
        let ty = self.module.types.get(self.module.funcs.get(id).ty());
        ty.params().is_empty() && ty.results().is_empty()
    }

    fn refuse(&self, what: &str, loc: Option<&InstrLocId>) -> Problem {
        let name = self
            .module
            .funcs
            .get(self.id)
            .name
            .as_deref()
            .unwrap_or(NAME);
        Problem::new(
            "linker_function",
            format!("Cannot move the addresses in function \"{name}\": {what}"),
            REMEDY,
        )
        .in_code(loc.and_then(offset_of))
    }
}

/// An address after the move, if what lies there still ends within the memory.
pub(super) fn moved(start: u32, size: u32, delta: i64, loc: &InstrLocId) -> Result<u32, Problem> {
    i64::from(start)
        .checked_add(delta)
        .and_then(|moved| u32::try_from(moved).ok())
        .filter(|moved| u64::from(*moved) + u64::from(size) <= 1 << 32)
        .ok_or_else(|| {
            Problem::new(
                "address_overflow",
                format!(
                    "Cannot move address 0x{start:x} by {delta}: it leaves the 4 GiB of a memory"
                ),
                "Place the module at a lower address",
            )
            .in_code(offset_of(loc))
        })
}

/// Where an instruction lies in the file that was parsed.
pub(super) fn offset_of(loc: &InstrLocId) -> Option<usize> {
    (!loc.is_default()).then(|| loc.data() as usize)
}

/// The name of an instruction's kind, as walrus calls it.
pub(super) fn name_of(instr: &Instr) -> String {
    let debug = format!("{instr:?}");
    debug
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_string()
}
