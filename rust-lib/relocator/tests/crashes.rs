//! What fuzzing found (`deno task fuzz`), each reduced to one module: it must be refused, or moved well.
//!
//! | file | what was wrong |
//! |---|---|
//! | `table_out_of_bounds` | two tables without a name, and an element segment for a table that is not there: index out of bounds in `Slots::read` |
//! | `relative_slot` | `TABLE_INDEX_REL_SLEB`: moved by slots with its records kept, it is read relative to the first slot and no more to `__table_base`, and is refused as stale |
//! | `overlap_behind_empty_segment` | an empty segment hid from the writer that two others overlap; zeros that overwrite something were left out |
//! | `records_for_records` | records for a `reloc.*` section: accepted, and its output with records kept is refused |
//! | `end_of_memory` | `relocate` to where `__heap_end` (or the heap base, or the top of the stack) is 2^32: stored as 0 |
//! | `missing_overflow` | headers of two `reloc.*` sections count 2^32 - 1 records each: their sum overflows (in release it wraps) |
//! | `two_symbol_tables` | two symbol tables in `linking`: each is written with the symbols of both, so the table doubles with every move |
//! | `wide_stack` | a stack or heap base that no multiple of 16 follows: overflow while the hint is made |

use std::path::{Path, PathBuf};
use wasm_share_relocator::inspect::{self, Inspected};
use wasm_share_relocator::job::{Job, ModuleOptions, Options, relocate};
use wasm_share_relocator::model::{Class, Deltas};
use wasm_share_relocator::wasm::Module;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "wasm"));
    files.sort();
    files
}

/// Runs a check on every module; all that fail are named.
fn each(check: impl Fn(&[u8])) {
    let mut failed = Vec::new();
    for file in files() {
        let bytes = std::fs::read(&file).unwrap();
        let run = std::panic::AssertUnwindSafe(|| check(&bytes));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(file.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(failed, [] as [String; 0]);
}

fn all_options() -> Vec<ModuleOptions> {
    let mut list = Vec::new();
    for (verify, keep_relocations) in [(false, false), (true, true)] {
        for stack in [None, Some(u32::MAX)] {
            let mut options = ModuleOptions {
                keep_relocations,
                ..Default::default()
            };
            options.inspect.verify = verify;
            options.inspect.assume_no_data_pointers = verify;
            options.plan.stack = stack;
            list.push(options);
        }
    }
    list
}

fn accepted(bytes: &[u8]) -> Option<Inspected> {
    let found = inspect::inspect(bytes, &inspect::Options::default()).ok()?;
    found.problems.is_empty().then_some(found)
}

#[test]
fn nothing_panics() {
    each(|bytes| {
        for options in all_options() {
            let mut job = Job::default();
            if let Ok(facts) = job.add("m".into(), bytes.to_vec(), options) {
                serde_json::to_string(&facts).unwrap();
            }
            let _ = job.plan(Options::default());
            let _ = job.emit(0);
            for (offset, heap_base) in [(0, None), (0x10000, None), (0x10000, Some(u32::MAX))] {
                let _ = relocate("m", bytes.to_vec(), options, offset, heap_base);
            }
        }
    });
}

#[test]
fn what_keeps_its_records_can_be_read_again() {
    each(|bytes| {
        if accepted(bytes).is_none() {
            return;
        }
        let options = ModuleOptions {
            keep_relocations: true,
            ..Default::default()
        };
        // The second copy gets other slots and another place than the first.
        let mut job = Job::default();
        for name in ["a", "b"] {
            job.add(name.into(), bytes.to_vec(), options).unwrap();
        }
        if job.plan(Options::default()).is_err() {
            return;
        }
        for at in 0..2 {
            let out = job.emit(at).unwrap();
            let found = inspect::inspect(&out, &inspect::Options::default()).unwrap();
            assert!(found.problems.is_empty(), "{:?}", found.problems);
        }
    });
}

#[test]
fn a_move_can_be_taken_back() {
    each(|bytes| {
        // Without data nothing says where a module was.
        if accepted(bytes).is_none_or(|found| found.data.is_none()) {
            return;
        }
        let options = ModuleOptions {
            keep_relocations: true,
            ..Default::default()
        };
        let moved = |bytes: &[u8], by| relocate("m", bytes.to_vec(), options, by, None);
        for by in [0x10000, 0xffff_0000] {
            if let Ok((out, ..)) = moved(bytes, by) {
                let back = moved(&out, -by);
                let Ok((back, ..)) = back else {
                    panic!("there by {by:#x} and not back");
                };
                let (zero, ..) = moved(bytes, 0).unwrap();
                assert!(back == zero, "there by {by:#x} and back is not the same");
            }
        }
    });
}

/// The memory of a module when it starts, from the lowest address that it writes; later segments win.
fn memory(bytes: &[u8], low: u32) -> Vec<u8> {
    let mut memory = Vec::new();
    for segment in Module::read(bytes).unwrap().segments {
        let start = (segment.address.unwrap().0 - low) as usize;
        let data = &bytes[segment.bytes];
        if memory.len() < start + data.len() {
            memory.resize(start + data.len(), 0);
        }
        memory[start..start + data.len()].copy_from_slice(data);
    }
    // What is not written is zero.
    let used = memory.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
    memory.truncate(used);
    memory
}

#[test]
fn memory_is_the_same_but_for_sites() {
    each(|bytes| {
        let Some(found) = accepted(bytes) else { return };
        let Some(data) = found.data else { return };
        let mut job = Job::default();
        job.add("m".into(), bytes.to_vec(), ModuleOptions::default())
            .unwrap();
        let (to, deltas): (u64, Deltas) = match job.plan(Options::default()) {
            Ok(plan) => {
                let placed = &plan.layout.modules[0];
                (placed.data.unwrap().start, placed.deltas)
            }
            Err(_) => return,
        };
        let sites = found.sites.sections.iter().flat_map(|s| &s.sites);
        let moves = sites.clone().any(|s| deltas.of(s.class()) != 0);
        if moves && sites.clone().any(|s| s.class() != Class::Slot) {
            return;
        }
        let out = job.emit(0).unwrap();
        assert!(memory(&out, to as u32) == memory(bytes, data.start as u32));
    });
}

/// Results of a run that is used in another way than JavaScript does are errors, never wrong modules or panics.
#[test]
fn a_run_that_goes_on_after_its_plan_is_refused() {
    use wasm_share_relocator::job::{Job, ModuleOptions, Options};
    let case = |name: &str| {
        let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
        std::fs::read(cases.join(name).join("base.wasm")).unwrap()
    };
    let options = ModuleOptions::default();
    let code = |problem: &wasm_share_relocator::error::Problem| format!("{:?}", problem.code);
    // One more after the plan: the plan is gone.
    let mut job = Job::default();
    job.add("a".into(), case("c-statics"), options).unwrap();
    job.plan(Options::default()).unwrap();
    job.add("a".into(), case("zlib"), options).unwrap();
    assert_eq!(code(&job.emit(0).unwrap_err()), "InternalError");
    assert_eq!(code(&job.emit(1).unwrap_err()), "InternalError");
    // A plan that fails leaves none behind.
    assert!(job.plan(Options::default()).is_err());
    job.add("c".into(), case("sqlite"), options).unwrap();
    assert!(job.emit(0).is_err());
    // What was taken is not there any more.
    let mut job = Job::default();
    job.add("a".into(), case("c-statics"), options).unwrap();
    job.plan(Options::default()).unwrap();
    let emitted = job.emit(0).unwrap();
    assert_eq!(job.take(0).unwrap().concat(), emitted);
    assert_eq!(code(&job.take(0).unwrap_err()), "InternalError");
    let again = job.plan(Options::default()).map(|_| ()).unwrap_err();
    assert_eq!(code(&again[0]), "InternalError");
}
