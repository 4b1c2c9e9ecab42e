//! How code uses the size of the memory: `memory.size` and `memory.grow`.
//!
//! In: the code section. Out: [`Growth`], which tells allocators apart that can live with pages of others
//! between theirs from those that cannot. An allocator that builds on the result of `memory.grow` can; one
//! that only compares the result takes what lies between two sizes, or grows without gaps. Only functions that
//! hold one of the two instructions are decoded.

use super::ops::{Op, Ops};
use crate::error::Result;
use crate::wasm::{Module, id, reader};
use wasm_share_kernels::scan;

/// The opcode of `memory.size`.
const SIZE: u8 = 0x3f;

/// Uses of `memory.size` and `memory.grow`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// `memory.size`.
    pub sizes: u32,
    /// `memory.grow`.
    pub grows: u32,
    /// Those of `grows` whose result becomes an address.
    pub built_on: u32,
    /// Those of `grows` after which the function takes what lies between two sizes of the memory, the one before
    /// and the one after.
    pub between: u32,
}

impl Growth {
    /// Whether the module takes only what `memory.grow` gave it, wherever that lies.
    pub fn takes_own(&self) -> bool {
        self.built_on + self.between == self.grows
    }
}

/// Reads the code.
///
/// # Errors
/// `malformed_module`.
pub fn growth(bytes: &[u8], module: &Module) -> Result<Growth> {
    let mut found = Growth::default();
    let Some((_, section)) = module.section(id::CODE) else {
        return Ok(found);
    };
    let initial = module.memories.first().map_or(0, |m| m.ty.initial);
    let places = scan::size_or_grow(bytes, section.body.clone());
    let mut places = places.iter().peekable();
    let mut r = reader(bytes, &section.body);
    for _ in 0..r.read_var_u32()? {
        let body = r.read_reader()?;
        let range = body.range();
        while places.next_if(|at| (**at as u64) < range.start).is_some() {}
        match places.peek() {
            None => break,
            Some(at) if **at as u64 >= range.end => continue,
            Some(_) => {}
        }
        let mut list = Vec::new();
        let mut ops = Ops::new(body)?;
        while let Some((start, op, _)) = ops.read_next()? {
            list.push((op, bytes[start]));
        }
        for (at, (op, code)) in list.iter().enumerate() {
            found.sizes += u32::from(*code == SIZE);
            if *op == Op::MemoryGrow && !is_minimum(&list[..at], initial) {
                found.grows += 1;
                let (before, after) = (&list[..at], &list[at + 1..]);
                if is_built_on(after) {
                    found.built_on += 1;
                } else if is_between(before, after) {
                    found.between += 1;
                }
            }
        }
    }
    Ok(found)
}

/// Whether a value becomes an address: multiplied by the size of a page, at once or from the local that it is
/// put into, as far as that holds it.
fn is_built_on(after: &[(Op, u8)]) -> bool {
    let (local, rest) = match after {
        [(Op::LocalSet(local), _), rest @ ..] => (*local, rest),
        [(Op::LocalTee(local), _), rest @ ..] => {
            if is_scaled(rest) {
                return true;
            }
            (*local, rest)
        }
        _ => return is_scaled(after),
    };
    for (at, (op, _)) in rest.iter().enumerate() {
        match op {
            Op::LocalGet(other) if *other == local && is_scaled(&rest[at + 1..]) => return true,
            Op::LocalSet(other) | Op::LocalTee(other) if *other == local => return false,
            _ => {}
        }
    }
    false
}

/// Whether the memory is grown to a constant size that it has from the start, so that it is not grown at all: what
/// is grown by is a constant minus a size.
fn is_minimum(before: &[(Op, u8)], initial: u64) -> bool {
    let is_size = |local: u32| {
        before.windows(2).any(|pair| {
            matches!(pair, [(_, SIZE), (Op::LocalSet(to) | Op::LocalTee(to), _)] if *to == local)
        })
    };
    let (pages, local) = match before {
        [
            ..,
            (Op::I32Const(pages), _),
            (Op::LocalGet(local), _),
            (_, 0x6b),
        ] => (*pages as u32, *local),
        // A number of pages that moves is an address, shifted.
        [
            ..,
            (Op::I32Const(address), _),
            (Op::I32Const(16), _),
            (_, 0x76),
            (Op::LocalGet(local), _),
            (_, 0x6b),
        ] => (*address as u32 >> 16, *local),
        _ => return false,
    };
    u64::from(pages) <= initial && is_size(local)
}

/// Whether what a function takes is what lies between a size that it read before, and one that it reads after.
fn is_between(before: &[(Op, u8)], after: &[(Op, u8)]) -> bool {
    let mut sizes = before.windows(2).filter_map(|pair| match pair {
        [(_, SIZE), (Op::LocalSet(local) | Op::LocalTee(local), _)] => Some(*local),
        _ => None,
    });
    let scaled = |is: &dyn Fn(&(Op, u8)) -> bool| {
        (0..after.len()).any(|at| is(&after[at]) && is_scaled(&after[at + 1..]))
    };
    sizes.any(|local| scaled(&|(op, _)| *op == Op::LocalGet(local)))
        && scaled(&|(_, code)| *code == SIZE)
}

/// `i32.const 16, i32.shl` or `i32.const 65536, i32.mul`.
fn is_scaled(after: &[(Op, u8)]) -> bool {
    matches!(
        after,
        [(Op::I32Const(16), _), (_, 0x74), ..]
            | [(Op::I32Const(0x10000), _), (_, 0x6c), ..]
            // i64.extend_i32_s or _u, i64.const, i64.shl
            | [(_, 0xac | 0xad), (_, 0x42), (_, 0x86), ..]
    )
}
