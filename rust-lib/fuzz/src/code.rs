//! Function bodies by chance: valid instructions, with records and without.
//!
//! In: a module without code, and [`Dice`]. Out: locals and a body. Every statement leaves the stack as it
//! found it, so any sequence of them is valid. Numbers without a record are written short, as wasm-ld
//! writes them; constants of other types hold bytes that look like padded operands.

use crate::build::{Of, Part};
use crate::dice::Dice;
use crate::random::{Made, got};
use wasm_encoder::{Encode, RefType, ValType};

/// Locals and instructions of a defined function.
pub fn body(made: &Made, at: usize, dice: &mut Dice<'_>) -> (Vec<(u32, ValType)>, Part) {
    let ty = made.module.functions[at].ty as usize;
    let mut locals = Vec::new();
    for _ in 0..dice.below(3) {
        let ty = dice.pick(&[ValType::I32, ValType::I64, ValType::V128, ValType::FUNCREF]);
        locals.push((1 + dice.below(3) as u32, ty.unwrap_or(ValType::I32)));
    }
    let mut code = Code {
        made,
        part: Part::default(),
    };
    code.statements(dice, 0);
    for result in &made.module.types[ty].1 {
        code.value(*result, dice);
    }
    code.part.raw(&[0x0b]);
    (locals, code.part)
}

struct Code<'a> {
    made: &'a Made,
    part: Part,
}

/// A load or a store: opcode, natural alignment, operands between the address and the instruction,
/// whether there is a result, whether a lane follows, whether the alignment is fixed.
type Access = (Vec<u8>, u32, Vec<ValType>, bool, bool, bool);

fn access(dice: &mut Dice<'_>) -> Access {
    use ValType::{F32, F64, I32, I64, V128};
    match dice.below(4) {
        0 => {
            let op = dice.pick(&[
                (0x28, 2),
                (0x29, 3),
                (0x2a, 2),
                (0x2b, 3),
                (0x2c, 0),
                (0x2d, 0),
                (0x2e, 1),
                (0x2f, 1),
                (0x30, 0),
                (0x31, 0),
                (0x32, 1),
                (0x33, 1),
                (0x34, 2),
                (0x35, 2),
            ]);
            let (op, power) = op.unwrap_or((0x28, 2));
            (vec![op], power, vec![], true, false, false)
        }
        1 => {
            let op = dice.pick(&[
                (0x36, 2, I32),
                (0x37, 3, I64),
                (0x38, 2, F32),
                (0x39, 3, F64),
                (0x3a, 0, I32),
                (0x3b, 1, I32),
                (0x3c, 0, I64),
                (0x3d, 1, I64),
                (0x3e, 2, I64),
            ]);
            let (op, power, value) = op.unwrap_or((0x36, 2, I32));
            (vec![op], power, vec![value], false, false, false)
        }
        2 => match dice.below(4) {
            0 => {
                let op = dice.pick(&[
                    (0, 4),
                    (1, 3),
                    (2, 3),
                    (3, 3),
                    (4, 3),
                    (5, 3),
                    (6, 3),
                    (7, 0),
                    (8, 1),
                    (9, 2),
                    (10, 3),
                    (92, 2),
                    (93, 3),
                ]);
                let (op, power) = op.unwrap_or((0, 4));
                (vec![0xfd, op], power, vec![], true, false, false)
            }
            1 => (vec![0xfd, 11], 4, vec![V128], false, false, false),
            2 => {
                let power = dice.below(4) as u32;
                (
                    vec![0xfd, 84 + power as u8],
                    power,
                    vec![V128],
                    true,
                    true,
                    false,
                )
            }
            _ => {
                let power = dice.below(4) as u32;
                (
                    vec![0xfd, 88 + power as u8],
                    power,
                    vec![V128],
                    false,
                    true,
                    false,
                )
            }
        },
        _ => {
            // Width and type of each of the seven accesses of a group.
            const GROUP: [(u32, ValType); 7] = [
                (2, I32),
                (3, I64),
                (0, I32),
                (1, I32),
                (0, I64),
                (1, I64),
                (2, I64),
            ];
            let at = dice.below(7);
            let (power, ty) = GROUP[at];
            let (op, operands, result) = match dice.below(5) {
                0 => (0x10 + at, vec![], true),
                1 => (0x17 + at, vec![ty], false),
                2 => (0x1e + 7 * dice.below(6) + at, vec![ty], true),
                3 => (0x48 + at, vec![ty, ty], true),
                _ => {
                    let (op, power, operands) = dice
                        .pick(&[(0, 2, [I32, I32]), (1, 2, [I32, I64]), (2, 3, [I64, I64])])
                        .unwrap_or((0, 2, [I32, I32]));
                    let operands = operands[usize::from(op == 0)..].to_vec();
                    return (vec![0xfe, op], power, operands, true, false, true);
                }
            };
            (vec![0xfe, op as u8], power, operands, result, false, true)
        }
    }
}

impl Code<'_> {
    fn statements(&mut self, dice: &mut Dice<'_>, depth: u32) {
        for _ in 0..dice.below(if depth == 0 { 12 } else { 4 }) {
            if dice.is_empty() {
                return;
            }
            self.statement(dice, depth);
        }
    }

    fn statement(&mut self, dice: &mut Dice<'_>, depth: u32) {
        match dice.below(20) {
            0..=2 => self.address(dice),
            3..=6 => self.access(dice),
            7 => self.call(dice),
            8 => self.call_indirect(dice),
            9 => self.global_get(dice),
            10 => self.global_set(dice),
            11 => self.ref_func(dice),
            12 => self.slot(dice),
            13 if depth < 3 => self.block(dice, depth),
            14 if depth < 3 => self.try_table(dice, depth),
            15 => self.throw(dice),
            16 => self.bulk(dice),
            17 => self.decoy(dice),
            18 => {
                // br_table: its numbers are no operands that a linker patches.
                self.part
                    .raw(&[0x02, 0x40, 0x41, 0x00, 0x0e, 0x02, 0x00, 0x00, 0x00, 0x0b]);
            }
            19 => {
                // memory.grow and memory.size: the result is dropped, or becomes an address.
                let list: [&[u8]; 5] = [
                    &[0x41, 0x00, 0x40, 0x00, 0x1a, 0x3f, 0x00, 0x1a],
                    &[0x41, 0x00, 0x40, 0x00, 0x41, 0x10, 0x74, 0x1a],
                    &[0x41, 0x00, 0x40, 0x00, 0x41, 0x80, 0x80, 0x04, 0x6c, 0x1a],
                    &[0x3f, 0x00, 0x1a],
                    &[0x3f, 0x00, 0x40, 0x00, 0x41, 0x10, 0x74, 0x1a],
                ];
                let list = if self.made.builds_on {
                    &list[1..]
                } else {
                    &list
                };
                self.part.raw(dice.pick(list).unwrap_or(&[]));
            }
            _ => {}
        }
    }

    /// Pushes a value.
    fn value(&mut self, ty: ValType, dice: &mut Dice<'_>) {
        match ty {
            ValType::I32 => {
                let value = match self.made.data {
                    // A number that is no address, although it looks like one.
                    Some(data) if dice.one_in(4) => data.start as i32 + dice.below(9) as i32,
                    _ => dice.byte() as i32,
                };
                self.part.raw(&[0x41]).sleb(value);
            }
            ValType::I64 => {
                self.part.raw(&[0x42]);
                (dice.word() as i32 as i64).encode(&mut self.part.bytes);
            }
            ValType::F32 => {
                self.part.raw(&[0x43, 0x41, 0x80, 0x80, 0x80]);
            }
            ValType::F64 => {
                self.part
                    .raw(&[0x44, 0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x10, 0x80]);
            }
            ValType::V128 => {
                self.part
                    .raw(&[0xfd, 0x0c, 0x41, 0x80, 0x80, 0x80, 0x80, 0x00]);
                self.part
                    .raw(&[0x28, 0x02, 0x80, 0x80, 0x80, 0x80, 0x00, 0x10, 0x80, 0x80]);
            }
            ValType::Ref(RefType::EXTERNREF) => {
                self.part.raw(&[0xd0, 0x6f]);
            }
            ValType::Ref(_) => {
                self.part.raw(&[0xd0, 0x70]);
            }
        }
    }

    fn values(&mut self, types: &[ValType], dice: &mut Dice<'_>) {
        for ty in types {
            self.value(*ty, dice);
        }
    }

    fn drops(&mut self, count: usize) {
        for _ in 0..count {
            self.part.raw(&[0x1a]);
        }
    }

    /// `i32.const` of an address, absolute or relative to a base or to thread-local storage.
    fn address(&mut self, dice: &mut Dice<'_>) {
        let ty = dice.pick(&[4, 4, 11, 21]).unwrap_or(4);
        if let Some(record) = self.made.record(ty, dice) {
            self.part.raw(&[0x41]).site(record);
            match dice.one_in(2) {
                true => self.part.raw(&[0x28, 0x00, 0x00, 0x1a]),
                false => self.part.raw(&[0x1a]),
            };
        }
    }

    /// `i32.const` of a table slot.
    fn slot(&mut self, dice: &mut Dice<'_>) {
        let ty = dice.pick(&[1, 12]).unwrap_or(1);
        if let Some(record) = self.made.record(ty, dice) {
            self.part.raw(&[0x41]).site(record).raw(&[0x1a]);
        }
    }

    fn access(&mut self, dice: &mut Dice<'_>) {
        let (op, natural, operands, result, lane, exact) = access(dice);
        self.value(ValType::I32, dice);
        self.values(&operands, dice);
        let power = if exact {
            natural
        } else {
            dice.below(natural as usize + 1) as u32
        };
        self.part.raw(&op).leb(power);
        match self.made.record(3, dice) {
            Some(record) if !dice.one_in(3) => {
                self.part.site(record);
            }
            _ => {
                let offset = dice.word() >> dice.below(32);
                self.part.leb(offset);
            }
        }
        if lane {
            let lanes = 16 >> natural;
            self.part.raw(&[dice.below(lanes) as u8]);
        }
        self.drops(result as usize);
    }

    fn call(&mut self, dice: &mut Dice<'_>) {
        let types = &self.made.module.types;
        let record = self.made.record(0, dice).filter(|_| !dice.one_in(6));
        let function = match &record {
            Some(record) => record.stored,
            None => dice.below(self.made.function_types.len()) as u32,
        };
        let ty = &types[self.made.function_types[function as usize] as usize];
        self.values(&ty.0, dice);
        self.part.raw(&[0x10]);
        self.index(record, function);
        self.drops(ty.1.len());
    }

    /// An index with a record, or written short.
    fn index(&mut self, record: Option<crate::build::Record>, value: u32) {
        match record {
            Some(record) => self.part.site(record),
            None => self.part.leb(value),
        };
    }

    fn call_indirect(&mut self, dice: &mut Dice<'_>) {
        let Some((table, ..)) = self.made.table else {
            return;
        };
        let Some(record) = self.made.record(6, dice) else {
            return;
        };
        let ty = &self.made.module.types[record.stored as usize];
        self.values(&ty.0, dice);
        match self.made.record(1, dice) {
            Some(slot) => self.part.raw(&[0x41]).site(slot),
            None => self.part.raw(&[0x41, 0x00]),
        };
        self.part.raw(&[0x11]);
        let keep = !dice.one_in(8);
        self.index(Some(record).filter(|_| keep), record.stored);
        let number = self
            .made
            .symbol_of(|of| matches!(of, Of::Table(t) if *t == table));
        let number = number.map(|at| crate::build::Record {
            ty: 20,
            index: at,
            addend: 0,
            stored: table,
            ..record
        });
        self.index(number.filter(|_| keep), table);
        self.drops(ty.1.len());
    }

    fn global_get(&mut self, dice: &mut Dice<'_>) {
        let record = match dice.below(4) {
            0 => got(self.made, 7, dice),
            1 => None,
            _ => self.made.record(7, dice),
        };
        if record.is_none() && self.made.global_types.is_empty() {
            return;
        }
        let global = match &record {
            Some(record) => record.stored,
            None => dice.below(self.made.global_types.len()) as u32,
        };
        self.part.raw(&[0x23]);
        self.index(record, global);
        self.drops(1);
    }

    fn global_set(&mut self, dice: &mut Dice<'_>) {
        let Some(record) = self.made.record(7, dice) else {
            return;
        };
        let ty = self.made.global_types[record.stored as usize];
        if ty.mutable {
            self.value(ty.val_type, dice);
            self.part.raw(&[0x24]).site(record);
        }
    }

    fn ref_func(&mut self, dice: &mut Dice<'_>) {
        if let Some(record) = self.made.record(0, dice) {
            self.part.raw(&[0xd2]).site(record);
            self.drops(1);
        }
    }

    fn block(&mut self, dice: &mut Dice<'_>, depth: u32) {
        match dice.below(4) {
            0 => self.part.raw(&[0x02, 0x40]),
            1 => self.part.raw(&[0x03, 0x40]),
            2 => self.part.raw(&[0x41, 0x01, 0x04, 0x40]),
            _ => {
                // if and else with a result
                self.part.raw(&[0x41, 0x01, 0x04, 0x7f]);
                self.statements(dice, depth + 1);
                self.value(ValType::I32, dice);
                self.part.raw(&[0x05]);
                self.statements(dice, depth + 1);
                self.value(ValType::I32, dice);
                self.part.raw(&[0x0b, 0x1a]);
                return;
            }
        };
        self.statements(dice, depth + 1);
        self.part.raw(&[0x0b]);
    }

    /// `try_table` that catches a tag into a block that takes its values.
    fn try_table(&mut self, dice: &mut Dice<'_>, depth: u32) {
        let Some(record) = self.made.record(10, dice) else {
            return;
        };
        let ty = self.made.tag_types[record.stored as usize] as usize;
        let values = &self.made.module.types[ty].0;
        // A block type with these results is a type of the module's, or a single value.
        let block: Vec<u8> = match values[..] {
            [] => vec![0x40],
            [value] => {
                let mut bytes = Vec::new();
                value.encode(&mut bytes);
                bytes
            }
            _ => return,
        };
        let all = dice.one_in(2);
        if all {
            self.part.raw(&[0x02, 0x40]);
        }
        self.part.raw(&[0x02]).raw(&block);
        // The clauses: the tag to the block around, everything else to the one around that.
        self.part
            .raw(&[0x1f, 0x40, 1 + all as u8, 0x00])
            .site(record)
            .raw(&[0x00]);
        if all {
            self.part.raw(&[0x02, 0x01]);
        }
        self.statements(dice, depth + 1);
        self.part.raw(&[0x0b]);
        self.values(values, dice);
        self.part.raw(&[0x0b]);
        self.drops(values.len());
        if all {
            self.part.raw(&[0x0b]);
        }
    }

    fn throw(&mut self, dice: &mut Dice<'_>) {
        let Some(record) = self.made.record(10, dice) else {
            return;
        };
        let ty = self.made.tag_types[record.stored as usize] as usize;
        self.part.raw(&[0x02, 0x40]);
        self.values(&self.made.module.types[ty].0, dice);
        self.part.raw(&[0x08]).site(record).raw(&[0x0b]);
    }

    fn bulk(&mut self, dice: &mut Dice<'_>) {
        // The destination is an address.
        match self.made.record(4, dice) {
            Some(record) => self.part.raw(&[0x41]).site(record),
            None => self.part.raw(&[0x41, 0x08]),
        };
        self.part.raw(&[0x41, 0x00, 0x41, 0x00]);
        let segments = self.made.module.segments.len();
        match dice.below(3) {
            0 => self.part.raw(&[0xfc, 0x0b, 0x00]),
            1 => self.part.raw(&[0xfc, 0x0a, 0x00, 0x00]),
            _ if self.made.module.data_count && segments > 0 => {
                let segment = dice.below(segments) as u8;
                self.part
                    .raw(&[0xfc, 0x08, segment, 0x00, 0xfc, 0x09, segment])
            }
            _ => self.part.raw(&[0xfc, 0x0b, 0x00]),
        };
    }

    /// Constants whose bytes look like a padded operand behind an opcode.
    fn decoy(&mut self, dice: &mut Dice<'_>) {
        let ty = dice.pick(&[ValType::F64, ValType::V128, ValType::F32]);
        self.value(ty.unwrap_or(ValType::F64), dice);
        self.drops(1);
        // And an i64 of ten bytes.
        self.part.raw(&[
            0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a,
        ]);
    }
}
