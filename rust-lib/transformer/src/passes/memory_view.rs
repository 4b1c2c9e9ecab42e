//! Gives a module a size of the memory of its own, for allocators that believe that all of it is theirs.
//!
//! In: a module and the size that it starts with. Out: the same module, with a mutable global where
//! `memory.size` was, and with a function where `memory.grow` was.
//!
//! Without a limit that function grows the memory, and the size becomes what the module would see if nobody else
//! had grown it: the end of its newest pages. That is right for allocators that use the result of
//! `memory.grow` as the address of what they got. With a limit it takes nothing from the memory: the
//! size grows inside a region that was set aside, without gaps, which is right for every allocator.

use walrus::ir::{
    BinaryOp, Call, GlobalGet, Instr, InstrLocId, MemoryGrow, MemorySize, UnaryOp, Value,
    VisitorMut, dfs_pre_order_mut,
};
use walrus::{
    ConstExpr, FunctionBuilder, FunctionId, FunctionKind, GlobalId, LocalId, MemoryId, Module,
    ValType,
};

use crate::request::MemoryView;

const NAME: &str = "wasm-share.memory.grow";

/// Runs the pass; returns how many instructions it replaced.
pub fn run(module: &mut Module, options: MemoryView) -> usize {
    let Some(memory) = module.memories.iter().next().map(|m| m.id()) else {
        return 0;
    };
    let size = module.globals.add_local(
        ValType::I32,
        true,
        false,
        ConstExpr::Value(Value::I32(options.pages.cast_signed())),
    );
    let functions: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).collect();
    let grow = match options.limit {
        Some(limit) => grow_inside(module, size, limit),
        None => grow_memory(module, size, memory),
    };
    let mut replace = Replace {
        size,
        grow,
        memory,
        changed: 0,
    };
    for id in functions {
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind {
            let entry = function.entry_block();
            dfs_pre_order_mut(&mut replace, function, entry);
        }
    }
    replace.changed
}

struct Replace {
    size: GlobalId,
    grow: FunctionId,
    memory: MemoryId,
    changed: usize,
}

impl VisitorMut for Replace {
    fn visit_instr_mut(&mut self, instr: &mut Instr, _: &mut InstrLocId) {
        *instr = match instr {
            Instr::MemorySize(MemorySize { memory }) if *memory == self.memory => {
                Instr::GlobalGet(GlobalGet { global: self.size })
            }
            Instr::MemoryGrow(MemoryGrow { memory }) if *memory == self.memory => {
                Instr::Call(Call { func: self.grow })
            }
            _ => return,
        };
        self.changed += 1;
    }
}

/// `grow(pages)` of a region that was set aside.
fn grow_inside(module: &mut Module, size: GlobalId, limit: u32) -> FunctionId {
    let (mut builder, pages) = builder(module);
    builder
        .func_body()
        .local_get(pages)
        .i32_const(limit.cast_signed())
        .global_get(size)
        .binop(BinaryOp::I32Sub)
        .binop(BinaryOp::I32GtU)
        .if_else(
            ValType::I32,
            |too_much| {
                too_much.i32_const(-1);
            },
            |fits| {
                fits.global_get(size)
                    .global_get(size)
                    .local_get(pages)
                    .binop(BinaryOp::I32Add)
                    .global_set(size);
            },
        );
    builder.finish(vec![pages], &mut module.funcs)
}

/// `grow(pages)` that grows the memory.
fn grow_memory(module: &mut Module, size: GlobalId, memory: MemoryId) -> FunctionId {
    let (mut builder, pages) = builder(module);
    let old = module.locals.add(ValType::I32);
    builder
        .func_body()
        .local_get(pages)
        .unop(UnaryOp::I32Eqz)
        .if_else(
            ValType::I32,
            |nothing| {
                nothing.global_get(size);
            },
            |some| {
                some.local_get(pages)
                    .memory_grow(memory)
                    .local_tee(old)
                    .i32_const(-1)
                    .binop(BinaryOp::I32Ne)
                    .if_else(
                        None,
                        |grown| {
                            grown
                                .local_get(old)
                                .local_get(pages)
                                .binop(BinaryOp::I32Add)
                                .global_set(size);
                        },
                        |_| {},
                    )
                    .local_get(old);
            },
        );
    builder.finish(vec![pages], &mut module.funcs)
}

fn builder(module: &mut Module) -> (FunctionBuilder, LocalId) {
    let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
    builder.name(NAME.into());
    (builder, module.locals.add(ValType::I32))
}
