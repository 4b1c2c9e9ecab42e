//! Reads of bases and GOT entries → constants.
//!
//! In: code. Out: edits. A base and the constant that is added to it become one constant; an index of a global that
//! stays gets its new number.

use std::ops::Range;

use wasm_encoder::Encode;
use wasm_share_relocator::wasm::{id, reader};
use wasmparser::{FunctionBody, Operator};

use super::apply::{Applied, Store};
use super::roles::{Roles, Value};
use super::{Place, Report, Side, unusable};
use crate::draft::{Edit, Piece};
use crate::error::{Result, Said};
use crate::operand::show;

/// Edits of all functions.
///
/// # Errors
/// `side_module`, `passive_segments`, `malformed_module`.
pub fn edits(
    side: &Side<'_>,
    place: Place,
    roles: &Roles,
    applied: &Applied,
    report: &mut Report,
) -> Result<Vec<Edit>> {
    let mut edits = Vec::new();
    let Some((_, section)) = side.module.section(id::CODE) else {
        return Ok(edits);
    };
    let mut r = reader(side.bytes, &section.body);
    let count = r.read_var_u32()?;
    for at in 0..count {
        let body = r.read_reader()?;
        let index = side.module.imported_functions + at;
        match applied
            .left
            .as_ref()
            .filter(|(function, _)| *function == index)
        {
            Some((_, left)) => {
                let range = body.range();
                edits.push(rest(range.start as usize..range.end as usize, left, roles));
            }
            None => function(
                side,
                place,
                roles,
                FunctionBody::new(body),
                report,
                &mut edits,
            )?,
        }
    }
    Ok(edits)
}

/// What is left of the function that stores addresses: those of other modules.
fn rest(range: Range<usize>, left: &[Store], roles: &Roles) -> Edit {
    let mut pieces = vec![Piece::Bytes(vec![0])];
    for Store { to, global, addend } in left {
        pieces.push(Piece::Bytes(vec![0x41]));
        pieces.push(Piece::Address(*to));
        let mut bytes = vec![0x23];
        roles.indices[*global as usize]
            .unwrap_or(0)
            .encode(&mut bytes);
        bytes.push(0x41);
        (*addend as i32).encode(&mut bytes);
        // i32.add, i32.store align=4
        bytes.extend([0x6a, 0x36, 2, 0]);
        pieces.push(Piece::Bytes(bytes));
    }
    pieces.push(Piece::Bytes(vec![0x0b]));
    Edit { range, pieces }
}

fn function(
    side: &Side<'_>,
    place: Place,
    roles: &Roles,
    body: FunctionBody<'_>,
    report: &mut Report,
    edits: &mut Vec<Edit>,
) -> Result<()> {
    let mut ops = body.get_operators_reader()?;
    // The constant before, if the instruction before was one.
    let mut constant: Option<(usize, u32)> = None;
    while !ops.eof() {
        let start = ops.original_position() as usize;
        let op = ops.read()?;
        let end = ops.original_position() as usize;
        let before = constant.take();
        match op {
            Operator::I32Const { value } => constant = Some((start, value as u32)),
            Operator::GlobalGet { global_index } => {
                let value = roles
                    .value(global_index)
                    .filter(|value| !matches!(value, Value::Other(..)));
                let Some(value) = value else {
                    renumber(roles, global_index, 0x23, start..end, edits)?;
                    continue;
                };
                report.constants += 1;
                let mut range = start..end;
                let mut sum = value;
                if let Some((number, length)) = added(&side.bytes[end..]) {
                    // The constant after, and i32.add.
                    sum = value.plus(Value::Number(number)).unwrap_or(value);
                    range.end = end + length;
                    while (ops.original_position() as usize) < range.end {
                        ops.read()?;
                    }
                } else if let (Some((from, number)), Some(0x6a)) = (before, side.bytes.get(end)) {
                    // The constant before, and i32.add.
                    sum = value.plus(Value::Number(number)).unwrap_or(value);
                    range = from..end + 1;
                    ops.read()?;
                }
                edits.push(Edit {
                    range,
                    pieces: vec![Piece::Bytes(vec![0x41]), piece(roles, place, sum)],
                });
            }
            Operator::GlobalSet { global_index } => {
                if roles
                    .values
                    .get(global_index as usize)
                    .copied()
                    .flatten()
                    .is_some()
                {
                    return Err(unusable(&format!(
                        "its code has \"{}\", which sets a base or an entry of the GOT",
                        show(&op)
                    )));
                }
                renumber(roles, global_index, 0x24, start..end, edits)?;
            }
            Operator::MemoryInit { .. } | Operator::DataDrop { .. } => {
                return Err(Said::new(
                    "passive_segments",
                    format!("Cannot move the module: it uses {}", show(&op)),
                    "Build without shared memory, threads and hand-written passive segments",
                )
                .at("code", start)
                .into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// `i32.const n, i32.add`: the number and the length in bytes.
fn added(bytes: &[u8]) -> Option<(u32, usize)> {
    let [0x41, rest @ ..] = bytes else {
        return None;
    };
    let mut r = wasmparser::BinaryReader::new(rest, 0);
    let number = r.read_var_i32().ok()? as u32;
    let length = r.original_position() as usize;
    (rest.get(length) == Some(&0x6a)).then_some((number, length + 2))
}

/// The operand of an `i32.const` for a value.
fn piece(roles: &Roles, place: Place, value: Value) -> Piece {
    match value {
        Value::Table(slot) => match roles.function(slot) {
            Some(function) => Piece::Slot(place.table.wrapping_add(slot), function),
            None => Piece::TableBase(place.table.wrapping_add(slot)),
        },
        Value::Memory(offset) | Value::Number(offset) | Value::Other(_, offset) => {
            Piece::Address(place.memory.wrapping_add(offset))
        }
    }
}

fn renumber(
    roles: &Roles,
    global: u32,
    opcode: u8,
    range: Range<usize>,
    edits: &mut Vec<Edit>,
) -> Result<()> {
    let new = roles.indices.get(global as usize).copied().flatten();
    let new = new.ok_or_else(|| unusable("its code uses a global that is not there"))?;
    if new != global {
        let mut bytes = vec![opcode];
        new.encode(&mut bytes);
        edits.push(Edit {
            range,
            pieces: vec![Piece::Bytes(bytes)],
        });
    }
    Ok(())
}
