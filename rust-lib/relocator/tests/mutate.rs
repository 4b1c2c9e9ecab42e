//! Broken input never panics: committed modules with bytes changed, cut or repeated go through the whole
//! run. (Debug builds check arithmetic, so an overflow is a panic here too.)

use std::path::Path;
use wasm_share_relocator::job::{Job, ModuleOptions, Options, relocate};

/// A small generator of numbers; the run is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn mutate(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(out.len());
        match random.below(8) {
            0 => out[at] = 0xff,
            1 => out[at] = 0x80,
            2 => out[at] ^= 1 << random.below(8),
            3 => out[at] = random.below(256) as u8,
            4 => out.truncate(at),
            5 => {
                out.remove(at);
            }
            6 => out.insert(at, random.below(256) as u8),
            _ => {
                // Five bytes that read as a huge number.
                for (byte, value) in out[at..].iter_mut().zip([0xff, 0xff, 0xff, 0xff, 0x0f]) {
                    *byte = value;
                }
            }
        }
        if out.is_empty() {
            break;
        }
    }
    out
}

fn run(bytes: Vec<u8>, options: ModuleOptions) -> bool {
    let mut job = Job::default();
    if job.add("m".into(), bytes.clone(), options).is_err() {
        return false;
    }
    if job.plan(Options::default()).is_err() {
        return false;
    }
    let emitted = job.emit(0).is_ok();
    let _ = relocate("m", bytes, options, 0x10000, None);
    emitted
}

#[test]
fn broken_modules_are_refused_or_moved_and_never_panic() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut moved, mut refused) = (0, 0);
    for (name, rounds) in [
        ("c-statics/base", 4000),
        ("c-symbols/base", 4000),
        ("c-data-first/base", 2000),
        ("rust-nostd/base", 4000),
        ("zig/base", 2000),
        ("pic-c/base", 4000),
        ("pic-c/relocs", 4000),
        ("c-tls/base", 2000),
        ("refuse/second-table", 1000),
        ("refuse/shared-memory", 1000),
        ("rust-std/base", 100),
    ] {
        let Ok(bytes) = std::fs::read(cases.join(format!("{name}.wasm"))) else {
            panic!("{name} is missing")
        };
        for round in 0..rounds {
            let mut options = ModuleOptions {
                keep_relocations: round % 3 == 0,
                ..Default::default()
            };
            options.inspect.verify = round % 2 == 0;
            options.inspect.assume_no_data_pointers = round % 5 == 0;
            match run(mutate(&bytes, &mut random), options) {
                true => moved += 1,
                false => refused += 1,
            }
        }
    }
    assert!(
        moved > 100 && refused > 1000,
        "{moved} moved, {refused} refused"
    );
}
