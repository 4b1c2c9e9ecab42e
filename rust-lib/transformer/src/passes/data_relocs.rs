//! Moves the addresses in the function that the linker makes to fill in pointers to what another
//! module defines: `__wasm_apply_data_relocs`.
//!
//! In: a moved module that was linked with `--unresolved-symbols=import-dynamic`, and the range of its
//! data before the move. Out: the same module with every place that this function stores to moved.
//!
//! The linker writes these places as plain, unpadded constants without a record, so they cannot be
//! patched in place. The function is straight code: for each pointer `i32.const` place, `global.get` entry
//! of the GOT, if there is an addend `i32.const` and `i32.add`, then `i32.store`. (wasm-ld,
//! `InputChunk::generateRelocationCode`.) Whatever else is in it is refused: a pointer that is stored
//! to the old place would be in the memory of another module.

use walrus::ir::{BinaryOp, Const, Instr, InstrLocId, Store, StoreKind, Value};
use walrus::{ExportItem, FunctionId, FunctionKind, Module};

use super::init_memory::{moved, name_of, offset_of};
use crate::error::Problem;
use crate::request::InitMemory;

/// The name of the function, and of its export.
const NAME: &str = "__wasm_apply_data_relocs";

/// What is on the operand stack.
enum Operand {
    /// `i32.const`: at this position, with this value.
    Constant(usize, u32),
    /// An entry of the GOT, an addend included or not.
    Address,
}

/// Runs the pass; returns how many places it changed.
pub fn run(module: &mut Module, options: InitMemory) -> Result<usize, Problem> {
    let id = module
        .exports
        .iter()
        .find_map(|export| match export.item {
            ExportItem::Function(id) if export.name == NAME => Some(id),
            _ => None,
        })
        .ok_or_else(|| refuse("it is not exported", None))?;
    let changes = read(module, id, options)?;
    let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
    let entry = function.entry_block();
    let instrs = &mut function.block_mut(entry).instrs;
    for (index, address) in &changes {
        instrs[*index].0 = Instr::Const(Const {
            value: Value::I32(address.cast_signed()),
        });
    }
    Ok(changes.len())
}

/// The constants that change, by position, and their new values.
fn read(
    module: &Module,
    id: FunctionId,
    options: InitMemory,
) -> Result<Vec<(usize, u32)>, Problem> {
    let FunctionKind::Local(function) = &module.funcs.get(id).kind else {
        return Err(refuse("it is imported", None));
    };
    let mut changes = Vec::new();
    let mut stack = Vec::new();
    for (index, (instr, loc)) in function
        .block(function.entry_block())
        .instrs
        .iter()
        .enumerate()
    {
        match instr {
            Instr::Const(Const {
                value: Value::I32(value),
            }) => stack.push(Operand::Constant(index, value.cast_unsigned())),
            Instr::GlobalGet(_) => stack.push(Operand::Address),
            Instr::Binop(binop) if matches!(binop.op, BinaryOp::I32Add) => {
                match (stack.pop(), stack.pop()) {
                    (Some(Operand::Constant(..)), Some(Operand::Address)) => {
                        stack.push(Operand::Address);
                    }
                    _ => return Err(refuse("it adds what is no addend", Some(loc))),
                }
            }
            Instr::Store(store) if is_word(store) && store.arg.offset == 0 => {
                let (Some(Operand::Address), Some(Operand::Constant(at, place)), None) =
                    (stack.pop(), stack.pop(), stack.pop())
                else {
                    return Err(refuse("it stores what is no address", Some(loc)));
                };
                if place < options.low || u64::from(place) + 4 > options.high {
                    let what = format!("it writes to 0x{place:x}, outside of the module's data");
                    return Err(refuse(&what, Some(loc)));
                }
                changes.push((at, moved(place, 4, options.delta, loc)?));
            }
            other => {
                let what = format!("it contains \"{}\"", name_of(other));
                return Err(refuse(&what, Some(loc)));
            }
        }
    }
    match stack.is_empty() {
        true => Ok(changes),
        false => Err(refuse("it leaves operands behind", None)),
    }
}

fn is_word(store: &Store) -> bool {
    matches!(store.kind, StoreKind::I32 { atomic: false })
}

fn refuse(what: &str, loc: Option<&InstrLocId>) -> Problem {
    Problem::new(
        "linker_function",
        format!("Cannot move the addresses in function \"{NAME}\": {what}"),
        "Use the linker's own output, of LLVM 22 or a version near it",
    )
    .in_code(loc.and_then(offset_of))
}
