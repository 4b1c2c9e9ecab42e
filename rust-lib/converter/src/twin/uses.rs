//! How the code uses globals, as far as it tells a stack pointer.
//!
//! In: instructions. Out: [`Use`]. A frame is `global.get g`, a constant, `i32.sub`, perhaps `local.tee l`,
//! `global.set g`. It is restored by `local.get l`, the same constant, `i32.add` (or the other way round),
//! `global.set g`. Memory is used in it if a load or store has an address that begins with `local.get l`.

use std::collections::BTreeMap;

use wasmparser::Operator;

use crate::operand::Operand;

/// How a global is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use {
    /// It is read and lowered or raised by a constant.
    pub frames: u32,
    /// It is lowered, what it is then is kept in a local, and it is set from that local, raised by the same.
    pub restored: u32,
    /// Memory is used at what is kept of it when it is lowered, not further from there than it was lowered by.
    pub read: u32,
    /// It is read or set at all.
    pub any: bool,
}

/// A value on the stack of operands, or in a local.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Value {
    #[default]
    Other,
    Constant(i32),
    /// A global as it was read.
    Global(u32),
    /// A global, lowered by this.
    Lowered(u32, i32),
    /// A global again as it was before it was lowered.
    Raised(u32),
    /// An address in a frame.
    Frame(u32, i32),
}

/// What is known inside of one function.
#[derive(Default)]
pub struct Window {
    stack: Vec<Value>,
    /// Locals that keep a lowered global.
    frames: BTreeMap<u32, (u32, i32)>,
    /// Locals with an address in a frame.
    pointers: BTreeMap<u32, Value>,
}

impl Window {
    /// Looks at the next instruction.
    pub fn see(&mut self, op: &Operator<'_>, uses: &mut Vec<Use>) {
        match *op {
            Operator::I32Const { value } => self.stack.push(Value::Constant(value)),
            Operator::GlobalGet { global_index } => {
                of(uses, global_index);
                self.stack.push(Value::Global(global_index));
            }
            Operator::LocalGet { local_index } => {
                let frame = self.frames.get(&local_index);
                let value = match frame {
                    Some((global, size)) => Value::Frame(*global, *size),
                    None => self.pointers.get(&local_index).copied().unwrap_or_default(),
                };
                self.stack.push(value);
            }
            Operator::LocalSet { local_index } => {
                let value = self.pop();
                self.keep(local_index, value);
            }
            Operator::LocalTee { local_index } => {
                let value = self.stack.last().copied().unwrap_or_default();
                self.keep(local_index, value);
            }
            Operator::I32Sub | Operator::I32Add => {
                let (b, a) = (self.pop(), self.pop());
                let value = sum(a, b, matches!(op, Operator::I32Sub));
                if let Value::Lowered(global, _) = value {
                    of(uses, global).frames += 1;
                }
                self.stack.push(value);
            }
            Operator::GlobalSet { global_index } => {
                let used = of(uses, global_index);
                if let Value::Raised(global) = self.pop() {
                    used.restored += u32::from(global == global_index);
                }
            }
            Operator::I32Mul
            | Operator::I32Shl
            | Operator::I32ShrS
            | Operator::I32ShrU
            | Operator::I32And
            | Operator::I32Or
            | Operator::I32Xor => {
                self.pop();
                self.pop();
                self.stack.push(Value::Other);
            }
            _ => match Operand::of(op) {
                Some(Operand::Offset(offset)) => self.access(op, offset, uses),
                _ => self.stack.clear(),
            },
        }
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    fn keep(&mut self, local: u32, value: Value) {
        self.frames.remove(&local);
        self.pointers.remove(&local);
        match value {
            Value::Lowered(global, size) if size > 0 => {
                self.frames.insert(local, (global, size));
            }
            Value::Frame(..) => {
                self.pointers.insert(local, value);
            }
            _ => {}
        }
    }

    /// A load, or a store, whose value comes after the address.
    fn access(&mut self, op: &Operator<'_>, offset: u64, uses: &mut Vec<Use>) {
        let is_store = is_store(op);
        if is_store {
            self.pop();
        }
        if let Value::Frame(global, size) = self.pop()
            && offset < size as u64
        {
            of(uses, global).read += 1;
        }
        // With lanes, or atomic, there can be more operands: what is below is not known then.
        self.stack.clear();
        if !is_store {
            self.stack.push(Value::Other);
        }
    }
}

fn is_store(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::I32Store { .. }
            | Operator::I64Store { .. }
            | Operator::F32Store { .. }
            | Operator::F64Store { .. }
            | Operator::I32Store8 { .. }
            | Operator::I32Store16 { .. }
            | Operator::I64Store8 { .. }
            | Operator::I64Store16 { .. }
            | Operator::I64Store32 { .. }
            | Operator::V128Store { .. }
    )
}

/// The sum or difference of two values.
fn sum(a: Value, b: Value, minus: bool) -> Value {
    match (a, b) {
        (Value::Global(global), Value::Constant(by))
        | (Value::Constant(by), Value::Global(global))
            if by != 0 && !(minus && a == Value::Constant(by)) =>
        {
            Value::Lowered(global, if minus { by } else { by.wrapping_neg() })
        }
        (Value::Frame(global, size), Value::Constant(by))
        | (Value::Constant(by), Value::Frame(global, size)) => {
            let by = if minus { by.wrapping_neg() } else { by };
            match by == size {
                true => Value::Raised(global),
                false if (0..size).contains(&by) => Value::Frame(global, size),
                false => Value::Other,
            }
        }
        // An index into an array in the frame.
        (Value::Frame(global, size), Value::Other) | (Value::Other, Value::Frame(global, size))
            if !minus =>
        {
            Value::Frame(global, size)
        }
        _ => Value::Other,
    }
}

fn of(uses: &mut Vec<Use>, global: u32) -> &mut Use {
    let at = global as usize;
    if uses.len() <= at {
        uses.resize(at + 1, Use::default());
    }
    uses[at].any = true;
    &mut uses[at]
}
