//! Instructions, as far as the inspection wants to know them.
//!
//! In: the body of a function. Out: one small [`Op`] an instruction, with the places where it starts and
//! ends. The lengths of immediates are those of the core specification 3.0, section 5.4, and of the
//! proposals that engines ship. `wasmparser`'s visitor does the same in 60 KB more of core, so that the
//! core would miss its budget; a test compares the two on every function of every fixture.

use crate::error::{Code, Problem, Result};
use crate::text::text;
use wasmparser::BinaryReader;

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    I32Const(i32),
    I32Add,
    LocalGet(u32),
    LocalSet(u32),
    LocalTee(u32),
    GlobalGet(u32),
    GlobalSet(u32),
    Call(u32),
    CallIndirect,
    RefFunc,
    MemoryInit,
    MemoryCopy,
    MemoryFill,
    MemoryGrow,
    /// A load, a store or an atomic access, with its offset.
    Access(u32),
    /// Its immediates are not LEB128 operands that a linker patches.
    Raw,
    Other,
}

impl Op {
    /// Its name for messages.
    pub fn name(self) -> &'static str {
        match self {
            Op::I32Const(_) => "i32.const",
            Op::GlobalGet(_) => "global.get",
            Op::GlobalSet(_) => "global.set",
            Op::Call(_) => "call",
            Op::CallIndirect => "call_indirect",
            Op::RefFunc => "ref.func",
            Op::Access(_) => "a load or store",
            _ => "an instruction",
        }
    }
}

/// The instructions of one function.
pub struct Ops<'a>(BinaryReader<'a>);

impl<'a> Ops<'a> {
    /// From the body of a function: locals and code.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn new(mut body: BinaryReader<'a>) -> Result<Self> {
        for _ in 0..body.read_var_u32()? {
            body.read_var_u32()?;
            value_type(&mut body)?;
        }
        Ok(Self(body))
    }

    /// The next instruction with its start and end in the file; `None` after the last.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read_next(&mut self) -> Result<Option<(usize, Op, usize)>> {
        if self.0.eof() {
            return Ok(None);
        }
        let start = self.position();
        let op = read(&mut self.0)?;
        Ok(Some((start, op, self.position())))
    }

    /// Where the next instruction starts.
    pub fn position(&self) -> usize {
        self.0.original_position() as usize
    }
}

fn read(r: &mut BinaryReader<'_>) -> Result<Op> {
    let start = r.original_position() as usize;
    let op = r.read_u8()?;
    Ok(match op {
        // block, loop, if, try
        0x02..=0x04 | 0x06 => block_type(r)?,
        // catch, throw, rethrow, br, br_if, return_call_ref, call_ref, delegate, table.get and .set, memory.size
        0x07..=0x09 | 0x0c | 0x0d | 0x14 | 0x15 | 0x18 | 0x25 | 0x26 | 0x3f => indices(r, 1)?,
        0x0e => {
            let targets = r.read_var_u32()?;
            for _ in 0..=targets {
                r.read_var_u32()?;
            }
            Op::Raw
        }
        0x10 | 0x12 => Op::Call(r.read_var_u32()?),
        0x11 | 0x13 => {
            indices(r, 2)?;
            Op::CallIndirect
        }
        0x1c => {
            for _ in 0..r.read_var_u32()? {
                value_type(r)?;
            }
            Op::Other
        }
        0x1f => try_table(r)?,
        0x20 => Op::LocalGet(r.read_var_u32()?),
        0x21 => Op::LocalSet(r.read_var_u32()?),
        0x22 => Op::LocalTee(r.read_var_u32()?),
        0x23 => Op::GlobalGet(r.read_var_u32()?),
        0x24 => Op::GlobalSet(r.read_var_u32()?),
        0x28..=0x3e => memarg(r)?,
        0x40 => {
            r.read_var_u32()?;
            Op::MemoryGrow
        }
        0x41 => Op::I32Const(r.read_var_i32()?),
        0x42 => {
            r.read_var_i64()?;
            Op::Raw
        }
        0x43 => raw(r, 4)?,
        0x44 => raw(r, 8)?,
        0x6a => Op::I32Add,
        0xd0 => heap_type(r)?,
        0xd2 => {
            r.read_var_u32()?;
            Op::RefFunc
        }
        0xd5 | 0xd6 => indices(r, 1)?,
        0xfb..=0xfe => {
            let sub = r.read_var_u32()?;
            match (op, sub) {
                (0xfb, _) => gc(r, sub, start)?,
                (0xfc, 0..=7 | 19..=22) => Op::Other,
                // f32.load_f16, f32.store_f16
                (0xfc, 48 | 49) => memarg(r)?,
                (0xfc, 8) => {
                    indices(r, 2)?;
                    Op::MemoryInit
                }
                (0xfc, 10) => {
                    indices(r, 2)?;
                    Op::MemoryCopy
                }
                (0xfc, 11) => {
                    r.read_var_u32()?;
                    Op::MemoryFill
                }
                (0xfc, 12 | 14) => indices(r, 2)?,
                (0xfc, 9 | 13 | 15..=18) => indices(r, 1)?,
                // v128 loads and stores, v128.const, i8x16.shuffle, lanes
                (0xfd, 0..=11 | 92 | 93) => memarg(r)?,
                (0xfd, 12 | 13) => raw(r, 16)?,
                (0xfd, 21..=34) => {
                    r.read_u8()?;
                    Op::Other
                }
                (0xfd, 84..=91) => {
                    let access = memarg(r)?;
                    r.read_u8()?;
                    access
                }
                // f16x8 lanes
                (0xfd, 0x121 | 0x122) => {
                    r.read_u8()?;
                    Op::Other
                }
                (0xfd, 14..=0x113 | 0x120 | 0x123..=0x14f) => Op::Other,
                // atomic.fence
                (0xfe, 3) => {
                    r.read_u8()?;
                    Op::Other
                }
                (0xfe, 0..=2 | 0x10..=0x4e) => memarg(r)?,
                _ => return Err(unknown(op, Some(sub), start)),
            }
        }
        0x00
        | 0x01
        | 0x05
        | 0x0a
        | 0x0b
        | 0x0f
        | 0x19..=0x1b
        | 0x45..=0xc4
        | 0xd1
        | 0xd3
        | 0xd4 => Op::Other,
        _ => return Err(unknown(op, None, start)),
    })
}

fn indices(r: &mut BinaryReader<'_>, count: u32) -> Result<Op> {
    for _ in 0..count {
        r.read_var_u32()?;
    }
    Ok(Op::Other)
}

fn raw(r: &mut BinaryReader<'_>, bytes: usize) -> Result<Op> {
    r.read_bytes(bytes)?;
    Ok(Op::Raw)
}

fn memarg(r: &mut BinaryReader<'_>) -> Result<Op> {
    // Bit 6 of the alignment: the index of a memory follows.
    if r.read_var_u32()? & 0x40 != 0 {
        r.read_var_u32()?;
    }
    Ok(Op::Access(r.read_var_u64()? as u32))
}

fn heap_type(r: &mut BinaryReader<'_>) -> Result<Op> {
    r.read_var_s33()?;
    Ok(Op::Other)
}

/// A type index, or a value type, or nothing (0x40): all are signed LEB128, but for the long forms of
/// reference types.
fn block_type(r: &mut BinaryReader<'_>) -> Result<Op> {
    match r.clone().read_u8()? {
        0x63 | 0x64 => value_type(r)?,
        _ => {
            r.read_var_s33()?;
        }
    }
    Ok(Op::Other)
}

fn value_type(r: &mut BinaryReader<'_>) -> Result<()> {
    if matches!(r.read_u8()?, 0x63 | 0x64) {
        r.read_var_s33()?;
    }
    Ok(())
}

fn try_table(r: &mut BinaryReader<'_>) -> Result<Op> {
    block_type(r)?;
    for _ in 0..r.read_var_u32()? {
        // catch and catch_ref name a tag; catch_all and catch_all_ref do not.
        let clause = r.read_u8()?;
        indices(r, if clause < 2 { 2 } else { 1 })?;
    }
    Ok(Op::Other)
}

fn gc(r: &mut BinaryReader<'_>, sub: u32, start: usize) -> Result<Op> {
    match sub {
        0 | 1 | 6 | 7 | 11..=14 | 16 => indices(r, 1),
        2..=5 | 8..=10 | 17..=19 => indices(r, 2),
        15 | 26..=30 => Ok(Op::Other),
        20..=23 => heap_type(r),
        24 | 25 => {
            r.read_u8()?;
            r.read_var_u32()?;
            heap_type(r)?;
            heap_type(r)
        }
        _ => Err(unknown(0xfb, Some(sub), start)),
    }
}

fn unknown(op: u8, sub: Option<u32>, at: usize) -> Box<Problem> {
    let sub = sub.map_or(text!(""), |sub| text!(" {:#x}", sub));
    Problem::new(
        Code::MalformedModule,
        text!("Cannot read the code: unknown instruction {:#x}{}", op, sub),
    )
    .hint(text!("Build without features that engines do not ship yet"))
    .at("code", at)
}
