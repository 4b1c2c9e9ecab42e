//! The runner: parse, run the passes in order, emit.

use walrus::{FunctionId, GlobalId, Module, RawCustomSection};

use crate::error::Problem;
use crate::passes::{
    allocator, data_relocs, foreign_free, init_memory, memory_view, share_stack, stack_guard,
};
use crate::request::{Pass, PassReport, Report, Request};
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
    let mut parsed = sections::parse(&kept.bytes, kept.has_names || needs_names(&request))?;
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
