//! The core against a module of which everything is known.
//!
//! In: [`Made`] and choices. Out: nothing, or a panic. First the module must be accepted with exactly the
//! known sites, classes and counts; then it is moved by any deltas; then it is broken in one place at a
//! time, and must be refused for the right reason. [`crate::tried`] says how often each kind of that was done: a
//! test demands that none is left out.

use crate::build::{
    Built, Custom, Fate, Final, Function, Global, Holder, Init, Known, Of, Part, Record, Spoiled,
    Symbol, Without, flag, form, has_addend, stored_bytes,
};
use crate::dice::Dice;
use crate::judge::{self, Moving};
use crate::random::{Made, unlisted};
use crate::tried::count;
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
    refuse(made, &built, dice);
    remove(made, &built, dice);
    for _ in 0..4 {
        flip(made, &built, dice);
    }
    for _ in 0..2 {
        moves(made, &built, &found, dice);
    }
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
        trim: dice.one_in(2),
        stamp: Some("{}"),
    };
    let out = match emit::emit(&built.bytes, found, &to) {
        Ok(out) => out,
        Err(problem) => panic!("not written: {problem:?}"),
    };
    judge::must_be_valid(&out, "the moved module");
    judge::must_be_moved(&built.bytes, &found.module, &moving(made, built), &to, &out);
    if strip {
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
            Code::MalformedModule | Code::UnclassifiedGlobal | Code::UnclassifiedSymbol
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
    let holder = holder_name(known.holder);
    count(format!("flip: type {:2} in {holder}", record.ty));
    count(match record.fate {
        Fate::Moves(class) => format!("flip: moves {class:?}"),
        Fate::Index => "flip: index".into(),
        Fate::Got(_, class) => format!("flip: got {class:?}"),
        Fate::Stays(why) => format!("flip: stays {why} in {holder}"),
    });
}

fn holder_name(holder: Holder) -> &'static str {
    match holder {
        Holder::Code => "code",
        Holder::Data => "data",
        Holder::Custom(_) => "custom",
    }
}

/// Whether a record can be true of another value as well.
fn also_true(made: &Made, known: &Known, value: u32) -> bool {
    let record = known.record;
    // The linker writes these for what it dropped.
    if matches!(known.holder, Holder::Custom(_)) && value >= u32::MAX - 1 {
        return matches!(record.ty, 1 | 2 | 3 | 4 | 5 | 11 | 12);
    }
    let symbol = made.module.symbols.get(record.index as usize);
    match record.ty {
        // Debug information of a thread-local variable: its address, or its place in its segment.
        5 if matches!(known.holder, Holder::Custom(_)) => match symbol {
            Some(symbol) if symbol.flags & flag::TLS != 0 => {
                let offset = match symbol.of {
                    Of::Data(_, offset, _) => offset,
                    _ => 0,
                };
                [offset, made.module.address(symbol)]
                    .iter()
                    .any(|base| base.wrapping_add(record.addend as u32) == value)
            }
            _ => false,
        },
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
                    Init::I32(value) => Some(value),
                    Init::Raw(_) => None,
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
    match dice.below(8) {
        0 => {
            // Without anything that a linker relocates the section need not be there.
            let relocated = m.missing > 0
                || built
                    .known
                    .iter()
                    .any(|k| k.holder == Holder::Code && is_padded(k))
                || leaves_unnamed(made, |holder, _| holder == Holder::Code);
            if relocated {
                let without = m.finish_without(Without::Section(Holder::Code));
                must_be(&without, Code::IncompleteRelocations, "without reloc.CODE");
                count("remove: reloc.CODE");
            }
        }
        1 if !m.segments.is_empty() => {
            let without = m.finish_without(Without::Section(Holder::Data));
            let words = unlisted(made, Some(usize::MAX));
            let unnamed = leaves_unnamed(made, |holder, _| holder == Holder::Data);
            let expected = match words > 0 || unnamed {
                false => vec![],
                true => vec![Code::IncompleteRelocations],
            };
            // A record in data can be all that made a global known.
            let got = built
                .known
                .iter()
                .any(|k| k.holder == Holder::Data && matches!(k.record.fate, Fate::Got(..)));
            let codes = codes(&without.bytes);
            assert!(
                codes == expected || got && !unnamed,
                "without reloc.DATA: {codes:?}, {words} words"
            );
            count(match (words > 0, unnamed) {
                (_, true) => "remove: reloc.DATA, a slot has no name",
                (true, false) => "remove: reloc.DATA, words are left",
                _ => "remove: reloc.DATA, nothing is left",
            });
        }
        2 => {
            let list: Vec<usize> = built
                .known
                .iter()
                .enumerate()
                .filter(|(_, k)| matches!(k.holder, Holder::Custom(_)))
                .map(|(at, _)| at)
                .collect();
            let Some(gone) = dice.pick(&list) else { return };
            let known = &built.known[gone];
            if matches!(known.record.fate, Fate::Got(..)) {
                return;
            }
            let without = m.finish_without(Without::Record(gone));
            if leaves_unnamed(made, |holder, at| {
                (holder, at) == (known.holder, known.record.at)
            }) {
                must_be(
                    &without,
                    Code::IncompleteRelocations,
                    "without the name of a slot",
                );
                count("remove: the only name of a slot, in custom");
            } else {
                accepted(&without.bytes);
                count("remove: a record in custom");
            }
        }
        3 | 4 => {
            let list: Vec<usize> = numbers(built, Holder::Data);
            let Some(gone) = dice.pick(&list) else { return };
            let known = &built.known[gone];
            if matches!(known.record.fate, Fate::Got(..)) {
                return;
            }
            let without = m.finish_without(Without::Record(gone));
            let name = made.names(&known.record);
            let other = |name| {
                let list = built.known.iter().enumerate();
                list.filter(|(at, _)| *at != gone)
                    .any(|(_, k)| made.names(&k.record) == Some(name))
            };
            if name.is_some_and(|name| !other(name)) {
                must_be(
                    &without,
                    Code::IncompleteRelocations,
                    "without the name of a slot",
                );
                count("remove: the only name of a slot, in data");
                return;
            }
            let found = accepted(&without.bytes);
            let expected = unlisted(made, Some(gone - list[0]));
            assert_eq!(
                found.records.unlisted_words, expected,
                "without {:x?}",
                built.known[gone]
            );
            count(format!("remove: type {:2} in data", known.record.ty));
        }
        _ => {
            let list = numbers(built, Holder::Code);
            let Some(gone) = dice.pick(&list) else { return };
            let known = &built.known[gone];
            if !is_padded(known) {
                return;
            }
            let without = m.finish_without(Without::Record(gone));
            must_be(
                &without,
                Code::IncompleteRelocations,
                "without a record of code",
            );
            count(format!("remove: type {:2} in code", known.record.ty));
        }
    }
}

/// Whether some slot has no name any more without some records, which are told by where they are.
fn leaves_unnamed(made: &Made, gone: impl Fn(Holder, usize) -> bool) -> bool {
    let m = &made.module;
    let code = m.functions.iter().map(|f| (Holder::Code, &f.code));
    let data = m.segments.iter().map(|s| (Holder::Data, &s.part));
    let customs = (0..).zip(&m.customs);
    let customs = customs.map(|(at, c)| (Holder::Custom(at), &c.part));
    let mut named = Vec::new();
    for (holder, part) in code.chain(data).chain(customs) {
        let left = part.records.iter().filter(|r| !gone(holder, r.at));
        named.extend(left.filter_map(|r| made.names(r)));
    }
    made.slots.iter().flatten().any(|f| !named.contains(f))
}

/// Whether the operand of a record shows that a linker made it.
fn is_padded(known: &Known) -> bool {
    matches!(known.record.ty, 0 | 1 | 3 | 4 | 6 | 7 | 11 | 12 | 21) && redundant(known)
}

fn must_be(built: &Built, code: Code, what: &str) {
    assert_eq!(codes(&built.bytes), [code], "{what}");
}

/// A module that no linker writes, for one reason.
fn refuse(made: &Made, built: &Built, dice: &mut Dice<'_>) {
    let mut m = made.module.clone();
    let way = dice.below(23);
    let stale = Code::StaleRelocations;
    let spoiled = |spoiled: Spoiled, code: Code| {
        let what = match spoiled {
            Spoiled::TargetFromEnd(_) => "records for linking or for records".into(),
            Spoiled::Type(27..) => "unknown type".into(),
            Spoiled::Type(_) => "64-bit type".into(),
            Spoiled::Count(1..) => "more records counted".into(),
            Spoiled::Count(_) => "fewer records counted".into(),
            other => format!("{other:?}"),
        };
        (Some(spoiled), code, what)
    };
    let (spoil, code, what) = match way {
        0 => spoiled(Spoiled::SegmentMore, stale),
        1 if !m.segments.is_empty() => spoiled(Spoiled::SegmentLess, stale),
        2 if !m.segments.is_empty() => spoiled(Spoiled::Twice(5), stale),
        3 => spoiled(Spoiled::Twice(8), stale),
        // With entries of a GOT it is read as position independent code, which needs no records.
        4 if !m.global_names.iter().any(|n| n.1.starts_with("GOT.")) => {
            spoiled(Spoiled::NoLinking, Code::IncompleteRelocations)
        }
        5 => {
            // linking, reloc.CODE and what may follow.
            let custom = |k: &&Known| matches!(k.holder, Holder::Custom(_));
            let mut holders: Vec<Holder> = built
                .known
                .iter()
                .filter(custom)
                .map(|k| k.holder)
                .collect();
            holders.sort_unstable();
            holders.dedup();
            let many = 2 + !m.segments.is_empty() as usize + holders.len();
            spoiled(Spoiled::TargetFromEnd(dice.below(many) as u32), stale)
        }
        6 => spoiled(Spoiled::TargetNowhere, stale),
        7 => spoiled(Spoiled::TargetTypes, stale),
        8 => spoiled(Spoiled::TargetTwice, stale),
        9 => spoiled(
            Spoiled::Count(1 + dice.below(3) as i32),
            Code::IncompleteRelocations,
        ),
        10 if m.missing > 0 => spoiled(Spoiled::Count(-1), Code::IncompleteRelocations),
        11 if !numbers(built, Holder::Code).is_empty() => spoiled(Spoiled::Overlap, stale),
        12 if !numbers(built, Holder::Code).is_empty() => {
            let wide = dice
                .pick(&[14, 15, 16, 17, 18, 19, 22, 24, 25])
                .unwrap_or(14);
            let unknown = 27 + dice.byte() % 5;
            match dice.one_in(2) {
                true => spoiled(Spoiled::Type(wide), Code::Memory64),
                false => spoiled(Spoiled::Type(unknown), Code::UnsupportedRelocation),
            }
        }
        13 => {
            let Some(own) = made.own_memory() else { return };
            let size = (own.end - own.start) as usize;
            let any = dice.below(size);
            let address = own.start as u32 + dice.pick(&[0, size - 1, any]).unwrap_or(0) as u32;
            m.symbols.push(Symbol {
                of: Of::Data(0, address, 0),
                flags: flag::ABSOLUTE,
                name: "mine".into(),
            });
            // Debug information of what was dropped can name a symbol behind the last one.
            if made.records().any(|r| behind(made, r)) {
                return;
            }
            (None, Code::UnclassifiedSymbol, "absolute symbol".into())
        }
        14 => {
            // One more function in the table, and nothing that could have put it there.
            let Some((table, first, slots)) = made.table else {
                return;
            };
            let end = first + slots;
            let free = made.slots.len() as u32;
            let symbols = |f: u32| made.symbols(move |s| matches!(s.of, Of::Function(g) if g == f));
            let mut untouched = (0..made.function_types.len() as u32).filter(|f| {
                let symbols = symbols(*f);
                made.records()
                    .all(|r| !symbols.contains(&r.index) || !matches!(r.ty, 1 | 2 | 7 | 12 | 13))
            });
            let Some(function) = untouched.next().filter(|_| free >= first && free < end) else {
                return;
            };
            m.elements.push(crate::build::Element {
                flags: if table > 0 { 2 } else { 0 },
                table,
                offset: Init::I32(free),
                functions: vec![Some(function)],
            });
            (
                None,
                Code::IncompleteRelocations,
                "a slot without a name".into(),
            )
        }
        15 => {
            let Some(data) = made.data else { return };
            let value = data.start as u32 + dice.below(data.size() as usize) as u32;
            m.globals.push(Global {
                ty: wasm_encoder::GlobalType {
                    val_type: wasm_encoder::ValType::I32,
                    mutable: false,
                    shared: false,
                },
                init: Init::I32(value),
            });
            (None, Code::UnclassifiedGlobal, "nameless global".into())
        }
        20 => {
            // A stack pointer that the symbol table calls otherwise.
            let named = |n: &str| n == "__stack_pointer";
            let pointer = m.global_names.iter().any(|n| named(&n.1))
                || m.symbols.iter().any(|s| named(&s.name));
            let value = dice.word() & !15;
            if pointer || !made.is_stack_top(value) || made.records().any(|r| behind(made, r)) {
                return;
            }
            let first = made.global_types.len() - m.globals.len();
            m.symbols.push(Symbol {
                of: Of::Global((first + m.globals.len()) as u32),
                flags: 0,
                name: "top".into(),
            });
            m.globals.push(Global {
                ty: wasm_encoder::GlobalType {
                    val_type: wasm_encoder::ValType::I32,
                    mutable: true,
                    shared: false,
                },
                init: Init::I32(value),
            });
            (
                None,
                Code::UnclassifiedGlobal,
                "stack pointer of another name".into(),
            )
        }
        16 => {
            let Some(at) = made.symbol_of(|of| matches!(of, Of::Function(_))) else {
                return;
            };
            let symbol = &mut m.symbols[at as usize];
            symbol.flags |= flag::EXPLICIT_NAME;
            symbol.name = dice
                .pick(&[
                    "__wasm_init_memory",
                    "__wasm_apply_data_relocs",
                    "__wasm_init_tls",
                ])
                .unwrap_or("__wasm_apply_global_relocs")
                .into();
            (None, Code::LinkerFunction, "function of the linker".into())
        }
        17 => {
            // Nothing of the code is listed or padded any more, but a call is there.
            let Some(body) = m.functions.first_mut() else {
                return;
            };
            body.code = Part::default();
            body.code.raw(&[0x00]);
            let mut what = "code without records";
            if dice.one_in(2) {
                // And a number that looks like a padded operand.
                what = "code without records, and a decoy";
                body.code
                    .raw(&[0x44, 0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x10, 0x80, 0x1a]);
            }
            body.code.raw(&[0x10, 0x00, 0x00, 0x0b]);
            for function in &mut m.functions[1..] {
                function.code = Part::default();
                function.code.raw(&[0x00, 0x0b]);
            }
            m.missing = 0;
            let changed = m.finish_without(match dice.one_in(2) {
                true => Without::Section(Holder::Code),
                false => Without::Nothing,
            });
            let problem =
                inspect::inspect(&changed.bytes, &VERIFY).map_or_else(|p| vec![*p], |f| f.problems);
            let [problem] = &problem[..] else {
                panic!("{what}: {problem:?}");
            };
            assert_eq!(
                (problem.code, problem.section.as_ref()),
                (Code::IncompleteRelocations, "code"),
                "{what}"
            );
            return count(format!("refuse: {what}"));
        }
        18 => {
            // The distance to something that moves by itself, in a word of its own.
            let moving =
                |s: &Symbol| matches!(s.of, Of::Data(..)) && !matches!(made.class(s), Class::Data);
            let Some(at) = dice.pick(&made.symbols(moving)) else {
                return;
            };
            let Some(part) = m.segments.iter_mut().find(|s| s.part.bytes.len() >= 4) else {
                return;
            };
            let stored = made
                .module
                .address(&made.module.symbols[at as usize])
                .wrapping_sub(part.address);
            part.part.records.retain(|r| r.at >= 4);
            part.part.site_at(
                0,
                Record {
                    at: 0,
                    ty: 23,
                    index: at,
                    addend: 0,
                    stored,
                    fate: Fate::Stays(5),
                },
            );
            (None, stale, "distance".into())
        }
        19 | 21 | 22 => {
            let Some(known) = dice.pick(&built.known) else {
                return;
            };
            // An addend that is not the one that was stored.
            if !has_addend(known.record.ty) || matches!(known.record.fate, Fate::Stays(0 | 3 | 6)) {
                return;
            }
            let undefined = |s: &Symbol| matches!(s.of, Of::Undefined);
            if m.symbols
                .get(known.record.index as usize)
                .is_some_and(undefined)
            {
                return;
            }
            let mut record = known.record;
            record.addend = record.addend.wrapping_add(1 + dice.byte() as i32);
            if !replace(&mut m, known, record)
                || also_true(made, &Known { record, ..known }, record.stored)
            {
                return;
            }
            (None, stale, format!("addend of type {:2}", record.ty))
        }
        _ => return,
    };
    m.spoiled = spoil;
    must_be(&m.finish(), code, &what);
    count(format!("refuse: {what}"));
}

/// Whether a record names a symbol behind the last one.
fn behind(made: &Made, record: &Record) -> bool {
    record.ty != 6 && record.index as usize >= made.module.symbols.len()
}

/// Puts another record in the place of one.
fn replace(m: &mut Final, known: Known, by: Record) -> bool {
    let parts: Vec<&mut Part> = match known.holder {
        Holder::Code => m
            .functions
            .iter_mut()
            .map(|f: &mut Function| &mut f.code)
            .collect(),
        Holder::Data => m.segments.iter_mut().map(|s| &mut s.part).collect(),
        Holder::Custom(at) => m
            .customs
            .iter_mut()
            .skip(at)
            .take(1)
            .map(|c: &mut Custom| &mut c.part)
            .collect(),
    };
    for part in parts {
        for record in &mut part.records {
            if *record == known.record {
                *record = by;
                return true;
            }
        }
    }
    false
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

/// The choices of an input: first those of what is done with the module, so that they do not change with
/// the module; then its own.
pub fn choices(data: &[u8]) -> (Dice<'_>, Dice<'_>) {
    // Everything that is done takes about 150.
    let (after, module) = data.split_at(160.min(data.len() / 2));
    (Dice(after), Dice(module))
}

/// A module from choices, and the checks.
pub fn run(data: &[u8]) -> Final {
    let (mut after, mut module) = choices(data);
    let made = crate::random::make(&mut module);
    check(&made, &mut after);
    made.module
}
