//! From the bytes of a fuzzer to a module and options.
//!
//! In: `module bytes ‖ 24 bytes of choices`. Out: the module and [`Dice`] for the rest. If the bytes do
//! not start like a module, they are the choices of the builder, and the module is one of its making, a
//! few bytes of it changed: so that a target is not limited to what compilers write.

use crate::dice::Dice;
use crate::random;
use wasm_share_relocator::inspect::{self, pic::Pointers};
use wasm_share_relocator::job::{ModuleOptions, Options};
use wasm_share_relocator::model::Span;
use wasm_share_relocator::plan;

/// Bytes of choices at the end of an input.
pub const CHOICES: usize = 24;

/// The module and the choices of an input.
pub fn subject(data: &[u8]) -> (Vec<u8>, Dice<'_>) {
    let (bytes, choices) = data.split_at(data.len().saturating_sub(CHOICES));
    let mut dice = Dice(choices);
    if bytes.starts_with(b"\0asm") {
        return (bytes.to_vec(), dice);
    }
    let module = random::make(&mut Dice(bytes)).module;
    (edited(module.finish().bytes, &mut dice), dice)
}

/// The same file with at most three bytes changed; most often none.
pub fn edited(mut bytes: Vec<u8>, dice: &mut Dice<'_>) -> Vec<u8> {
    for _ in 0..dice.below(8).saturating_sub(4) {
        let at = dice.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = dice.byte();
        }
    }
    bytes
}

/// Options of a module.
pub fn options(dice: &mut Dice<'_>) -> ModuleOptions {
    let flags = dice.byte();
    let plan = plan::ModuleOptions {
        additional_stack: if flags & 1 != 0 {
            dice.word() >> dice.below(32)
        } else {
            0
        },
        stack: (flags & 2 != 0).then(|| number(dice)),
        base: (flags & 4 != 0).then(|| number(dice)),
        heap: dice.one_in(4).then(|| number(dice)),
        own_table: dice.one_in(4),
        align: match dice.one_in(4) {
            true => 1 << dice.below(32),
            false => 0,
        },
        stack_guard: flags & 1 != 0,
        shares_stack: dice.one_in(3),
        no_heap: dice.one_in(8),
        no_stage: flags & 2 != 0,
    };
    ModuleOptions {
        inspect: inspect::Options {
            pointers: match flags >> 3 & 3 {
                0 | 3 => Pointers::Guess,
                1 => Pointers::Error,
                _ => Pointers::Ignore,
            },
            assume_no_data_pointers: flags & 0x20 != 0,
            verify: flags & 0x80 != 0,
        },
        plan,
        keep_relocations: flags & 0x40 != 0,
    }
}

/// Options of a run.
pub fn space(dice: &mut Dice<'_>) -> Options {
    Options {
        maximum_pages: dice.one_in(4).then(|| dice.word() >> dice.below(32)),
        initial_pages: match dice.one_in(4) {
            true => dice.below(65536) as u32,
            false => 0,
        },
        reserved: (0..dice.below(8).saturating_sub(5))
            .map(|_| {
                let start = number(dice) as u64;
                Span::new(start, (start + number(dice) as u64).min(u32::MAX as u64))
            })
            .filter(|span| span.size() > 0)
            .collect(),
        memory_import: dice.one_in(8).then(|| ["host".into(), "memory".into()]),
        shared_stack: dice.one_in(8).then(|| number(dice).max(16) & !15),
        salt: String::new(),
        owner_map: match dice.one_in(8) {
            true => 65536,
            false => 0,
        },
    }
}

/// An address or a size: round ones, and any.
pub fn number(dice: &mut Dice<'_>) -> u32 {
    match dice.below(4) {
        0 => 16 * dice.below(65536) as u32,
        1 => (dice.below(65536) as u32) << 16,
        2 => 1024 + (dice.below(256) as u32) * 64,
        _ => dice.word(),
    }
}

/// An offset: what a module can move by, and any.
pub fn offset(dice: &mut Dice<'_>) -> i64 {
    let size = match dice.below(4) {
        0 => 65536 * dice.below(65536) as i64,
        1 => 16 * dice.below(65536) as i64,
        2 => dice.word() as i64,
        _ => (dice.word() as i64) << dice.below(33),
    };
    if dice.one_in(3) {
        size.wrapping_neg()
    } else {
        size
    }
}
