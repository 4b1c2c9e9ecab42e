//! The runner: parse, run the passes in order, emit.

use std::collections::{BTreeMap, BTreeSet};

use walrus::{FunctionId, FunctionKind, GlobalId, Module, ModuleConfig, RawCustomSection};

use crate::allocation::{self, Entry};
use crate::error::Problem;
use crate::passes::{
    allocator, data_relocs, foreign_free, init_memory, memory_view, share_stack, stack_guard,
};
use crate::reach;
use crate::records::References;
use crate::request::{Allocation, Pass, PassReport, Report, Request};
use crate::sections;
use crate::symbols::Symbols;

/// Runs the passes of `request` (JSON, see [`Request`]) on a moved module.
///
/// `original` is the same module before it was moved. What the move drops (`linking`, `reloc.*`) is still
/// there; indices of functions, globals and types are the same.
///
/// If the report has problems, the bytes are empty: a module is transformed as a whole or not at
/// all. The same module and request always give the same bytes.
pub fn transform(module: &[u8], original: &[u8], request: &str) -> (Vec<u8>, Report) {
    let mut report = Report::default();
    let bytes = run(module, original, request, &mut report).unwrap_or_else(|problem| {
        report.problems.push(problem);
        Vec::new()
    });
    (bytes, report)
}

fn run(
    module: &[u8],
    original: &[u8],
    request: &str,
    report: &mut Report,
) -> Result<Vec<u8>, Problem> {
    let request: Request = serde_json::from_str(request).map_err(|error| {
        Problem::new(
            "internal_error",
            format!("Cannot read the request of the transformer: {error}"),
            "This is a defect of wasm-share; please report it",
        )
    })?;
    let kept = sections::keep(module)?;
    let mut parsed = ModuleConfig::new()
        .generate_name_section(kept.has_names || needs_names(&request))
        .generate_producers_section(false)
        .generate_dwarf(false)
        .parse(&kept.bytes)
        .map_err(|error| sections::malformed(&format!("{error:#}"), 0))?;
    check_same(&parsed, original)?;
    // Passes add globals and functions: an index is that of one which the module came with.
    let globals: Vec<GlobalId> = parsed.globals.iter().map(|global| global.id()).collect();
    let functions: Vec<FunctionId> = parsed.funcs.iter().map(|function| function.id()).collect();
    for pass in &request.passes {
        let mut frees = None;
        let (pass, changed) = match pass {
            Pass::DataRelocs(options) => (
                "data_relocs",
                data_relocs::run(&mut parsed, *options)
                    .map_err(|problem| in_given_module(problem, kept.cut_before_code))?,
            ),
            Pass::InitMemory(options) => (
                "init_memory",
                init_memory::run(&mut parsed, *options)
                    .map_err(|problem| in_given_module(problem, kept.cut_before_code))?,
            ),
            Pass::MemoryView(options) => ("memory_view", memory_view::run(&mut parsed, *options)),
            Pass::StackGuard(options) => (
                "stack_guard",
                stack_guard::run(&mut parsed, &globals, options)?,
            ),
            Pass::ShareStack(options) => (
                "share_stack",
                share_stack::run(&mut parsed, &globals, options)?,
            ),
            Pass::GiveAllocator(options) => (
                "give_allocator",
                allocator::give(&mut parsed, &functions, original, options)?,
            ),
            Pass::TakeAllocator(options) => (
                "take_allocator",
                allocator::take(&mut parsed, &functions, original, options)?,
            ),
            Pass::ForeignFree(options) => {
                let symbols = Symbols::read(original);
                let found = foreign_free::run(&mut parsed, &functions, &symbols, options);
                let changed = found.grows + found.checked.len();
                frees = Some(found);
                ("foreign_free", changed)
            }
        };
        report.passes.push(PassReport {
            pass,
            changed,
            frees,
        });
    }
    // The old allocator, and whatever only that needed.
    let takes = |pass: &Pass| matches!(pass, Pass::TakeAllocator(_));
    if request.passes.iter().any(takes) {
        walrus::passes::gc::run(&mut parsed);
    }
    Ok(emit(parsed, kept.producers, kept.dropped, report))
}

/// Finds the allocation functions of a module before it is moved.
///
/// # Errors
/// `malformed_module`, `allocator_partial`, `signature_mismatch`.
pub fn allocation_of(original: &[u8]) -> Result<Allocation, Problem> {
    let kept = sections::keep(original)?;
    let module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_dwarf(false)
        .parse(&kept.bytes)
        .map_err(|error| sections::malformed(&format!("{error:#}"), 0))?;
    let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
    let is_local = |id: &FunctionId| matches!(module.funcs.get(*id).kind, FunctionKind::Local(_));
    let own = |index: &u32| ids.get(*index as usize).copied().filter(is_local);
    let symbols = Symbols::read(original);
    let mut entries = BTreeMap::new();
    let mut roots: BTreeMap<bool, BTreeSet<FunctionId>> = BTreeMap::new();
    let mut ends: BTreeMap<bool, BTreeSet<FunctionId>> = BTreeMap::new();
    for (entry, indices) in allocation::find(&symbols) {
        let own: Vec<FunctionId> = indices.iter().filter_map(own).collect();
        let Some(first) = own.first() else { continue };
        for id in &own {
            allocator::check_signature(&module, entry, *id)?;
        }
        let export = module.exports.get_exported_func(*first);
        entries.insert(entry, export.map(|export| export.name.clone()));
        roots.entry(entry.is_rust()).or_default().extend(&own);
        if !entry.is_rust() {
            ends.entry(entry.frees()).or_default().extend(&own);
        }
    }
    let allocates = |entry: &Entry| !entry.is_rust() && !entry.frees();
    if entries.contains_key(&Entry::Free)
        && !entries.keys().any(allocates)
        && !allocation::is_known(&symbols)
    {
        return Err(Problem::new(
            "allocator_partial",
            "Cannot replace the allocator of the module: it has free and nothing that allocates, so whether that is \
             the free of C is unknown"
                .to_string(),
            "Rename that function, or link malloc, too (-Wl,--export=malloc)",
        ));
    }
    let reaches = |from: &[FunctionId], to: Option<&BTreeSet<FunctionId>>| {
        let from = reach::from(&module, from.to_vec());
        to.is_some_and(|to| !from.is_disjoint(to))
    };
    let of_c: Vec<FunctionId> = roots.get(&false).into_iter().flatten().copied().collect();
    // What `new` allocates and `delete` frees is what `malloc` and `free` do.
    let own_new = allocation::operators(&symbols)
        .iter()
        .filter_map(|(index, frees)| Some((own(index)?, *frees)))
        .any(|(id, frees)| !reaches(&[id], ends.get(&frees)));
    Ok(Allocation {
        entries,
        imports: allocator::imports(&module)?,
        c_calls_rust: reaches(&of_c, roots.get(&true)),
        own_new,
        malloc_align: if allocation::is_known(&symbols) { 8 } else { 4 },
        claims: ids.iter().any(|id| reach::grows(&module, *id))
            || References::read(original).is_some_and(|references| references.has_heap()),
    })
}

/// What a pass learns from the original by index holds for the moved module.
fn check_same(moved: &Module, original: &[u8]) -> Result<(), Problem> {
    let (given, here) = (sections::functions(original)?, moved.funcs.iter().count());
    if given == here {
        return Ok(());
    }
    Err(Problem::new(
        "internal_error",
        format!(
            "Cannot transform module: it has {here} functions, and had {given} before it was moved"
        ),
        "This is a defect of wasm-share; please report it",
    ))
}

/// Whether a pass adds a function that has to be known by its name.
fn needs_names(request: &Request) -> bool {
    let names = |pass: &Pass| matches!(pass, Pass::StackGuard(_) | Pass::ForeignFree(_));
    request.passes.iter().any(names)
}

fn emit(
    mut module: Module,
    producers: Option<Vec<u8>>,
    dropped: Vec<String>,
    report: &mut Report,
) -> Vec<u8> {
    report.dropped = dropped;
    if let Some(data) = producers {
        module.customs.add(RawCustomSection {
            name: "producers".to_string(),
            data,
        });
    }
    module.emit_wasm()
}

/// Offsets are those of the module that was given, not of what was left of it.
fn in_given_module(mut problem: Problem, cut: usize) -> Problem {
    problem.offset = problem.offset.map(|offset| offset + cut);
    problem
}
