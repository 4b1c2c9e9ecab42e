//! The core against a module of which everything is known.
//!
//! In: [`Made`] and choices. Out: nothing, or a panic. First the module must be accepted with exactly the
//! known sites, classes and counts; then it is moved by any deltas; then it is broken in one place, and
//! must be refused for the right reason.

use crate::build::{Built, Fate, Final, Holder, Known, Of, Without, form, stored_bytes};
use crate::dice::Dice;
use crate::judge::{self, Moving};
use crate::random::{Made, unlisted};
use wasm_share_relocator::emit::{self, Move};
use wasm_share_relocator::error::Code;
use wasm_share_relocator::inspect::{self, Inspected, Options, relocs};
use wasm_share_relocator::model::{Class, Deltas, Form, Kind, Span};

const VERIFY: Options = Options {
    verify: true,
    assume_no_data_pointers: false,
    pointers: inspect::pic::Pointers::Guess,
};

const CLASSES: [Class; 6] = [
    Class::Data,
    Class::StackLow,
    Class::StackHigh,
    Class::HeapBase,
    Class::HeapEnd,
    Class::Slot,
];

/// Runs everything on one module.
pub fn check(made: &Made, dice: &mut Dice<'_>) {
    let built = made.module.finish();
    judge::must_be_valid(&built.bytes, "the module of the builder");
    let found = accepted(&built.bytes);
    must_be_found(made, &built, &found);
    for _ in 0..2 {
        moves(made, &built, &found, dice);
    }
    flip(made, &built, dice);
    remove(made, &built, dice);
}

fn accepted(bytes: &[u8]) -> Inspected {
    match inspect::inspect(bytes, &VERIFY) {
        Ok(found) if found.problems.is_empty() => found,
        Ok(found) => panic!("refused: {:?}", found.problems),
        Err(problem) => panic!("refused: {problem:?}"),
    }
}

/// Sites, globals, stack, data, heap, table and counts are the known ones.
fn must_be_found(made: &Made, built: &Built, found: &Inspected) {
    assert_eq!(found.kind, Kind::Relocs);
    let expected = moving(made, built);
    let mut ours = Moving::found(found);
    ours.places.sort_by_key(|place| place.0);
    for (ours, expected) in ours.places.iter().zip(&expected.places) {
        assert_eq!(ours, expected, "site");
    }
    assert_eq!(ours.places.len(), expected.places.len(), "number of sites");
    assert_eq!(ours.globals, expected.globals, "globals");
    assert_eq!(found.stack, made.stack, "stack");
    assert_eq!(found.data, made.data, "data");
    assert_eq!(found.alignment, made.alignment, "alignment");
    assert_eq!((found.heap.base, found.heap.end), made.heap, "heap");
    assert_eq!(Some(found.heap.claim), made.claim, "claim");
    let table = found.table.as_ref().map(|t| (t.table, t.first, t.slots));
    assert_eq!(table, made.table, "table");
    let (mut proved, mut skipped) = ([0; 27], [0; relocs::SKIPS]);
    for known in &built.known {
        match known.record.fate {
            Fate::Stays(why) => skipped[why] += 1,
            _ => proved[known.record.ty as usize] += 1,
        }
    }
    assert_eq!(found.records.proved, proved, "proved");
    assert_eq!(found.records.skipped, skipped, "skipped");
    assert_eq!(found.records.total as usize, built.known.len(), "records");
    let missing = if made.module.functions.is_empty() {
        0
    } else {
        made.module.missing
    };
    assert_eq!(found.records.missing, missing, "missing");
    assert_eq!(
        found.records.unlisted_words, made.unlisted,
        "unlisted words"
    );
}

fn moving(made: &Made, built: &Built) -> Moving {
    let places = built
        .known
        .iter()
        .filter_map(|known| match known.record.fate {
            Fate::Moves(class) => Some((known.file, form(known.record.ty), class)),
            _ => None,
        });
    Moving {
        places: places.collect(),
        globals: made.globals.iter().copied().collect(),
        table: made.table.map(|t| t.0),
    }
}

/// Moves the module by any deltas.
fn moves(made: &Made, built: &Built, found: &Inspected, dice: &mut Dice<'_>) {
    let mut deltas = Deltas::default();
    for class in CLASSES {
        let delta = dice.word();
        deltas.set(
            class,
            if dice.one_in(2) {
                delta & 0xffff0
            } else {
                delta
            },
        );
    }
    // An engine has no more slots than this, and the validator knows that.
    deltas.set(Class::Slot, deltas.of(Class::Slot) & 0xffff);
    let memory = ["env".to_string(), "memory".to_string()];
    let table = ["env".to_string(), "__indirect_function_table".to_string()];
    let strip = dice.one_in(2);
    let to = Move {
        deltas,
        memory: Some((&memory, 65536)),
        table: made.table.map(|_| (&table, 200_000)),
        strip,
        trim: dice.one_in(2) && !hides_overlap(made),
        stamp: Some("{}"),
    };
    let out = match emit::emit(&built.bytes, found, &to) {
        Ok(out) => out,
        Err(problem) => panic!("not written: {problem:?}"),
    };
    judge::must_be_valid(&out, "the moved module");
    judge::must_be_moved(&built.bytes, &found.module, &moving(made, built), &to, &out);
    // Known defect: constants relative to `__table_base` move, and are then read relative to the first slot.
    let relative = built.known.iter().any(|k| k.record.ty == 12);
    if strip || relative && deltas.of(Class::Slot) != 0 {
        return;
    }
    // Read again without any problem, unless the move tore stack and data into each other.
    let again = match inspect::inspect(&out, &VERIFY) {
        Ok(again) => again,
        Err(problem) => panic!("the moved module is refused: {problem:?}"),
    };
    for problem in &again.problems {
        let torn = matches!(
            problem.code,
            Code::MalformedModule | Code::UnclassifiedGlobal
        );
        assert!(torn, "the moved module is refused: {problem:?}");
    }
    // Data that wraps around the end of the address space, or holds address 0, means something else.
    let whole = |span: Option<Span>| span.map(|s| s.size());
    let torn = whole(again.data) != whole(found.data) || again.data.is_some_and(|d| d.start == 0);
    if again.problems.is_empty() && !torn {
        assert_eq!(again.records.proved, found.records.proved, "proved again");
        assert_eq!(
            again.records.skipped, found.records.skipped,
            "skipped again"
        );
        assert_eq!(again.sites.globals, found.sites.globals, "globals again");
        let classes = |found: &Inspected| {
            let sites = found.sites.sections.iter().flat_map(|s| &s.sites);
            sites.map(|s| s.class()).collect::<Vec<_>>()
        };
        assert_eq!(classes(&again), classes(found), "classes again");
    }
}

/// Known defect: an empty segment hides from the writer that two others overlap.
fn hides_overlap(made: &Made) -> bool {
    let segments = &made.module.segments;
    let ends = segments
        .iter()
        .map(|s| s.address + s.part.bytes.len() as u32);
    segments.iter().any(|s| s.part.bytes.is_empty())
        && ends
            .zip(segments.iter().skip(1))
            .any(|(end, next)| next.address < end)
}

fn codes(bytes: &[u8]) -> Vec<Code> {
    match inspect::inspect(bytes, &VERIFY) {
        Ok(found) => found.problems.iter().map(|p| p.code).collect(),
        Err(problem) => vec![problem.code],
    }
}

/// Another value at one record, in the same form: refused, whatever the type, if it has an identity.
fn flip(made: &Made, built: &Built, dice: &mut Dice<'_>) {
    let with_identity: Vec<&Known> = built
        .known
        .iter()
        .filter(|k| !matches!(k.record.fate, Fate::Stays(3 | 6)))
        .collect();
    let Some(known) = dice.pick(&with_identity) else {
        return;
    };
    let record = known.record;
    let value = match dice.below(4) {
        0 => record.stored ^ 1 << dice.below(32),
        1 => record.stored.wrapping_add(1),
        2 => dice.below(8) as u32,
        _ => dice.word(),
    };
    if value == record.stored || also_true(made, known, value) {
        return;
    }
    let mut bytes = built.bytes.clone();
    let site = stored_bytes(form(record.ty), value);
    bytes[known.file..known.file + site.len()].copy_from_slice(&site);
    let codes = codes(&bytes);
    assert_eq!(
        codes,
        [Code::StaleRelocations],
        "{value:#x} instead of the value of {known:x?}"
    );
}

/// Whether a record can be true of another value as well.
fn also_true(made: &Made, known: &Known, value: u32) -> bool {
    let record = known.record;
    // The linker writes these for what it dropped.
    if matches!(known.holder, Holder::Custom(_)) && value >= u32::MAX - 1 {
        return matches!(record.ty, 1 | 2 | 3 | 4 | 5 | 11 | 12);
    }
    match record.ty {
        1 | 2 | 12 => {
            let bias = if record.ty == 12 {
                made.table.map_or(0, |t| t.1)
            } else {
                0
            };
            let Of::Function(function) = made.module.symbols[record.index as usize].of else {
                return false;
            };
            let slot = made.slots.get(value.wrapping_add(bias) as usize);
            slot == Some(&Some(function))
        }
        7 | 13 if matches!(record.fate, Fate::Got(..)) => {
            // Another global that holds the same address.
            let init = |global: u32| {
                let first = made.global_types.len() - made.module.globals.len();
                let global = made
                    .module
                    .globals
                    .get((global as usize).checked_sub(first)?)?;
                match global.init {
                    crate::build::Init::I32(value) => Some(value),
                    crate::build::Init::Raw(_) => None,
                }
            };
            init(value).is_some() && init(value) == init(record.stored)
        }
        _ => false,
    }
}

/// One record less, or a whole section of them.
fn remove(made: &Made, built: &Built, dice: &mut Dice<'_>) {
    let m = &made.module;
    match dice.below(4) {
        0 => {
            let without = m.finish_without(Without::Section(Holder::Code));
            // Without anything that a linker relocates the section need not be there.
            let relocated = built.known.iter().any(|k| {
                k.holder == Holder::Code
                    && matches!(k.record.ty, 0 | 1 | 4 | 7 | 11 | 12)
                    && redundant(k)
            });
            if relocated {
                assert_eq!(
                    codes(&without.bytes),
                    [Code::IncompleteRelocations],
                    "without reloc.CODE"
                );
            }
        }
        1 if !m.segments.is_empty() => {
            let without = m.finish_without(Without::Section(Holder::Data));
            let count = unlisted(made, Some(usize::MAX));
            let expected = match count {
                0 => vec![],
                _ => vec![Code::IncompleteRelocations],
            };
            // A record in data can be all that made a global known.
            let got = built
                .known
                .iter()
                .any(|k| matches!(k.record.fate, Fate::Got(..)));
            let codes = codes(&without.bytes);
            assert!(
                codes == expected || got,
                "without reloc.DATA: {codes:?}, {count} words"
            );
        }
        2 => {
            let list: Vec<usize> = numbers(built, Holder::Data);
            let Some(gone) = dice.pick(&list) else { return };
            if matches!(built.known[gone].record.fate, Fate::Got(..)) {
                return;
            }
            let without = m.finish_without(Without::Record(gone));
            let found = accepted(&without.bytes);
            let expected = unlisted(made, Some(gone - list[0]));
            assert_eq!(
                found.records.unlisted_words, expected,
                "without {:x?}",
                built.known[gone]
            );
        }
        _ => {
            let list = numbers(built, Holder::Code);
            let Some(gone) = dice.pick(&list) else { return };
            let known = &built.known[gone];
            if !matches!(known.record.ty, 0 | 1 | 3 | 4 | 7 | 11 | 12 | 21) || !redundant(known) {
                return;
            }
            // A record that is counted and not there excuses a zero: an undefined weak function.
            if m.missing > 0 && known.record.stored == 0 && form(known.record.ty) == Form::Sleb {
                return;
            }
            let without = m.finish_without(Without::Record(gone));
            let codes = codes(&without.bytes);
            assert_eq!(codes, [Code::IncompleteRelocations], "without {known:x?}");
        }
    }
}

fn numbers(built: &Built, holder: Holder) -> Vec<usize> {
    let list = built.known.iter().enumerate();
    list.filter(|(_, k)| k.holder == holder)
        .map(|(at, _)| at)
        .collect()
}

/// Whether five bytes are more than the value needs.
fn redundant(known: &Known) -> bool {
    let value = known.record.stored;
    match form(known.record.ty) {
        Form::Leb => value < 1 << 28,
        Form::Sleb => (-(1 << 27)..1 << 27).contains(&(value as i32)),
        Form::Word => false,
    }
}

/// A module from choices, and the checks.
pub fn run(bytes: &[u8]) -> Final {
    let mut dice = Dice(bytes);
    // What is done with the module is chosen first, so that it does not change with the module.
    let mut after = Dice(dice.take(48));
    let made = crate::random::make(&mut dice);
    check(&made, &mut after);
    made.module
}
