//! Broken input: never a panic, and never another result.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_share_converter::{dylink, twin};
use wasm_share_relocator::inspect;

fn case(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let file: PathBuf = root.join(path);
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        match self.roll(8) {
            0 => out.truncate(self.roll(out.len())),
            1 => {
                let at = self.roll(out.len());
                out.remove(at);
            }
            2 => {
                let at = self.roll(out.len());
                out.insert(at, self.roll(256) as u8);
            }
            kind => {
                for _ in 0..1 + kind % 3 {
                    let at = self.roll(out.len());
                    out[at] = match self.roll(3) {
                        0 => self.roll(256) as u8,
                        1 => out[at] ^ 1 << self.roll(8),
                        _ => out[at].wrapping_add(1),
                    };
                }
            }
        }
        out
    }
}

#[test]
fn a_broken_twin_is_refused_or_changes_nothing() {
    let [base, near, far] =
        ["opt", "opt-near", "opt-far"].map(|name| case(&format!("twin-c/{name}.wasm")));
    let whole = twin::convert(&base, &[&near, &far]).unwrap().bytes;
    let mut dice = Dice(1);
    let mut accepted = 0;
    for round in 0..20_000 {
        let found = match round % 2 {
            0 => twin::convert(&base, &[&dice.mutate(&near), &far]),
            _ => twin::convert(&base, &[&near, &dice.mutate(&far)]),
        };
        if let Ok(found) = found {
            accepted += 1;
            assert!(found.bytes == whole, "round {round}: another result");
        }
    }
    // Limits of the memory's or the table's growth, which follow no base.
    assert!(accepted < 200, "{accepted} were accepted");
}

#[test]
fn a_broken_module_does_not_panic() {
    let [base, near] = ["slots", "slots-near"].map(|name| case(&format!("twin-c/{name}.wasm")));
    let mut dice = Dice(2);
    for _ in 0..10_000 {
        let _ = twin::convert(&dice.mutate(&base), &[&near]);
    }
}

#[test]
fn a_broken_side_module_does_not_panic() {
    let mut dice = Dice(3);
    let mut accepted = 0;
    for name in [
        "dylink-c/base.wasm",
        "dylink-pair/left.wasm",
        "dylink-emscripten/base.wasm",
    ] {
        let module = case(name);
        assert!(dylink::is_side(&module));
        for _ in 0..5_000 {
            let Ok(found) = dylink::convert(&dice.mutate(&module)) else {
                continue;
            };
            accepted += 1;
            // What is written can be read, whatever is wrong with it.
            let _ = inspect::inspect(&found.bytes, &inspect::Options::default());
        }
    }
    assert!(accepted > 0);
}
