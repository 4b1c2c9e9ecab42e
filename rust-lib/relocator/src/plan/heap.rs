//! Heaps: who owns the memory above the data.
//!
//! In: the claims of the modules (`wasm-facts`, section 8). Out: their heap regions, and the steps
//! that make one allocator claim its heap before another module grows the memory. A module that uses
//! `[__heap_base, __heap_end)` gets a piece of its own, at least a page; the last of them gets the rest
//! of the last page. One module may own everything above, at the end.

use super::{ALIGN, Input, Placed, PlannedHeap, Region, Startup, space::Space};
use crate::error::{Code, Problem};
use crate::inspect::PAGE;
use crate::model::{Claim, Span};
use crate::text::text;
use crate::wasm::{Module, id, reader, text};
use wasmparser::{
    ExportSectionReader, ExternalKind, FuncType, FunctionSectionReader, TypeRef, ValType,
};

/// Places all heaps. The first address above everything.
pub fn place(
    inputs: &[Input<'_>],
    modules: &mut [Placed],
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) -> u64 {
    space.skip_to(space.end());
    let of = |claim: Claim| {
        inputs
            .iter()
            .enumerate()
            .filter(move |(_, i)| i.found.heap.claim == claim)
            .map(|(at, _)| at)
    };
    let owners: Vec<usize> = of(Claim::All).collect();
    if let [first, second, ..] = owners[..] {
        let (first, second) = (inputs[first].name, inputs[second].name);
        problems.push(
            *Problem::new(
                Code::HeapConflict,
                text!("Cannot give the rest of the memory to \"{}\" and \"{}\": each claims everything above its __heap_base", first, second),
            )
            .hint(
                text!("Build all but one with an allocator that also uses __heap_end or only memory.grow (wasi-libc of 2023 or \
                 newer, Rust's std), or let them import malloc and free from one of them"),
            )
            .of(second),
        );
    }
    let last_piece = of(Claim::Piece).next_back().filter(|_| owners.is_empty());
    let mut put = |module: &mut Placed, span: Span, claim: Claim| {
        module.heap = PlannedHeap { span, claim };
        if span.size() > 0 {
            regions.push(Region {
                module: module.name.clone(),
                kind: "heap",
                align: ALIGN,
                span,
            });
        }
    };
    for at in of(Claim::Piece) {
        let heap = inputs[at].found.heap;
        let size = heap.end.saturating_sub(heap.base).max(PAGE);
        let start = space.place(size, ALIGN, 0);
        let mut end = start + size;
        if Some(at) == last_piece {
            end = end.next_multiple_of(PAGE);
            space.skip_to(end);
        }
        put(&mut modules[at], Span::new(start, end), Claim::Piece);
    }
    let top = space.place(0, ALIGN, 0);
    for at in of(Claim::None) {
        put(&mut modules[at], Span::new(top, top), Claim::None);
    }
    let mut end = top;
    for at in owners {
        let heap = inputs[at].found.heap;
        end = (top + heap.end.saturating_sub(heap.base))
            .max(top + 1)
            .next_multiple_of(PAGE);
        put(&mut modules[at], Span::new(top, end), Claim::All);
    }
    // Nothing at all still is a memory of no pages.
    if regions.is_empty() { 0 } else { end }
}

/// The steps that keep an allocator that claims everything safe from the growth of others.
pub fn startup(
    inputs: &[Input<'_>],
    warnings: &mut Vec<Problem>,
    problems: &mut Vec<Problem>,
) -> Vec<Startup> {
    let mut steps = Vec::new();
    let owners = inputs.iter().filter(|i| i.found.heap.claim == Claim::All);
    if owners.count() > 1 {
        // Reported already, and nothing about order would cure it.
        return steps;
    }
    for (at, input) in inputs.iter().enumerate() {
        if input.found.heap.claim != Claim::All {
            continue;
        }
        let grower = inputs
            .iter()
            .enumerate()
            .find(|(other, i)| *other != at && may_grow(i.bytes, &i.found.module));
        let Some((_, grower)) = grower else { continue };
        let module = &input.found.module;
        if module
            .imports
            .iter()
            .any(|i| text(input.bytes, &i.name) == "emscripten_resize_heap")
        {
            problems.push(
                *Problem::new(
                    Code::HeapConflict,
                    text!("Cannot share the memory with module \"{}\", which grows it: this allocator takes all memory above \
                         its heap, whoever grew it", grower.name),
                )
                .hint(text!("Build with an allocator that uses only the result of memory.grow"))
                .of(input.name),
            );
            continue;
        }
        match entries(input.bytes, module) {
            Some((malloc, free)) => {
                warnings.push(
                    *Problem::new(
                        Code::AllocatorOrder,
                        text!("The allocator claims all memory above its __heap_base at its first use, which must come before \
                             module \"{}\" grows the memory", grower.name),
                    )
                    .hint(
                        text!("The loader and instantiate() make it so; by hand, call malloc and free of this module first. That is \
                         right for allocators that use what memory.grow returns (wasi-libc's); one that expects to grow without \
                         gaps must be alone"),
                    )
                    .of(input.name),
                );
                steps.push(Startup { module: input.name.into(), action: "prime_allocator", malloc, free });
            }
            None => problems.push(
                *Problem::new(
                    Code::HeapNotPrimable,
                    text!("Module \"{}\" claims everything above its __heap_base at its first allocation, and exports no malloc \
                         and free to make it do so before module \"{}\" grows the memory", input.name, grower.name),
                )
                .hint(
                    text!("Link with -Wl,--export=malloc -Wl,--export=free, or build with wasi-libc of 2023 or newer, whose malloc \
                     also uses __heap_end"),
                )
                .of(input.name),
            ),
        }
    }
    steps
}

/// Whether the code can hold a `memory.grow` of memory 0. Bytes are compared, not instructions: a
/// false alarm only costs a step at start-up.
fn may_grow(bytes: &[u8], module: &Module) -> bool {
    module
        .section(id::CODE)
        .is_some_and(|(_, s)| bytes[s.body.clone()].windows(2).any(|w| w == [0x40, 0x00]))
}

/// Exported `malloc` and `free` with the types that C gives them.
fn entries(bytes: &[u8], module: &Module) -> Option<(String, String)> {
    let (_, section) = module.section(id::EXPORT)?;
    let (mut malloc, mut free) = (None, None);
    for export in ExportSectionReader::new(reader(bytes, &section.body)).ok()? {
        let export = export.ok()?;
        let (found, results): (_, &[ValType]) = match export.name {
            "malloc" => (&mut malloc, &[ValType::I32]),
            "free" => (&mut free, &[]),
            _ => continue,
        };
        if export.kind == ExternalKind::Func {
            let ty = function_type(bytes, module, export.index)?;
            if ty.params() == [ValType::I32] && ty.results() == results {
                *found = Some(export.name.to_string());
            }
        }
    }
    malloc.zip(free)
}

/// The type of a function.
fn function_type(bytes: &[u8], module: &Module, index: u32) -> Option<FuncType> {
    let ty = match index.checked_sub(module.imported_functions) {
        None => module
            .imports
            .iter()
            .filter_map(|i| match i.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => Some(ty),
                _ => None,
            })
            .nth(index as usize)?,
        Some(defined) => {
            let (_, section) = module.section(id::FUNCTION)?;
            FunctionSectionReader::new(reader(bytes, &section.body))
                .ok()?
                .into_iter()
                .nth(defined as usize)?
                .ok()?
        }
    };
    let types = module.function_types(bytes).ok()?;
    types.get(ty as usize).cloned()
}
