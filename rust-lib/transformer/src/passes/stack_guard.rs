//! Checks the stack pointer of a module before it is set, so that an overflow of the stack traps
//! instead of overwriting whatever lies below.
//!
//! In: a module, the index of its stack pointer and the range of its stack. Out: the same module, with a
//! check in front of each `global.set` of the stack pointer that can lower it, and one more function,
//! `stack_overflow_in_<module>`, that does nothing but trap. WebAssembly traps carry no text, but
//! every engine shows the names of functions in the stack of the error.
//!
//! The check is one comparison: `new - low > high - low`, unsigned. It sees a value below the stack and,
//! since a frame that is larger than all addresses below it wraps around, one above it. The stack pointer is
//! set after the check: it stays in the stack.
//!
//! A function that calls nothing may use up to 128 bytes below the stack pointer without setting it (the
//! red zone of LLVM). Where there are such functions, so many bytes at the end of the stack are kept for
//! them. What they take beyond that is checked where they take it ([`leaf`]).
//!
//! Compilers free a frame by adding a constant to a local: that cannot lower the stack pointer and is
//! not checked. Everything else is.

mod leaf;

use walrus::ir::{
    BinaryOp, Binop, Const, GlobalGet, GlobalSet, IfElse, Instr, InstrLocId, InstrSeqId, LocalGet,
    LocalTee, Value, Visitor, dfs_in_order,
};
use walrus::{
    FunctionBuilder, FunctionId, FunctionKind, GlobalId, LocalFunction, LocalId, Module, ValType,
};

use crate::error::Problem;
use crate::passes::mutable_i32;
use crate::request::StackGuard;

/// Runs the pass; returns how many checks it added. `globals` are those that the module came with,
/// in the order of their indices.
pub fn run(
    module: &mut Module,
    globals: &[GlobalId],
    options: &StackGuard,
) -> Result<usize, Problem> {
    let pointer = mutable_i32(module, globals, options.global, "check the stack pointer")?;
    let mut sets: Vec<(FunctionId, Vec<InstrSeqId>)> = Vec::new();
    let mut leaves: Vec<(FunctionId, Vec<(InstrSeqId, usize)>)> = Vec::new();
    let mut kept = 0;
    for (id, function) in module.funcs.iter_local() {
        let mut finder = Finder {
            pointer,
            found: Vec::new(),
            below: 0,
        };
        dfs_in_order(&mut finder, function, function.entry_block());
        if !finder.found.is_empty() {
            sets.push((id, finder.found));
        } else {
            kept = kept.max(finder.below);
            if finder.below > 0 {
                leaves.push((id, leaf::find(function, pointer)));
            }
        }
    }
    leaves.retain(|(_, found)| !found.is_empty());
    if sets.is_empty() && leaves.is_empty() {
        return Ok(0);
    }
    let mut check = Check {
        pointer,
        low: options.low.saturating_add(kept),
        size: options
            .high
            .saturating_sub(options.low)
            .saturating_sub(kept),
        overflow: trap(module, &options.module),
        added: 0,
    };
    for (id, sequences) in sets {
        let local = module.locals.add(ValType::I32);
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind {
            for sequence in sequences {
                check.sequence(function, sequence, local);
            }
        }
    }
    for (id, found) in leaves {
        let local = module.locals.add(ValType::I32);
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind {
            // From the end, so that places stay where they are.
            for (sequence, at) in found.into_iter().rev() {
                check.after(function, sequence, at, local);
            }
        }
    }
    Ok(check.added)
}

/// The function that is called instead of going on.
fn trap(module: &mut Module, name: &str) -> FunctionId {
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder.name(format!("stack_overflow_in_{name}"));
    builder.func_body().unreachable();
    builder.finish(Vec::new(), &mut module.funcs)
}

/// The most that LLVM uses below the stack pointer.
const RED_ZONE: u32 = 128;

/// Finds the sequences that set the stack pointer.
struct Finder {
    pointer: GlobalId,
    found: Vec<InstrSeqId>,
    /// How many bytes below it may be used, if it is not set.
    below: u32,
}

impl<'a> Visitor<'a> for Finder {
    fn start_instr_seq(&mut self, seq: &'a walrus::ir::InstrSeq) {
        if seq.instrs.iter().any(|(i, _)| sets(i, self.pointer)) {
            self.found.push(seq.id());
        }
        for (at, (instr, _)) in seq.instrs.iter().enumerate() {
            if matches!(instr, Instr::GlobalGet(GlobalGet { global }) if *global == self.pointer) {
                let frame = match (seq.instrs.get(at + 1), seq.instrs.get(at + 2)) {
                    (
                        Some((
                            Instr::Const(Const {
                                value: Value::I32(size @ 0..),
                            }),
                            _,
                        )),
                        Some((
                            Instr::Binop(Binop {
                                op: BinaryOp::I32Sub,
                            }),
                            _,
                        )),
                    ) => size.cast_unsigned(),
                    _ => RED_ZONE,
                };
                self.below = self.below.max(frame.min(RED_ZONE));
            }
        }
    }
}

fn sets(instr: &Instr, pointer: GlobalId) -> bool {
    matches!(instr, Instr::GlobalSet(GlobalSet { global }) if *global == pointer)
}

struct Check {
    pointer: GlobalId,
    low: u32,
    size: u32,
    overflow: FunctionId,
    added: usize,
}

impl Check {
    /// Adds the checks of one sequence. `spare` is a local that nothing else uses.
    fn sequence(&mut self, function: &mut LocalFunction, id: InstrSeqId, spare: LocalId) {
        let old = std::mem::take(&mut function.block_mut(id).instrs);
        let mut new = Vec::with_capacity(old.len() + 8);
        for (instr, loc) in old {
            if sets(&instr, self.pointer) && !is_raised(&new) {
                self.check(function, &mut new, loc, spare);
            }
            new.push((instr, loc));
        }
        function.block_mut(id).instrs = new;
    }

    /// Adds a check behind one instruction.
    fn after(&mut self, function: &mut LocalFunction, id: InstrSeqId, at: usize, spare: LocalId) {
        let mut new = std::mem::take(&mut function.block_mut(id).instrs);
        let rest = new.split_off(at + 1);
        let loc = new.last().map(|(_, loc)| *loc).unwrap_or_default();
        self.check(function, &mut new, loc, spare);
        new.extend(rest);
        function.block_mut(id).instrs = new;
    }

    /// The check of the value on top of the operand stack, which stays there.
    fn check(
        &mut self,
        function: &mut LocalFunction,
        instrs: &mut Vec<(Instr, InstrLocId)>,
        loc: InstrLocId,
        spare: LocalId,
    ) {
        let builder = function.builder_mut();
        let consequent = builder.dangling_instr_seq(None).call(self.overflow).id();
        let alternative = builder.dangling_instr_seq(None).id();
        // What just was kept in a local need not be kept in another.
        let local = match instrs.last() {
            Some((
                Instr::LocalTee(LocalTee { local }) | Instr::LocalGet(LocalGet { local }),
                _,
            )) => *local,
            _ => {
                instrs.push((LocalTee { local: spare }.into(), loc));
                spare
            }
        };
        let mut push = |instr: Instr| instrs.push((instr, loc));
        if self.low != 0 {
            push(number(self.low));
            push(binary(BinaryOp::I32Sub));
        }
        push(number(self.size));
        push(binary(BinaryOp::I32GtU));
        push(
            IfElse {
                consequent,
                alternative,
            }
            .into(),
        );
        push(LocalGet { local }.into());
        self.added += 1;
    }
}

/// Whether the value is a local plus a constant, as compilers free a frame.
fn is_raised(before: &[(Instr, InstrLocId)]) -> bool {
    let mut last = before.iter().rev().map(|(instr, _)| instr);
    let (add, constant, local) = (last.next(), last.next(), last.next());
    matches!(
        add,
        Some(Instr::Binop(Binop {
            op: BinaryOp::I32Add
        }))
    ) && matches!(
        constant,
        Some(Instr::Const(Const {
            value: Value::I32(0..)
        }))
    ) && matches!(local, Some(Instr::LocalGet(_)))
}

fn number(value: u32) -> Instr {
    Const {
        value: Value::I32(value.cast_signed()),
    }
    .into()
}

fn binary(op: BinaryOp) -> Instr {
    Binop { op }.into()
}
