//! Heaps: who owns the memory above the data.
//!
//! In: the claims of the modules and what their code does with the memory's size (`wasm-facts`, section 8).
//! Out: their heap regions, and how each allocator is kept from what is not its own ([`Way`]). A module that
//! uses `[__heap_base, __heap_end)` gets a piece of its own, at least a page; the last of them gets the rest of
//! the last page. A module that takes everything from `__heap_base` up to the memory's size gets that at the
//! end of the memory if it is alone; else whole pages, and a way to see no others.

use super::{ALIGN, Input, MemoryView, Placed, PlannedHeap, Region, Startup, space::Space};
use crate::error::{Code, Problem, Result};
use crate::externs::{Extern, ExternKind, Signature, ValueType};
use crate::inspect::PAGE;
use crate::inspect::growth::{Growth, growth};
use crate::model::{Claim, Span};
use crate::text::text;
use crate::wasm::{Module, text};

/// How an allocator is kept from what is not its own.
enum Way {
    /// Nothing is needed.
    AsIs,
    /// It claims its heap at its first use, which the loader makes while the memory ends there.
    Staged(String, String),
    /// The transformer gives it a memory size of its own.
    View,
    /// All it gets is a region that was set aside.
    Reserved(u64),
}

/// Places all heaps. The first address above everything.
pub fn place(
    inputs: &[Input<'_>],
    modules: &mut [Placed],
    space: &mut Space,
    regions: &mut Vec<Region>,
    startup: &mut Vec<Startup>,
    warnings: &mut Vec<Problem>,
    problems: &mut Vec<Problem>,
) -> u64 {
    let ways = match ways(inputs, warnings, problems) {
        Ok(ways) => ways,
        Err(problem) => {
            problems.push(*problem);
            return 0;
        }
    };
    space.skip_to(space.end());
    let list = || inputs.iter().zip(&ways).enumerate();
    let pieces = || {
        list().filter(|(_, (input, way))| {
            input.claim() == Claim::Piece && !matches!(way, Way::Reserved(_))
        })
    };
    let last_piece = pieces().map(|(at, _)| at).next_back().filter(|last| {
        list().all(|(at, (input, way))| {
            at == *last || !matches!(way, Way::Reserved(_)) && input.claim() != Claim::All
        })
    });
    for (at, (input, _)) in pieces() {
        let size = own_size(input).max(PAGE);
        let start = space.place(size, ALIGN, 0);
        let mut end = start + size;
        if Some(at) == last_piece {
            end = end.next_multiple_of(PAGE);
            space.skip_to(end);
        }
        put(
            regions,
            &mut modules[at],
            Span::new(start, end),
            Claim::Piece,
        );
    }
    let top = space.place(0, ALIGN, 0);
    for (at, (_, _)) in
        list().filter(|(_, (i, way))| i.claim() == Claim::None && !matches!(way, Way::Reserved(_)))
    {
        put(regions, &mut modules[at], Span::new(top, top), Claim::None);
    }
    // Those that the loader stages come last: the memory has to end there for a moment.
    let mut pages = |at: usize, size: u64, module: &mut Placed| {
        let input = &inputs[at];
        if input.is_attached() {
            return attach(input, module, size, space, regions, problems);
        }
        // What grows into its region grows by whole pages.
        let align = match input.claim() {
            Claim::None => PAGE as u32,
            _ => ALIGN,
        };
        let start = space.place(0, align, 0);
        let end = (start + size).max(start + 1).next_multiple_of(PAGE);
        space.skip_to(end);
        put(regions, module, Span::new(start, end), input.claim());
        end
    };
    for (at, (input, way)) in list() {
        let module = &mut modules[at];
        match way {
            Way::Reserved(size) => {
                let end = (pages(at, *size, module) / PAGE) as u32;
                // An allocator that only grows has to find its region empty.
                let pages = match input.claim() {
                    Claim::None => (module.heap.span.start / PAGE) as u32,
                    // What it has from the start is not all that it gets.
                    _ if input.is_attached() => (module.heap.span.start / PAGE) as u32,
                    _ => end,
                };
                module.view(MemoryView {
                    pages,
                    limit: Some(end),
                });
            }
            Way::View => {
                let end = pages(at, own_size(input), module);
                module.view(MemoryView {
                    pages: (end / PAGE) as u32,
                    limit: None,
                });
            }
            _ => {}
        }
    }
    for (at, (input, way)) in list() {
        let (Claim::All, Way::AsIs | Way::Staged(..)) = (input.claim(), way) else {
            continue;
        };
        let end = pages(at, own_size(input), &mut modules[at]);
        if let Way::Staged(malloc, free) = way {
            startup.push(Startup {
                module: input.name.into(),
                action: "prime_allocator",
                malloc: malloc.clone(),
                free: free.clone(),
                pages: (end / PAGE) as u32,
            });
        }
    }
    // Nothing at all still is a memory of no pages.
    if regions.is_empty() { 0 } else { space.end() }
}

fn put(regions: &mut Vec<Region>, module: &mut Placed, span: Span, claim: Claim) {
    module.heap = PlannedHeap { span, claim };
    super::put(regions, &module.name, "heap", ALIGN, span);
}

/// Places data with a heap in it above everything else, and `size` bytes more; where it ends.
fn attach(
    input: &Input<'_>,
    module: &mut Placed,
    size: u64,
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) -> u64 {
    let data = input.found.data.unwrap_or_default();
    let start = match module.data {
        Some(fixed) if fixed.end < space.end() => {
            problems.push(
                *Problem::new(
                    Code::LayoutOverlap,
                    text!("Cannot place module \"{}\" at {:#x}: its allocator takes what lies above, and that is used up to {:#x}", input.name, fixed.start, space.end()),
                )
                .hint(text!("Remove its base, or set one above all other modules"))
                .of(input.name),
            );
            fixed.start
        }
        Some(fixed) => fixed.start,
        None => {
            let start = space.place(data.size(), input.align(), data.start);
            let span = Span::new(start, start + data.size());
            super::put_data(input.align(), module, span, regions);
            start
        }
    };
    let top = start + data.size();
    let end = (top + size).next_multiple_of(PAGE);
    space.skip_to(end);
    put(regions, module, Span::new(top, end), input.claim());
    end
}

/// What the linker gave it.
fn own_size(input: &Input<'_>) -> u64 {
    let heap = input.found.heap;
    heap.end.saturating_sub(heap.base)
}

/// How each allocator is kept from what is not its own.
fn ways(
    inputs: &[Input<'_>],
    warnings: &mut Vec<Problem>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Way>> {
    let mut uses = Vec::with_capacity(inputs.len());
    for input in inputs {
        // Alone, a module can do what it likes.
        uses.push(match inputs.len() {
            1 => Growth::default(),
            _ if input.options.no_heap => Growth::default(),
            _ => growth(input.bytes, &input.found.module).map_err(|p| p.of(input.name))?,
        });
    }
    let growers = uses.iter().filter(|u| u.grows > 0).count();
    let claimers = inputs.iter().filter(|i| i.claim() == Claim::All).count();
    let mut ways = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        let own = uses[at];
        if let Some(size) = input.options.heap {
            ways.push(Way::Reserved(size as u64));
            continue;
        }
        let claims = input.claim() == Claim::All;
        let others_grow = growers > (own.grows > 0) as usize;
        if !others_grow && (claimers < 2 || !claims) {
            ways.push(Way::AsIs);
            continue;
        }
        let contiguous = imports(input, "emscripten_resize_heap");
        let entries = entries(input.bytes, &input.found.module);
        // Only of AssemblyScript's allocator it is known that it joins nothing across what lies between.
        let known = own.between == 0 || entries.as_ref().is_some_and(|(new, _)| new == "__new");
        let fits = own.takes_own() && known && !contiguous;
        let way = match claims {
            // What it reads of the memory's size is of no consequence, or belongs to what it just grew.
            false if own.sizes == 0 || own.grows == 0 || fits => Some(Way::AsIs),
            true if !fits || own.sizes == 0 => None,
            true => match (own.grows, entries) {
                (1.., Some((malloc, free))) if !input.options.no_stage => {
                    Some(Way::Staged(malloc, free))
                }
                // With pages of others in between, it would take those, too.
                _ if own.between > 0 => None,
                _ => Some(Way::View),
            },
            false => None,
        };
        if let Some(Way::Staged(..)) = way {
            warnings.push(
                *Problem::new(
                    Code::AllocatorOrder,
                    text!("The allocator claims all memory above its __heap_base at its first use, which must come before another module grows the memory"),
                )
                .hint(text!("The loader and instantiate() make it so; by hand, make the memory as large as the step in layout.startup says, call malloc and free of this module, and only then grow the memory"))
                .of(input.name),
            );
        }
        if way.is_none() {
            problems.push(*conflict(input, inputs, &uses, at));
        }
        ways.push(way.unwrap_or(Way::AsIs));
    }
    Ok(ways)
}

/// Why a module cannot live beside others that grow the memory.
fn conflict(input: &Input<'_>, inputs: &[Input<'_>], uses: &[Growth], at: usize) -> Box<Problem> {
    let other = inputs
        .iter()
        .zip(uses)
        .enumerate()
        .find(|(other, (i, u))| *other != at && (u.grows > 0 || i.claim() == Claim::All))
        .map_or("", |(_, (i, _))| i.name);
    let why = match uses[at].sizes {
        0 => text!("takes what lies above its __heap_base without looking where the memory ends"),
        _ => text!("takes memory between two sizes of it, not what memory.grow returns"),
    };
    Problem::new(
        Code::HeapConflict,
        text!("Cannot share the memory with module \"{}\", which uses it too: this allocator {}", other, why),
    )
    .hint(text!("Set heap for this module: all the memory that its allocator gets, in bytes; or build it with an allocator that uses __heap_end or only what memory.grow returns (wasi-libc of 2023 or newer, Rust's std)"))
    .of(input.name)
}

fn imports(input: &Input<'_>, name: &str) -> bool {
    let module = &input.found.module;
    module
        .imports
        .iter()
        .any(|i| text(input.bytes, &i.name) == name)
}

/// Exported `malloc` and `free` with the types that C gives them, or what AssemblyScript has instead.
fn entries(bytes: &[u8], module: &Module) -> Option<(String, String)> {
    let (mut malloc, mut free) = (None, None);
    const I32: ValueType = ValueType::I32;
    for export in module.exports(bytes).ok()? {
        // The exports of a command run its constructors and destructors each time.
        if export.name == "_start" {
            return None;
        }
        type Types = &'static [ValueType];
        let (found, params, results): (_, Types, Types) = match export.name {
            "malloc" => (&mut malloc, &[I32], &[I32]),
            "free" => (&mut free, &[I32], &[]),
            // Size and class, and a run of the garbage collector.
            "__new" => (&mut malloc, &[I32, I32], &[I32]),
            "__collect" => (&mut free, &[], &[]),
            _ => continue,
        };
        if export.kind == ExternKind::Function {
            let ty = function_type(bytes, module, export.index)?;
            if ty.params == params && ty.results == results {
                *found = Some(export.name.to_string());
            }
        }
    }
    malloc.zip(free)
}

/// The type of a function.
fn function_type(bytes: &[u8], module: &Module, index: u32) -> Option<Signature> {
    let ty = match index.checked_sub(module.imported_functions) {
        None => match module.imports[*module.imported[0].get(index as usize)? as usize].ty {
            Extern::Function(ty) => ty,
            _ => return None,
        },
        Some(defined) => *module
            .defined_functions(bytes)
            .ok()?
            .get(defined as usize)?,
    };
    let types = module.function_types(bytes).ok()?;
    types.get(ty as usize).cloned()
}
