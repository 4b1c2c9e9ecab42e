//! The builder makes what it says: every record type, every class, and modules that are valid. (Runs
//! without a fuzzer: `cargo test` in this folder.)

mod noise;

use noise::noise;
use std::collections::BTreeSet;
use wasm_share_fuzz::build::Fate;
use wasm_share_fuzz::{known, tried};

/// At least so often each kind of change must be tried in 20,000 modules.
const FLOOR: u64 = 20;

/// Every kind of change that [`tried`] counts.
const CHANGES: &str = "
flip: got Data
flip: got Fixed
flip: got HeapBase
flip: got HeapEnd
flip: got Slot
flip: got StackHigh
flip: got StackLow
flip: index
flip: moves Data
flip: moves HeapBase
flip: moves HeapEnd
flip: moves Slot
flip: moves StackHigh
flip: moves StackLow
flip: stays 0 in code
flip: stays 0 in custom
flip: stays 0 in data
flip: stays 1 in code
flip: stays 1 in custom
flip: stays 1 in data
flip: stays 2 in code
flip: stays 2 in custom
flip: stays 2 in data
flip: stays 4 in code
flip: stays 4 in custom
flip: stays 5 in data
flip: stays 7 in code
flip: type  0 in code
flip: type  1 in code
flip: type  2 in custom
flip: type  2 in data
flip: type  3 in code
flip: type  4 in code
flip: type  5 in custom
flip: type  5 in data
flip: type  6 in code
flip: type  7 in code
flip: type 10 in code
flip: type 11 in code
flip: type 12 in code
flip: type 13 in custom
flip: type 13 in data
flip: type 20 in code
flip: type 21 in code
flip: type 23 in data
flip: type 26 in custom
flip: type 26 in data
refuse: 64-bit type
refuse: NoLinking
refuse: Overlap
refuse: SegmentLess
refuse: SegmentMore
refuse: TargetNowhere
refuse: TargetTwice
refuse: TargetTypes
refuse: Twice(5)
refuse: Twice(8)
refuse: a slot without a name
refuse: absolute symbol
refuse: addend of type  3
refuse: addend of type  4
refuse: addend of type  5
refuse: addend of type 11
refuse: addend of type 21
refuse: addend of type 23
refuse: code without records
refuse: code without records, and a decoy
refuse: distance
refuse: fewer records counted
refuse: function of the linker
refuse: more records counted
refuse: nameless global
refuse: records for linking or for records
refuse: stack pointer of another name
refuse: unknown type
remove: a record in custom
remove: reloc.CODE
remove: reloc.DATA, a slot has no name
remove: reloc.DATA, nothing is left
remove: reloc.DATA, words are left
remove: the only name of a slot, in custom
remove: the only name of a slot, in data
remove: type  0 in code
remove: type  1 in code
remove: type  2 in data
remove: type  3 in code
remove: type  4 in code
remove: type  5 in data
remove: type  6 in code
remove: type  7 in code
remove: type 11 in code
remove: type 12 in code
remove: type 13 in data
remove: type 21 in code
remove: type 23 in data
remove: type 26 in data
";

#[test]
fn every_record_type_and_class_is_made_and_found() {
    let rounds = std::env::var("ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000);
    let (mut types, mut fates) = (BTreeSet::new(), BTreeSet::new());
    for seed in 1..=rounds {
        let module = known::run(&noise(seed, 100 + seed as usize % 4000));
        for known in module.finish().known {
            types.insert(known.record.ty);
            fates.insert(match known.record.fate {
                Fate::Moves(class) => format!("moves {class:?}"),
                Fate::Index => "index".into(),
                Fate::Got(_, class) => format!("got {class:?}"),
                Fate::Stays(why) => format!("stays {why}"),
            });
        }
    }
    let every: Vec<u8> = (0..=13).chain([20, 21, 23, 26]).collect();
    assert_eq!(types.into_iter().collect::<Vec<_>>(), every);
    // All reasons to stay, all classes, GOT entries of all of them and of none.
    let stays = (0..8).map(|why| format!("stays {why}"));
    let moves = [
        "Data",
        "StackLow",
        "StackHigh",
        "HeapBase",
        "HeapEnd",
        "Slot",
    ];
    let moves = moves.map(|class| [format!("moves {class}"), format!("got {class}")]);
    let all = stays.chain(moves.into_iter().flatten());
    let all: BTreeSet<String> = all.chain(["index".into(), "got Fixed".into()]).collect();
    assert_eq!(fates, all);

    tried::must_be(CHANGES, FLOOR);
}
