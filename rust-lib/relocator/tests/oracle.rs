//! The linker is the oracle: the same objects linked at two bases, the first moved by the distance,
//! must equal the second in code, memory image, table and globals.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wasm_share_relocator::emit::{self, Move};
use wasm_share_relocator::inspect::{self, Inspected};
use wasm_share_relocator::model::{Class, Deltas, Kind};
use wasm_share_relocator::wasm::{ElementSegment, Init, Module, id};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")
}

/// Everything that a loaded module is made of.
#[derive(PartialEq)]
struct Image {
    code: Vec<u8>,
    memory: BTreeMap<u32, u8>,
    globals: Vec<Option<u32>>,
    elements: Vec<(u32, Vec<u8>)>,
    exports: Vec<u8>,
}

fn image(bytes: &[u8]) -> Image {
    let module = Module::read(bytes).unwrap();
    let body = |id: u8| {
        module
            .section(id)
            .map_or(Vec::new(), |(_, s)| bytes[s.body.clone()].to_vec())
    };
    let mut memory = BTreeMap::new();
    for segment in &module.segments {
        let at = segment.address.unwrap().0;
        for (byte, address) in bytes[segment.bytes.clone()].iter().zip(at..) {
            if *byte != 0 {
                memory.insert(address, *byte);
            }
        }
    }
    Image {
        code: body(id::CODE),
        memory,
        globals: module
            .globals
            .iter()
            .map(|g| match g.init {
                Init::I32(value) => Some(value),
                _ => None,
            })
            .collect(),
        elements: module
            .elements
            .iter()
            .map(|e| match e.kind {
                ElementSegment::Active {
                    offset: Init::I32(at),
                    ..
                } => (at, bytes[e.offset_expr.end..e.entry.end].to_vec()),
                _ => (0, bytes[e.entry.clone()].to_vec()),
            })
            .collect(),
        exports: body(id::EXPORT),
    }
}

fn moved(bytes: &[u8], found: &Inspected, deltas: Deltas, strip: bool, trim: bool) -> Vec<u8> {
    let names = ["env".to_string(), "memory".to_string()];
    let table = ["env".to_string(), "__indirect_function_table".to_string()];
    let to = Move {
        deltas,
        memory: Some((&names, 1000)),
        table: found.shares_table().then_some((&table, 1000)),
        strip,
        trim,
        stamp: Some("{}"),
    };
    emit::emit(bytes, found, &to).unwrap()
}

/// Every `(case, link, deltas)` of the committed cases.
fn links() -> Vec<(String, Vec<u8>, Vec<u8>, Deltas)> {
    let mut links = Vec::new();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(cases())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        let Ok(text) = std::fs::read_to_string(folder.join("case.json")) else {
            continue;
        };
        let case: serde_json::Value = serde_json::from_str(&text).unwrap();
        let Some(list) = case["links"].as_object() else {
            continue;
        };
        for (name, link) in list {
            let read = |name: &str| std::fs::read(folder.join(format!("{name}.wasm")));
            let of = link["of"].as_str().unwrap_or("base");
            let (Ok(base), Ok(other)) = (read(of), read(name)) else {
                continue;
            };
            let number = |key: &str| link[key].as_i64().unwrap_or(0) as u32;
            let mut deltas = Deltas::default();
            deltas.set(Class::Data, number("dataDelta"));
            deltas.set(Class::StackLow, number("stackDelta"));
            deltas.set(Class::StackHigh, number("stackDelta"));
            deltas.set(Class::HeapBase, number("heapDelta"));
            deltas.set(Class::HeapEnd, number("heapDelta"));
            deltas.set(Class::Slot, number("slotDelta"));
            if deltas != Deltas::default() {
                let folder = folder.file_name().unwrap().to_string_lossy();
                links.push((format!("{folder}/{name}"), base, other, deltas));
            }
        }
    }
    links
}

#[test]
fn a_moved_module_equals_the_linkers_own_result() {
    let mut checked = 0;
    for (name, base, other, deltas) in links() {
        let options = inspect::Options {
            verify: true,
            ..Default::default()
        };
        let found = inspect::inspect(&base, &options).unwrap();
        if found.kind != Kind::Relocs {
            continue;
        }
        assert_eq!(found.problems, [], "{name}");
        for (strip, trim) in [(true, false), (true, true), (false, false)] {
            let ours = image(&moved(&base, &found, deltas, strip, trim));
            let linker = image(&other);
            let first = ours.code.iter().zip(&linker.code).position(|(a, b)| a != b);
            assert!(
                ours.code == linker.code,
                "{name}: code differs at {first:x?}"
            );
            let first = ours.memory.iter().zip(&linker.memory).find(|(a, b)| a != b);
            assert!(
                ours.memory == linker.memory,
                "{name}: memory differs at {first:x?}"
            );
            assert!(
                ours.globals == linker.globals,
                "{name}: globals {:x?} {:x?}",
                ours.globals,
                linker.globals
            );
            assert!(ours.elements == linker.elements, "{name}: elements differ");
            assert!(ours.exports == linker.exports, "{name}: exports differ");
        }
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} links were compared");
}

#[test]
fn a_module_that_keeps_its_records_can_be_moved_again() {
    let mut checked = 0;
    for (name, base, _, deltas) in links() {
        let found = inspect::inspect(&base, &Default::default()).unwrap();
        if found.kind != Kind::Relocs {
            continue;
        }
        let once = moved(&base, &found, deltas, false, false);
        let again = inspect::inspect(
            &once,
            &inspect::Options {
                verify: true,
                ..Default::default()
            },
        )
        .unwrap();
        assert_eq!(again.problems, [], "{name}");
        assert_eq!(again.records.total, found.records.total, "{name}");
        let mut back = Deltas::default();
        for class in [
            Class::Data,
            Class::StackLow,
            Class::StackHigh,
            Class::HeapBase,
            Class::HeapEnd,
            Class::Slot,
        ] {
            back.set(class, deltas.of(class).wrapping_neg());
        }
        let home = moved(&once, &again, back, false, false);
        let zero = moved(&base, &found, Deltas::default(), false, false);
        assert!(home == zero, "{name}: there and back is not the same");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} links were moved");
}
