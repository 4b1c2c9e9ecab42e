//! Checks whose block it is wherever a module frees one, so that a block of another module is a trap instead
//! of two destroyed heaps.
//!
//! In: a module, what its functions are called, where all modules live, and where the owner map is. Out: the
//! same module, with a check at the start of each function that frees ([`find`]), with a function where
//! `memory.grow` was, and with one more function for each other module, `free_in_<module>_of_a_block_of_<other>`,
//! that does nothing but trap. WebAssembly traps carry no text, but engines show the names of functions
//! in the stack of the error.
//!
//! The owner map has one number for each page of the memory: that of the module whose `memory.grow` returned
//! it, or 0. Pages of 0 are looked up in the layout: there several modules can share a page. What is nobody's
//! there either was given by the host, and is not checked.

mod find;
mod names;

use std::collections::BTreeSet;

use walrus::ir::{
    BinaryOp, Call, ExtendedLoad, Instr, InstrLocId, LoadKind, LocalGet, MemArg, MemoryGrow,
    StoreKind, VisitorMut, dfs_pre_order_mut,
};
use walrus::{
    FunctionBuilder, FunctionId, FunctionKind, InstrSeqBuilder, LocalId, MemoryId, Module, ValType,
};

use crate::reach;
use crate::request::{ForeignFree, Frees};
use crate::symbols::Symbols;
use find::{Fate, Found};
use names::Role;

/// Addresses below this are given to no data and no heap: null, and what allocators return for nothing.
const FIRST_ADDRESS: i32 = 1024;

/// Pages are 2^16 bytes.
const PAGE_BITS: i32 = 16;

/// Runs the pass. `functions` are those that the module came with, in the order of their indices.
pub fn run(
    module: &mut Module,
    functions: &[FunctionId],
    symbols: &Symbols,
    options: &ForeignFree,
) -> Frees {
    let mut frees = Frees::default();
    let Some(memory) = module.memories.iter().next().map(|m| m.id()) else {
        return frees;
    };
    let map = Map {
        memory,
        address: options.map,
        wide: options.wide,
    };
    let live = reach::live(module);
    let found = find::find(module, functions, symbols, &live);
    frees.grows = note_growth(module, &map, options.number, &live);
    frees.found = found.iter().any(|f| f.role == Role::Free);
    let unknown = found.iter().filter(|f| f.fate == Fate::Unknown);
    frees.unknown = unknown.map(|f| f.name.clone()).collect();
    let checked: Vec<Found> = found
        .into_iter()
        .filter(|f| f.fate == Fate::Check)
        .collect();
    if checked.is_empty() {
        return frees;
    }
    let check = check(module, &map, options);
    for each in &checked {
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(each.id).kind {
            let (entry, block) = (function.entry_block(), function.args[each.block]);
            let start: [Instr; 2] = [
                LocalGet { local: block }.into(),
                Call { func: check }.into(),
            ];
            let instrs = start.map(|instr| (instr, InstrLocId::default()));
            function.block_mut(entry).instrs.splice(0..0, instrs);
        }
    }
    frees.checked = checked.into_iter().map(|f| f.name).collect();
    frees
}

/// Where the owners of pages are noted.
struct Map {
    memory: MemoryId,
    address: u32,
    /// Two bytes a page instead of one.
    wide: bool,
}

impl Map {
    /// Turns the number of a page on the operand stack into a place in the map.
    fn place<'a, 'b>(&self, code: &'a mut InstrSeqBuilder<'b>) -> &'a mut InstrSeqBuilder<'b> {
        if self.wide {
            code.i32_const(1).binop(BinaryOp::I32Shl);
        }
        code
    }

    fn arg(&self) -> MemArg {
        MemArg {
            align: if self.wide { 2 } else { 1 },
            offset: self.address.into(),
        }
    }

    fn load(&self) -> LoadKind {
        let kind = ExtendedLoad::ZeroExtend;
        match self.wide {
            true => LoadKind::I32_16 { kind },
            false => LoadKind::I32_8 { kind },
        }
    }

    fn store(&self) -> StoreKind {
        match self.wide {
            true => StoreKind::I32_16 { atomic: false },
            false => StoreKind::I32_8 { atomic: false },
        }
    }
}

/// Replaces every `memory.grow` in these functions; how many there were.
fn note_growth(
    module: &mut Module,
    map: &Map,
    number: u32,
    functions: &BTreeSet<FunctionId>,
) -> usize {
    let mut replace = Replace {
        memory: map.memory,
        with: None,
        changed: 0,
    };
    // Most modules of a set do not grow: a function that nobody calls would only be a change.
    replace.all(module, functions);
    if replace.changed == 0 {
        return 0;
    }
    replace.changed = 0;
    replace.with = Some(grow(module, map, number));
    replace.all(module, functions);
    replace.changed
}

struct Replace {
    memory: MemoryId,
    /// Nothing yet: they are only counted.
    with: Option<FunctionId>,
    changed: usize,
}

impl Replace {
    fn all(&mut self, module: &mut Module, functions: &BTreeSet<FunctionId>) {
        for id in functions {
            if let FunctionKind::Local(function) = &mut module.funcs.get_mut(*id).kind {
                let entry = function.entry_block();
                dfs_pre_order_mut(self, function, entry);
            }
        }
    }
}

impl VisitorMut for Replace {
    fn visit_instr_mut(&mut self, instr: &mut Instr, _: &mut InstrLocId) {
        if matches!(instr, Instr::MemoryGrow(MemoryGrow { memory }) if *memory == self.memory) {
            self.changed += 1;
            if let Some(func) = self.with {
                *instr = Call { func }.into();
            }
        }
    }
}

/// `grow(pages)`: grows the memory, and notes whose the new pages are.
fn grow(module: &mut Module, map: &Map, number: u32) -> FunctionId {
    let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
    builder.name("wasm-share.grow_and_note".into());
    let [pages, old, at] = [(); 3].map(|()| module.locals.add(ValType::I32));
    let mut body = builder.func_body();
    body.local_get(pages)
        .memory_grow(map.memory)
        .local_tee(old)
        .local_set(at);
    body.block(None, |done| {
        let end = done.id();
        done.local_get(old)
            .i32_const(-1)
            .binop(BinaryOp::I32Eq)
            .br_if(end)
            .loop_(None, |each| {
                let next = each.id();
                each.local_get(at)
                    .local_get(old)
                    .local_get(pages)
                    .binop(BinaryOp::I32Add)
                    .binop(BinaryOp::I32Eq)
                    .br_if(end)
                    .local_get(at);
                map.place(each)
                    .i32_const(number.cast_signed())
                    .store(map.memory, map.store(), map.arg())
                    .local_get(at)
                    .i32_const(1)
                    .binop(BinaryOp::I32Add)
                    .local_set(at)
                    .br(next);
            });
    });
    body.local_get(old);
    builder.finish(vec![pages], &mut module.funcs)
}

/// `check(block)`: returns if the block is the module's own, or nobody's.
fn check(module: &mut Module, map: &Map, options: &ForeignFree) -> FunctionId {
    let find = find_owner(module, options);
    let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
    builder.name("wasm-share.check_block".into());
    let block = module.locals.add(ValType::I32);
    let owner = module.locals.add(ValType::I32);
    let mut body = builder.func_body();
    body.block(None, |own| {
        let end = own.id();
        if options.heap.size() > 0 {
            within(own, block, options.heap);
            own.br_if(end);
        }
        own.local_get(block)
            .i32_const(PAGE_BITS)
            .binop(BinaryOp::I32ShrU);
        map.place(own)
            .load(map.memory, map.load(), map.arg())
            .local_tee(owner)
            .i32_const(options.number.cast_signed())
            .binop(BinaryOp::I32Eq)
            .br_if(end)
            .local_get(block)
            .local_get(owner)
            .call(find);
    });
    builder.finish(vec![block], &mut module.funcs)
}

/// `find_owner(block, owner of its page)`: does not return if it is another module.
fn find_owner(module: &mut Module, options: &ForeignFree) -> FunctionId {
    let traps: Vec<FunctionId> = options
        .others
        .iter()
        .map(|other| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(format!(
                "free_in_{}_of_a_block_of_{}",
                options.module, other.module
            ));
            builder.func_body().unreachable();
            builder.finish(Vec::new(), &mut module.funcs)
        })
        .collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32, ValType::I32], &[]);
    builder.name("wasm-share.find_owner".into());
    let block = module.locals.add(ValType::I32);
    let owner = module.locals.add(ValType::I32);
    let trap = |code: &mut InstrSeqBuilder<'_>, function: FunctionId| {
        code.if_else(
            None,
            |foreign| {
                foreign.call(function);
            },
            |_| {},
        );
    };
    let mut body = builder.func_body();
    body.local_get(owner).if_else(
        None,
        |page| {
            for (other, function) in options.others.iter().zip(&traps) {
                page.local_get(owner)
                    .i32_const(other.number.cast_signed())
                    .binop(BinaryOp::I32Eq);
                trap(page, *function);
            }
        },
        |placed| {
            placed.block(None, |nothing| {
                let end = nothing.id();
                nothing
                    .local_get(block)
                    .i32_const(FIRST_ADDRESS)
                    .binop(BinaryOp::I32LtU)
                    .br_if(end);
                for (other, function) in options.others.iter().zip(&traps) {
                    for span in &other.spans {
                        within(nothing, block, *span);
                        trap(nothing, *function);
                    }
                }
            });
        },
    );
    builder.finish(vec![block, owner], &mut module.funcs)
}

/// Whether an address lies in a range.
fn within(code: &mut InstrSeqBuilder<'_>, address: LocalId, span: crate::request::Span) {
    code.local_get(address)
        .i32_const(span.start().cast_signed())
        .binop(BinaryOp::I32Sub)
        .i32_const(span.size().cast_signed())
        .binop(BinaryOp::I32LtU);
}
