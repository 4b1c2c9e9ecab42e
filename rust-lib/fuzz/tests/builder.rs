//! The builder makes what it says: every record type, every class, and modules that are valid. (Runs
//! without a fuzzer: `cargo test` in this folder.)

use std::collections::BTreeSet;
use wasm_share_fuzz::build::Fate;
use wasm_share_fuzz::known;

/// A small generator of numbers; the run is the same every time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn every_record_type_and_class_is_made_and_found() {
    let rounds = std::env::var("ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3000);
    let (mut types, mut fates) = (BTreeSet::new(), BTreeSet::new());
    for seed in 1..=rounds {
        let module = known::run(&noise(seed, 100 + seed as usize % 1500));
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
    assert!(fates.len() >= 20, "{fates:?}");
}
