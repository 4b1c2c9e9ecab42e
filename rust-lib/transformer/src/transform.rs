//! The runner: parse, run the passes in order, emit.

use walrus::{GlobalId, Module, ModuleConfig, RawCustomSection};

use crate::error::Problem;
use crate::passes::{init_memory, memory_view, share_stack, stack_guard};
use crate::request::{Pass, PassReport, Report, Request};
use crate::sections;

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
    // Passes add globals: an index is that of a global which the module came with.
    let globals: Vec<GlobalId> = parsed.globals.iter().map(|global| global.id()).collect();
    for pass in &request.passes {
        report.passes.push(match pass {
            Pass::InitMemory(options) => PassReport {
                pass: "init_memory",
                changed: init_memory::run(&mut parsed, *options)
                    .map_err(|problem| in_given_module(problem, kept.cut_before_code))?,
            },
            Pass::MemoryView(options) => PassReport {
                pass: "memory_view",
                changed: memory_view::run(&mut parsed, *options),
            },
            Pass::StackGuard(options) => PassReport {
                pass: "stack_guard",
                changed: stack_guard::run(&mut parsed, &globals, options)?,
            },
            Pass::ShareStack(options) => PassReport {
                pass: "share_stack",
                changed: share_stack::run(&mut parsed, &globals, options)?,
            },
        });
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
    let names = |pass: &Pass| matches!(pass, Pass::StackGuard(_));
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
