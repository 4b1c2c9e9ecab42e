//! Finds where a function takes room of variable length on the stack without setting the stack pointer, as
//! LLVM does for `alloca` in a function that calls nothing.
//!
//! In: a function that reads the stack pointer and never sets it. Out: the instructions behind which a new
//! lower end of the frame is on the operand stack.
//!
//! It is a subtraction of a size that was rounded up to whole 16 bytes from the stack pointer, or from the
//! result of another one. Locals are reused for other things, so they are followed from instruction to
//! instruction; where that is not certain, nothing is found: a wrong check would trap in a right program.

use std::collections::BTreeSet;

use walrus::ir::{
    BinaryOp, Binop, Const, Instr, InstrLocId, InstrSeqId, LocalSet, LocalTee, Value, Visitor,
    dfs_in_order,
};
use walrus::{GlobalId, LocalFunction, LocalId};

use super::RED_ZONE;

/// Sequences, and the instructions in them behind which to check.
pub fn find(function: &LocalFunction, pointer: GlobalId) -> Vec<(InstrSeqId, usize)> {
    let mut walk = Walk {
        function,
        pointer,
        found: Vec::new(),
    };
    walk.sequence(function.entry_block(), &mut BTreeSet::new());
    walk.found
}

struct Walk<'a> {
    function: &'a LocalFunction,
    pointer: GlobalId,
    found: Vec<(InstrSeqId, usize)>,
}

impl Walk<'_> {
    /// `held` are the locals that hold an address of the stack.
    fn sequence(&mut self, id: InstrSeqId, held: &mut BTreeSet<LocalId>) {
        let instrs = &self.function.block(id).instrs;
        // Instructions that leave an address of the stack on top of the operands.
        let mut addresses = BTreeSet::new();
        for (at, (instr, _)) in instrs.iter().enumerate() {
            let is_address = |at: Option<usize>| at.is_some_and(|at| addresses.contains(&at));
            let leaves_one = match instr {
                Instr::GlobalGet(get) => get.global == self.pointer,
                Instr::LocalGet(get) => held.contains(&get.local),
                Instr::LocalSet(LocalSet { local }) | Instr::LocalTee(LocalTee { local }) => {
                    let kept = is_address(at.checked_sub(1));
                    if kept {
                        held.insert(*local);
                    } else {
                        held.remove(local);
                    }
                    kept && matches!(instr, Instr::LocalTee(_))
                }
                Instr::Binop(Binop { op }) => match op {
                    BinaryOp::I32Sub if is_address(left_operand(instrs, at)) => {
                        if is_size(instrs, at) {
                            self.found.push((id, at));
                        }
                        true
                    }
                    BinaryOp::I32And => is_rounding(instrs, at) && is_address(at.checked_sub(2)),
                    _ => false,
                },
                Instr::Block(block) => {
                    self.nested(block.seq, held, false);
                    false
                }
                Instr::Loop(each) => {
                    self.nested(each.seq, held, true);
                    false
                }
                Instr::IfElse(either) => {
                    let mut before = held.clone();
                    self.nested(either.consequent, held, false);
                    self.nested(either.alternative, &mut before, false);
                    held.retain(|local| before.contains(local));
                    false
                }
                Instr::TryTable(_) | Instr::Try(_) => {
                    held.clear();
                    false
                }
                _ => false,
            };
            if leaves_one {
                addresses.insert(at);
            }
        }
    }

    fn nested(&mut self, id: InstrSeqId, held: &mut BTreeSet<LocalId>, again: bool) {
        let mut assigned = Assigned(BTreeSet::new());
        dfs_in_order(&mut assigned, self.function, id);
        let mut inside = held.clone();
        held.retain(|local| !assigned.0.contains(local));
        if again {
            inside.clone_from(held);
        }
        self.sequence(id, &mut inside);
    }
}

/// The locals that a sequence sets.
struct Assigned(BTreeSet<LocalId>);

impl Visitor<'_> for Assigned {
    fn visit_local_set(&mut self, set: &LocalSet) {
        self.0.insert(set.local);
    }

    fn visit_local_tee(&mut self, tee: &LocalTee) {
        self.0.insert(tee.local);
    }
}

/// The instruction that leaves the left operand of the operation at `at`, if the right one is simple.
fn left_operand(instrs: &[(Instr, InstrLocId)], at: usize) -> Option<usize> {
    let mut wanted = 1_usize;
    for before in (0..at).rev() {
        match instrs[before].0 {
            Instr::Const(_) | Instr::LocalGet(_) | Instr::GlobalGet(_) => wanted -= 1,
            Instr::Binop(_) => wanted += 1,
            Instr::Unop(_) | Instr::Load(_) | Instr::LocalTee(_) => {}
            _ => return None,
        }
        if wanted == 0 {
            return before.checked_sub(1);
        }
    }
    None
}

/// Whether the right operand of the subtraction at `at` is a size that LLVM would compute, and no red zone.
fn is_size(instrs: &[(Instr, InstrLocId)], at: usize) -> bool {
    match (constant(instrs, at, 1), constant(instrs, at, 2)) {
        (Some(size), _) => size.cast_unsigned() > RED_ZONE,
        (None, Some(amount)) => match instrs[at - 1].0 {
            Instr::Binop(Binop {
                op: BinaryOp::I32And,
            }) => amount <= -16,
            Instr::Binop(Binop {
                op: BinaryOp::I32Shl,
            }) => (4..32).contains(&amount),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the operation at `at` is with a constant that rounds down.
fn is_rounding(instrs: &[(Instr, InstrLocId)], at: usize) -> bool {
    constant(instrs, at, 1).is_some_and(|mask| mask <= -16)
}

/// The constant so many instructions before `at`.
fn constant(instrs: &[(Instr, InstrLocId)], at: usize, back: usize) -> Option<i32> {
    match instrs.get(at.checked_sub(back)?)?.0 {
        Instr::Const(Const {
            value: Value::I32(value),
        }) => Some(value),
        _ => None,
    }
}
