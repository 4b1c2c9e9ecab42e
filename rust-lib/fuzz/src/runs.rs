//! What the targets `inspect`, `relocate`, `there_and_back` and `combine` demand.
//!
//! In: modules and choices. Out: nothing, or a panic.

use crate::dice::Dice;
use crate::judge::{self, Moving};
use crate::meter::{self, Cost};
use crate::random;
use crate::subject::{self, edited, number, offset, options};
use crate::tried::count;
use std::sync::OnceLock;
use wasm_share_relocator::emit::Move;
use wasm_share_relocator::error::{Code, Problem};
use wasm_share_relocator::inspect::{self, Inspected, PAGE};
use wasm_share_relocator::job::{self, Job, ModuleOptions, relocate};
use wasm_share_relocator::model::{Claim, Kind, Span};
use wasm_share_relocator::plan::{self, Layout};

/// Bytes of memory at the same time for each byte of input: twice the most that was measured
/// (`tests/linear.rs`: 82, for a module that is all imports: their skeleton, facts and JSON at once; the
/// committed modules take 5).
const BYTES_EACH: usize = 160;
/// See [`BYTES_EACH`].
const BYTES: usize = 64 * 1024;
/// Time on a processor for each byte of input in nanoseconds, with the fuzzer's counters and checks of
/// arithmetic. A linear run takes about 50 (`tests/linear.rs`), and here a fuzzer runs beside it.
const NANOS_EACH: u64 = 2_000;
/// See [`NANOS_EACH`]; in microseconds.
const MICROS: u64 = 50_000;

fn must_be_cheap(cost: Cost, length: usize, what: &str) {
    assert!(
        cost.peak <= BYTES + BYTES_EACH * length,
        "{what} takes too much memory for {length} bytes: {cost:?}"
    );
    // A vector that grows is allocated about twice over.
    assert!(
        cost.total <= 2 * (BYTES + BYTES_EACH * length),
        "{what} allocates too much for {length} bytes: {cost:?}"
    );
    assert!(
        cost.micros <= MICROS + NANOS_EACH * length as u64 / 1000,
        "{what} takes too long for {length} bytes: {cost:?}"
    );
}

/// Any bytes: no panic, and cost that is linear.
pub fn inspect(data: &[u8]) {
    let (length, costs) = costs(data);
    for (what, cost) in costs {
        must_be_cheap(cost, length, what);
    }
}

/// Size of the module of an input, and what it costs.
pub fn costs(data: &[u8]) -> (usize, [(&'static str, Cost); 2]) {
    let (bytes, mut dice) = subject::subject(data);
    let options = options(&mut dice);
    let space = subject::space(&mut dice);
    let length = bytes.len();
    let (_, inspect) = meter::measure(|| inspect::inspect(&bytes, &options.inspect).map(drop));
    let (_, run) = meter::measure(|| {
        let mut job = Job::default();
        let facts = job
            .add("m".into(), bytes, options)
            .map(|facts| json(&facts));
        let plan = job.plan(space).map(|plan| json(&plan));
        (facts.is_ok(), plan.is_ok(), job.emit(0).is_ok())
    });
    (length, [("inspect", inspect), ("add, plan and emit", run)])
}

fn json<T: serde::Serialize>(value: &T) -> usize {
    match serde_json::to_string(value) {
        Ok(text) => text.len(),
        Err(error) => panic!("no JSON: {error}"),
    }
}

/// Records that were not read are not kept.
fn strips(options: &ModuleOptions, found: &Inspected) -> bool {
    !options.keep_relocations || found.kind != Kind::Relocs
}

/// A number that is no address looks like one where the module is now.
fn looks_like_address(problem: &Problem) -> bool {
    match problem.code {
        Code::UnclassifiedGlobal | Code::UnclassifiedSymbol => true,
        // Words in data, where no `reloc.DATA` says that they are plain numbers.
        Code::IncompleteRelocations => problem.section == "data",
        _ => false,
    }
}

/// No module may be refused for a defect of ours.
fn no_defect(problems: &[Problem]) {
    let defect = problems.iter().find(|p| p.code == Code::InternalError);
    assert!(defect.is_none(), "{defect:?}");
}

/// An accepted module that is valid stays valid, and its bytes are the same outside of sites.
pub fn relocate_one(data: &[u8]) {
    let (bytes, mut dice) = subject::subject(data);
    let mut options = options(&mut dice);
    let Ok(found) = inspect::inspect(&bytes, &options.inspect) else {
        return;
    };
    no_defect(&found.problems);
    if !found.problems.is_empty() {
        return;
    }
    let valid = judge::is_valid(&bytes);
    let (by, heap) = (offset(&mut dice), dice.one_in(3).then(|| number(&mut dice)));
    match relocate("m", bytes.clone(), options, by, heap) {
        Ok((out, ..)) => {
            if valid {
                judge::must_be_valid(&out, "the relocated module");
                let rigid = plan::rigid(&found, by, heap).expect("it was planned");
                let ends = [found.stack, found.data]
                    .into_iter()
                    .flatten()
                    .map(|s| s.end);
                let base = heap.is_none().then_some(found.heap.base);
                for end in ends.chain(base) {
                    let end = end as i64 + by;
                    assert!((0..1 << 32).contains(&end), "{end:#x} is no address");
                }
                let to = Move {
                    deltas: rigid.deltas,
                    memory: None,
                    table: None,
                    strip: strips(&options, &found),
                    trim: false,
                    stamp: None,
                };
                judge::must_be_moved(&bytes, &found.module, &Moving::found(&found), &to, &out);
            }
        }
        Err(problems) => no_defect(&problems),
    }
    (options.plan.base, options.plan.stack) = (None, None);
    options.plan.additional_stack &= 0xffff;
    options.plan.heap = options.plan.heap.map(|size| size & 0xff_ffff);
    alone(&bytes, &found, options, valid);
}

/// The same module through a plan.
fn alone(bytes: &[u8], found: &Inspected, options: ModuleOptions, valid: bool) {
    let mut job = Job::default();
    let _ = job
        .add("m".into(), bytes.to_vec(), options)
        .map(|facts| json(&facts));
    let layout = match job.plan(job::Options::default()) {
        Ok(plan) => plan.layout.clone(),
        Err(problems) => return no_defect(&problems),
    };
    must_be_apart(&layout);
    emitted(&job, 0, bytes, found, options, &layout, valid);
}

/// Writes one module of a plan and looks at it.
fn emitted(
    job: &Job,
    at: usize,
    bytes: &[u8],
    found: &Inspected,
    options: ModuleOptions,
    layout: &Layout,
    valid: bool,
) {
    let out = match job.emit(at) {
        Ok(out) => out,
        Err(problem) => panic!("not written: {problem:?}"),
    };
    if !valid {
        return;
    }
    judge::must_be_valid(&out, "a module of the plan");
    let to = Move {
        deltas: layout.modules[at].deltas,
        memory: None,
        table: None,
        strip: strips(&options, found),
        trim: true,
        stamp: None,
    };
    judge::must_be_moved(bytes, &found.module, &Moving::found(found), &to, &out);
    if !to.strip {
        let again = inspect::inspect(&out, &options.inspect);
        let problems = again.map_or_else(|p| vec![*p], |again| again.problems);
        // A number that is no address can look like one where the data is now.
        let new = problems.iter().find(|p| {
            // Nor is a stack where the user's own `__stack_low` says.
            !looks_like_address(p) && p.code != Code::MalformedModule
        });
        assert!(
            new.is_none(),
            "its output is refused: {new:?}, {:?}",
            layout.modules[at]
        );
    }
}

/// Regions and slots of a layout share nothing.
fn must_be_apart(layout: &Layout) {
    let apart = |mut spans: Vec<Span>, what: &str| {
        spans.retain(|s| s.start < s.end);
        spans.sort_unstable();
        for pair in spans.windows(2) {
            assert!(pair[0].end <= pair[1].start, "{what} overlap: {pair:x?}");
        }
    };
    let memory = layout
        .modules
        .iter()
        // The stack that several share is looked at with the list of regions.
        .flat_map(|m| {
            let own = m.stack.filter(|_| m.shared_stack.is_none());
            [own, m.data, Some(m.heap.span)]
        });
    let memory: Vec<Span> = memory.flatten().filter(|s| s.start != s.end).collect();
    let end = layout.needed_pages as u64 * 65536;
    assert!(
        memory.iter().all(|s| s.start <= s.end && s.end <= end),
        "outside of the memory"
    );
    apart(memory, "regions");
    // Those that nobody may have, too.
    let regions = layout.regions.iter().map(|r| r.span);
    apart(regions.collect(), "regions of the list");
    let slots = layout
        .modules
        .iter()
        .filter_map(|m| m.table)
        .filter(|t| t.shared);
    let slots: Vec<Span> = slots.map(|t| t.span).collect();
    assert!(
        slots
            .iter()
            .all(|s| s.start > 0 && s.end <= layout.table_size as u64)
    );
    apart(slots, "slots");
    // Its end is an address, too.
    assert!(layout.end < 1 << 32, "the end of a layout is no address");
    for module in &layout.modules {
        must_see_its_own(module, layout);
    }
    for step in &layout.startup {
        let end = step.pages as u64 * PAGE;
        let heap = |name: &str| {
            layout
                .modules
                .iter()
                .find(|m| m.name == name)
                .map(|m| m.heap.span)
        };
        assert_eq!(heap(&step.module).map(|h| h.end), Some(end), "{step:?}");
        // The memory ends there for a moment: nothing but heaps of later steps is above.
        let later = layout.startup.iter().filter(|s| s.pages > step.pages);
        let later: Vec<Option<Span>> = later.map(|s| heap(&s.module)).collect();
        let above = layout
            .regions
            .iter()
            .find(|r| r.span.end > end && !(r.kind == "heap" && later.contains(&Some(r.span))));
        assert!(
            above.is_none(),
            "{above:?} lies above the memory of {step:?}"
        );
    }
}

/// What a module takes for the memory is its own part of it.
fn must_see_its_own(module: &plan::Placed, layout: &Layout) {
    let (heap, claim) = (module.heap.span, module.heap.claim);
    let transformed = module.transforms.contains(&"memory_view");
    assert_eq!(module.memory_view.is_some(), transformed, "{module:?}");
    match module.memory_view {
        Some(view) => {
            assert!(heap.size() > 0 && heap.end % PAGE == 0, "{module:?}");
            let from = match (claim, view.limit) {
                // What only grows finds nothing that is there already.
                (Claim::None, Some(_)) => heap.start,
                _ => heap.end,
            };
            assert_eq!(view.pages as u64 * PAGE, from, "{module:?}");
            let limit = view.limit.map(|pages| pages as u64 * PAGE);
            assert!(limit.is_none_or(|limit| limit == heap.end), "{module:?}");
        }
        None if claim == Claim::All => {
            let staged = layout.startup.iter().any(|s| s.module == module.name);
            let last = layout.regions.iter().all(|r| r.span.end <= heap.end);
            assert!(staged || last, "others lie above the heap of {module:?}");
        }
        None => {}
    }
}

/// Two moves are one, and a move back is none.
pub fn there_and_back(data: &[u8]) {
    let (bytes, mut dice) = subject::subject(data);
    let mut options = options(&mut dice);
    options.keep_relocations = true;
    let Ok(found) = inspect::inspect(&bytes, &options.inspect) else {
        return;
    };
    // Guesses are made anew each time. Without data nothing says where a module was.
    if !found.problems.is_empty() || found.kind != Kind::Relocs || found.data.is_none() {
        return;
    }
    // Names that are not UTF-8 are replaced, once.
    if !judge::is_valid(&bytes) {
        return;
    }
    let step =
        |bytes: &[u8], by: i64| relocate("m", bytes.to_vec(), options, by, None).map(|r| r.0);
    let (a, b) = (offset(&mut dice), offset(&mut dice));
    let Ok(zero) = step(&bytes, 0) else { return };
    let Ok(first) = step(&bytes, a) else { return };
    match step(&first, a.wrapping_neg()) {
        Ok(back) => assert!(back == zero, "there by {a} and back is not the same"),
        Err(problems) if problems.iter().all(looks_like_address) => return,
        Err(problems) => panic!("there by {a} and not back: {problems:?}"),
    }
    let (second, both) = (step(&first, b), a.checked_add(b).map(|by| step(&bytes, by)));
    if let (Ok(second), Some(Ok(both))) = (&second, &both) {
        assert!(second == both, "by {a} and then by {b} is not by both");
    } else if let Some(both) = both {
        assert_eq!(
            second.is_ok(),
            both.is_ok(),
            "by {a} and then by {b}, or by both, is refused"
        );
    }
}

/// The small committed modules.
fn seeds() -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
        let mut files = Vec::new();
        for folder in std::fs::read_dir(&cases).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(folder.path())
                .into_iter()
                .flatten()
                .flatten()
            {
                files.push(file.path());
            }
        }
        // The order of a folder is nobody's promise, and an input must mean the same everywhere.
        files.sort();
        let wasm = files
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "wasm"));
        wasm.filter_map(|file| std::fs::read(file).ok())
            .filter(|b| b.len() < 20_000)
            .collect()
    })
}

/// The modules of an input of `combine`, those too that are refused.
pub fn several(dice: &mut Dice<'_>) -> Vec<(Vec<u8>, ModuleOptions)> {
    let mut modules = Vec::new();
    for _ in 0..1 + dice.below(4) {
        let mut options = options(dice);
        // Sizes that fit together are what is to be tried most.
        if !dice.one_in(4) {
            options.plan.additional_stack &= 0xf_fff0;
            options.plan.stack = options.plan.stack.map(|size| size & 0xf_fff0 | 0x10);
            options.plan.base = options.plan.base.filter(|_| dice.one_in(4));
            options.plan.base = options
                .plan
                .base
                .map(|base| (base & 0xfff_0000).max(0x1_0000));
            options.plan.align &= 0xf_ffff;
            options.plan.heap = options.plan.heap.map(|size| size & 0xf_ffff);
        }
        let bytes = if dice.one_in(2) {
            let length = dice.below(1000);
            random::make(&mut Dice(dice.take(length)))
                .module
                .finish()
                .bytes
        } else {
            seeds()
                .get(dice.below(seeds().len()))
                .cloned()
                .unwrap_or_default()
        };
        modules.push((edited(bytes, dice), options));
    }
    modules
}

/// Several modules in one plan.
pub fn combine(data: &[u8]) {
    let mut dice = Dice(data);
    let mut modules: Vec<(Vec<u8>, ModuleOptions, Inspected)> = Vec::new();
    for (bytes, options) in several(&mut dice) {
        match inspect::inspect(&bytes, &options.inspect) {
            // A module that is refused alone would refuse the whole plan.
            Ok(found) if found.problems.is_empty() => modules.push((bytes, options, found)),
            _ => {}
        }
    }
    let space = subject::space(&mut dice);
    let mut job = Job::default();
    for (at, (bytes, options, _)) in modules.iter().enumerate() {
        // Facts can be refused although the module is not; the module is in the plan all the same.
        let _ = job
            .add(format!("m{at}"), bytes.clone(), *options)
            .map(|facts| json(&facts));
    }
    let layout = match job.plan(space.clone()) {
        Ok(plan) => {
            json(&plan);
            plan.layout.clone()
        }
        Err(problems) => {
            problems
                .iter()
                .for_each(|p| count(format!("refused: {:?}", p.code)));
            return no_defect(&problems);
        }
    };
    count(format!("modules: {}", layout.modules.len()));
    for module in &layout.modules {
        let staged = layout.startup.iter().any(|s| s.module == module.name);
        let way = match module.memory_view.map(|view| view.limit) {
            Some(Some(_)) => "reserved",
            Some(None) => "view",
            None if staged => "staged",
            None => "as it is",
        };
        count(format!("heap: {:?} {way}", module.heap.claim));
    }
    must_be_apart(&layout);
    if let Some(maximum) = space.maximum_pages {
        assert!(layout.needed_pages <= maximum, "more pages than allowed");
    }
    for span in &space.reserved {
        let listed = |r: &plan::Region| r.kind == "reserved" && r.span == *span;
        assert!(
            layout.regions.iter().any(listed),
            "{span:x?} is not reserved"
        );
    }
    let map = layout
        .regions
        .iter()
        .filter(|r| r.module == plan::OWNER_MAP);
    assert_eq!(
        map.map(|r| r.span.size()).collect::<Vec<_>>(),
        [space.owner_map as u64].repeat((space.owner_map > 0) as usize),
        "the owner map"
    );
    for (at, (bytes, options, found)) in modules.iter().enumerate() {
        let placed = &layout.modules[at];
        let shares = placed.table.is_some_and(|table| table.shared);
        assert!(
            !(options.plan.own_table && shares),
            "it keeps a table of its own"
        );
        if let (Some(names), false) = (&space.memory_import, found.module.memories.is_empty()) {
            let is_it = |i: &[String; 2]| i == names;
            assert!(
                placed.memory_import.as_ref().is_some_and(is_it),
                "{placed:?}"
            );
        }
        if let Some(size) = options.plan.heap {
            let limit = placed.memory_view.is_some_and(|view| view.limit.is_some());
            assert!(
                limit && placed.heap.span.size() >= size as u64,
                "{placed:?}"
            );
        }
        if let (Some(base), Some(data)) = (options.plan.base, placed.data) {
            assert_eq!(data.start, base as u64, "a base that was set");
        }
        if let (Some(old), Some(new)) = (found.data, placed.data) {
            let delta = new.start.wrapping_sub(old.start);
            let align = found.alignment.max(options.plan.align);
            assert_eq!(delta % align as u64, 0, "alignment");
            assert_eq!(old.size(), new.size(), "size of the data");
        }
        emitted(
            &job,
            at,
            bytes,
            found,
            *options,
            &layout,
            judge::is_valid(bytes),
        );
    }
}
