//! One program: its directory in, counts or the first difference out.
//!
//! The distance of each region is read from the facts of both links, so that nothing here knows how the
//! recipe linked them; everything else has to follow from those distances.

use crate::{compare, moves};
use std::fs;
use std::path::Path;
use wasm_share_relocator::emit::{self, Move};
use wasm_share_relocator::error::Problem;
use wasm_share_relocator::inspect::globals::Names;
use wasm_share_relocator::inspect::linking::{SymbolKind, Symbols};
use wasm_share_relocator::inspect::relocs::RelocSection;
use wasm_share_relocator::inspect::types::NAMES;
use wasm_share_relocator::inspect::{self, Inspected};
use wasm_share_relocator::model::{Class, Deltas, Kind};
use wasm_share_relocator::wasm::{Init, id};

/// The other links that a directory may hold.
const LINKS: [&str; 3] = ["b", "t", "s"];

/// Where a record lies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Where {
    Code,
    Data,
    Custom,
}

/// What a program that passed showed.
#[derive(Default)]
pub struct Passed {
    /// Bytes of `a.wasm`.
    pub bytes: usize,
    /// Links that were compared.
    pub links: u32,
    /// Links in which no region moved, so that their equality says nothing about a move.
    pub unmoved: u32,
    /// Records by type, in code, data and custom sections.
    pub records: [[u32; 3]; NAMES.len()],
    /// Bytes of `.debug_*` sections of `a.wasm`.
    pub debug: usize,
    /// Compositions of two moves that were compared with one.
    pub compositions: u32,
    /// Those of them whose second move needs `assumeNoDataPointers`.
    pub assumed: u32,
}

/// What became of a program.
pub enum Outcome {
    Passed(Box<Passed>),
    /// The core refuses it: code and message.
    Refused(String, String),
    /// What differs.
    Failed(String),
}

/// Why a check stopped.
pub enum Stop {
    Refused(Box<Problem>),
    Failed(String),
}

impl From<String> for Stop {
    fn from(what: String) -> Self {
        Stop::Failed(what)
    }
}

/// Checks the program of a directory.
pub fn check(folder: &Path) -> Outcome {
    match all(folder) {
        Ok(passed) => Outcome::Passed(Box::new(passed)),
        Err(Stop::Failed(what)) => Outcome::Failed(what),
        Err(Stop::Refused(problem)) => {
            Outcome::Refused(code(&problem), problem.message.to_string())
        }
    }
}

/// The name of a problem's code, as it is public.
pub fn code(problem: &Problem) -> String {
    match serde_json::to_value(problem.code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => format!("{:?}", problem.code),
    }
}

fn all(folder: &Path) -> Result<Passed, Stop> {
    let read = |name: &str| fs::read(folder.join(format!("{name}.wasm")));
    let a = read("a").map_err(|error| format!("a.wasm: {error}"))?;
    let found = look(&a)?;
    let mut passed = Passed {
        bytes: a.len(),
        ..Passed::default()
    };
    count(&a, &found, &mut passed)?;
    let valid = compare::validate(&a).is_ok();
    for name in LINKS {
        let Ok(other) = read(name) else { continue };
        let moved = link(&a, &found, &other, valid).map_err(|stop| match stop {
            Stop::Failed(what) => Stop::Failed(format!("{name}.wasm{what}")),
            refused => refused,
        })?;
        passed.links += 1;
        passed.unmoved += u32::from(!moved);
    }
    if passed.links == 0 {
        return Err(Stop::Failed("there is no other link to compare".into()));
    }
    let composed = moves::compose(&a, &found, valid)?;
    passed.compositions = composed.checked;
    passed.assumed = composed.assumed;
    Ok(passed)
}

/// Compares one other link with our moves of `a`. Whether anything moved.
fn link(a: &[u8], found: &Inspected, other: &[u8], valid: bool) -> Result<bool, Stop> {
    let linked = look(other).map_err(|stop| match stop {
        Stop::Failed(what) => Stop::Failed(format!(": {what}")),
        refused => refused,
    })?;
    let deltas = deltas((a, found), (other, &linked));
    for (strip, trim) in [(false, false), (true, false), (true, true)] {
        let fail = |what: String| match (strip, trim) {
            (false, _) => format!(", with records: {what}"),
            (true, false) => format!(", without records: {what}"),
            (true, true) => format!(", without records and zeros: {what}"),
        };
        let ours = emitted(a, found, deltas, strip, trim).map_err(fail)?;
        if valid {
            compare::validate(&ours).map_err(fail)?;
        }
        compare::same(&ours, other, strip, trim).map_err(fail)?;
    }
    Ok(deltas != Deltas::default())
}

/// Inspects a link; every instruction is decoded.
fn look(bytes: &[u8]) -> Result<Inspected, Stop> {
    let options = inspect::Options {
        verify: true,
        ..Default::default()
    };
    let found = inspect::inspect(bytes, &options).map_err(Stop::Refused)?;
    if let Some(problem) = found.problems.first() {
        return Err(Stop::Refused(Box::new(problem.clone())));
    }
    if found.kind != Kind::Relocs {
        return Err(Stop::Failed(
            "it was not linked with --emit-relocs: there are no records to compare".into(),
        ));
    }
    Ok(found)
}

/// Where the data starts. A program without data can have the linker's symbols for its place.
fn data_start((bytes, found): (&[u8], &Inspected)) -> Option<u64> {
    if let Some(data) = found.data {
        return Some(data.start);
    }
    let module = &found.module;
    let symbols = module
        .custom(bytes, "linking")
        .and_then(|section| Symbols::read(bytes, module, section).ok())?;
    // Exported by --export-all, even if no symbol is left.
    let names = Names::read(bytes, module, &symbols).ok()?;
    ["__global_base", "__dso_handle", "__data_end"]
        .iter()
        .find_map(|name| {
            let symbol = symbols.find(bytes, SymbolKind::Data, name.as_bytes());
            let symbol = symbol.map(|symbol| symbol.value);
            let global = names.find(module, name).map(|(_, global)| global.init);
            symbol.or(match global {
                Some(Init::I32(value)) => Some(value),
                _ => None,
            })
        })
        .map(u64::from)
}

/// By how much the linker moved each region from one link to the other. A region that one of them does
/// not have did not move.
fn deltas(one: (&[u8], &Inspected), two: (&[u8], &Inspected)) -> Deltas {
    let (from, to) = (one.1, two.1);
    let mut deltas = Deltas::default();
    let mut set = |class: Class, from: Option<u64>, to: Option<u64>| {
        if let (Some(from), Some(to)) = (from, to) {
            deltas.set(class, (to as u32).wrapping_sub(from as u32));
        }
    };
    set(Class::Data, data_start(one), data_start(two));
    let low = |found: &Inspected| found.stack.map(|span| span.start);
    set(Class::StackLow, low(from), low(to));
    let high = |found: &Inspected| found.stack.map(|span| span.end);
    set(Class::StackHigh, high(from), high(to));
    set(Class::HeapBase, Some(from.heap.base), Some(to.heap.base));
    set(Class::HeapEnd, Some(from.heap.end), Some(to.heap.end));
    let first = |found: &Inspected| found.table.as_ref().map(|table| u64::from(table.first));
    set(Class::Slot, first(from), first(to));
    deltas
}

/// Moves `a` as the phases of a run do, with names that no corpus imports.
fn emitted(
    bytes: &[u8],
    found: &Inspected,
    deltas: Deltas,
    strip: bool,
    trim: bool,
) -> Result<Vec<u8>, String> {
    let names = |name: &str| ["env".to_string(), name.to_string()];
    let (memory, table) = (names("memory"), names("__indirect_function_table"));
    let to = Move {
        deltas,
        memory: (!found.module.memories.is_empty()).then_some((&memory, 1000)),
        table: found.shares_table().then_some((&table, 100_000)),
        strip,
        trim,
        stamp: Some("{}"),
    };
    emit::emit(bytes, found, &to).map_err(|problem| problem.message.to_string())
}

/// Counts the records of a program.
fn count(bytes: &[u8], found: &Inspected, passed: &mut Passed) -> Result<(), Stop> {
    let module = &found.module;
    for (_, name, section) in module.customs(bytes) {
        if name.starts_with(b".debug_") {
            passed.debug += section.body.len();
        }
        if !name.starts_with(b"reloc.") {
            continue;
        }
        let reloc = RelocSection::open(bytes, section).map_err(Stop::Refused)?;
        let place = match module.sections[reloc.target.ix()].id {
            id::CODE => Where::Code,
            id::DATA => Where::Data,
            _ => Where::Custom,
        };
        let (entries, _) = reloc.entries().map_err(Stop::Refused)?;
        for entry in &entries {
            passed.records[entry.ty as usize][place as usize] += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_share_relocator::externs::Extern;
    use wasm_share_relocator::inspect::STAMP;
    use wasm_share_relocator::wasm::Module;

    fn case(path: &str) -> Vec<u8> {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
        fs::read(cases.join(path)).unwrap()
    }

    /// An oracle that overlooks something says nothing: whatever is changed in another link must be seen.
    #[test]
    fn a_changed_bit_anywhere_is_seen() {
        for name in ["c-statics", "rust-nostd", "c-data-first"] {
            let a = case(&format!("{name}/base.wasm"));
            let Ok(found) = look(&a) else {
                panic!("{name} is refused");
            };
            let mut to = Deltas::default();
            to.set(Class::Data, 0x12_3400);
            to.set(Class::HeapBase, 0x12_3400);
            let mut other = emitted(&a, &found, to, false, false).unwrap();
            let stamp = Module::read(&other)
                .unwrap()
                .custom(&other, STAMP)
                .map(|s| s.header);
            other.truncate(stamp.unwrap());
            match link(&a, &found, &other, true) {
                Ok(moved) => assert!(moved, "{name}"),
                Err(Stop::Failed(what)) => panic!("{name}{what}"),
                Err(Stop::Refused(problem)) => panic!("{name}: {}", problem.message),
            }
            let module = Module::read(&other).unwrap();
            // Limits of memories and tables, and the globals from which the distances are read.
            let free = |at: usize| {
                let limits = |i: &&wasm_share_relocator::wasm::Import| {
                    matches!(i.ty, Extern::Memory(_) | Extern::Table(..))
                };
                let mut imports = module.imports.iter().filter(limits);
                let mut globals = found.sites.globals.iter();
                imports.any(|i| i.entry.contains(&at))
                    || globals.any(|g| {
                        let global = module.global(g.index.0);
                        global.is_some_and(|global| global.init_expr.contains(&at))
                    })
            };
            let free: Vec<bool> = (0..other.len()).map(free).collect();
            for at in 0..other.len() {
                other[at] ^= 1;
                let same = link(&a, &found, &other, true).is_ok();
                other[at] ^= 1;
                assert!(!same || free[at], "{name}: a change at {at:#x} is not seen");
            }
        }
    }
}
