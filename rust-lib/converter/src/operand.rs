//! The operands of instructions that can hold an address: where they are, and what they are.
//!
//! In: one instruction, as decoded and as bytes. Out: the constant or offset in it, and the bytes that hold
//! that.

use core::ops::Range;

use wasmparser::{MemArg, Operator};

/// What an instruction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// `i32.const`.
    I32(u32),
    /// `i64.const`.
    I64(u64),
    /// The offset of a load, a store, or an atomic access.
    Offset(u64),
}

impl Operand {
    /// The operand of an instruction, if it has one that can be an address.
    pub fn of(op: &Operator<'_>) -> Option<Operand> {
        match op {
            Operator::I32Const { value } => Some(Operand::I32(*value as u32)),
            Operator::I64Const { value } => Some(Operand::I64(*value as u64)),
            _ => memarg(op).map(|memarg| Operand::Offset(memarg.offset)),
        }
    }

    /// The number, however wide.
    pub fn value(self) -> u64 {
        match self {
            Operand::I32(value) => value.into(),
            Operand::I64(value) | Operand::Offset(value) => value,
        }
    }

    /// Where the number lies in the bytes of the instruction, which begin at `start`.
    pub fn place(self, bytes: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
        match self {
            Operand::I32(_) | Operand::I64(_) => Some(start + 1..end),
            Operand::Offset(_) => {
                offset_place(&bytes[start..end]).map(|range| start + range.start..start + range.end)
            }
        }
    }
}

/// An instruction in the text format, as far as people need it to find it.
pub fn show(op: &Operator<'_>) -> String {
    let name = name(op);
    match Operand::of(op) {
        Some(Operand::I32(value)) => format!("{name} {}", value as i32),
        Some(Operand::I64(value)) => format!("{name} {}", value as i64),
        Some(Operand::Offset(offset)) => format!("{name} offset={offset}"),
        None => match op {
            Operator::Call { function_index } => format!("{name} {function_index}"),
            Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                format!("{name} {global_index}")
            }
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => format!("{name} {local_index}"),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                format!("{name} {relative_depth}")
            }
            _ => name,
        },
    }
}

/// `I32Load8U` → `i32.load8_u`, near enough.
fn name(op: &Operator<'_>) -> String {
    const TYPES: [&str; 12] = [
        "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "i32", "i64", "f32", "f64", "v128",
        "ref",
    ];
    let mut out = String::new();
    for (at, letter) in ident(op).char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    for ty in TYPES
        .iter()
        .chain(&["local", "global", "memory", "table", "data", "elem"])
    {
        if let Some(rest) = out.strip_prefix(ty).and_then(|rest| rest.strip_prefix('_')) {
            return format!("{ty}.{rest}");
        }
    }
    out
}

macro_rules! operators {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        fn memarg(op: &Operator<'_>) -> Option<MemArg> {
            #[allow(unused_mut, unused_variables, unused_assignments)]
            let mut found = None;
            match op {
                $( #[allow(unused_variables)]
                Operator::$op $({ $($arg),* })? => { $($( operators!(@arg found $arg $arg); )*)? } )*
                _ => {}
            }
            found
        }

        fn ident(op: &Operator<'_>) -> &'static str {
            match op {
                $( Operator::$op { .. } => stringify!($op), )*
                _ => "?",
            }
        }
    };
    (@arg $found:ident $name:ident memarg) => { $found = Some(*$name); };
    (@arg $found:ident $name:ident $other:ident) => {};
}
wasmparser::for_each_operator!(operators);

/// Where the offset of a memory access lies in the bytes of the instruction: opcode, flags, the index of
/// the memory if the flags say so, offset, and for some a lane.
///
/// Source: core specification 3.0, section 5.4.6, and the threads proposal.
fn offset_place(bytes: &[u8]) -> Option<Range<usize>> {
    let mut at = match *bytes.first()? {
        0xfc..=0xfe => skip_leb(bytes, 1)?,
        _ => 1,
    };
    let flags = *bytes.get(at)?;
    at = skip_leb(bytes, at)?;
    if flags & 0x40 != 0 {
        at = skip_leb(bytes, at)?;
    }
    Some(at..skip_leb(bytes, at)?)
}

fn skip_leb(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..)?.iter().position(|byte| byte & 0x80 == 0)?;
    Some(at + length + 1)
}
