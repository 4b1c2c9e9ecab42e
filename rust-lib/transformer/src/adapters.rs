//! Allocation functions of one language over those of another.
//!
//! Rust over C: Rust says the size and the alignment of every block, so C needs nothing more. What needs a larger
//! alignment than `malloc` is known to give is asked of `aligned_alloc`.
//!
//! C over Rust: Rust wants the size and the alignment back, which `free` does not know. So they are kept in front
//! of each block:
//!
//! ```text
//! base                     block - 8   block - 4   block
//! |  padding               | size      | align     | what the caller gets
//! ```
//!
//! `align` is 16 or more, and the block begins `align` bytes after `base`: `base` is aligned to it, so the block
//! is, too. `size` is that of all, as Rust was asked for it.

use std::collections::BTreeMap;

use walrus::ir::{BinaryOp, LoadKind, MemArg, StoreKind, UnaryOp, Value};
use walrus::{FunctionBuilder, FunctionId, InstrSeqBuilder, LocalId, MemoryId, Module, ValType};

use crate::allocation::Entry;

/// Allocation functions by what they are for.
pub type Given = BTreeMap<Entry, FunctionId>;

/// The largest size that Rust can be asked for, rounded up to an alignment.
const LARGEST: i32 = 0x7fff_0000;
/// `ENOMEM` and `EINVAL` of WASI.
const NO_MEMORY: i32 = 48;
const INVALID: i32 = 28;

/// The bodies of Rust's functions over those of C. `c` has `malloc`, `free` and a way to align.
pub fn rust_over_c(module: &mut Module, memory: MemoryId, c: &Given, malloc_align: u32) -> Given {
    let least = malloc_align.cast_signed();
    let mut made = Given::new();
    let aligned = c.get(&Entry::AlignedAlloc).or(c.get(&Entry::Memalign));
    let (Some(malloc), Some(free), Some(aligned)) =
        (c.get(&Entry::Malloc), c.get(&Entry::Free), aligned)
    else {
        return made;
    };
    let alloc = function(module, Entry::RustAlloc, 0, |b, [size, align]| {
        is_small(b, *align, least).if_else(
            ValType::I32,
            |b| {
                b.local_get(*size).call(*malloc);
            },
            |b| {
                // C wants a multiple of the alignment.
                b.local_get(*align);
                b.local_get(*size).local_get(*align).binop(BinaryOp::I32Add);
                b.i32_const(1).binop(BinaryOp::I32Sub);
                b.i32_const(0).local_get(*align).binop(BinaryOp::I32Sub);
                b.binop(BinaryOp::I32And).call(*aligned);
            },
        );
    });
    made.insert(Entry::RustAlloc, alloc);
    let dealloc = function(module, Entry::RustDealloc, 0, |b, [block]| {
        b.local_get(*block).call(*free);
    });
    made.insert(Entry::RustDealloc, dealloc);
    // What is large in alignment is made of these two, and so is what C does not have.
    let plain = complete_rust(module, memory, &made);
    for (entry, of_c) in [
        (Entry::RustRealloc, Entry::Realloc),
        (Entry::RustAllocZeroed, Entry::Calloc),
    ] {
        let Some(plain) = plain.get(&entry).copied() else {
            continue;
        };
        let adapter = match c.get(&of_c).copied() {
            None => plain,
            Some(realloc) if entry == Entry::RustRealloc => {
                function(module, entry, 0, |b, [block, old, align, size]| {
                    is_small(b, *align, least).if_else(
                        ValType::I32,
                        |b| {
                            b.local_get(*block).local_get(*size).call(realloc);
                        },
                        |b| {
                            b.local_get(*block).local_get(*old);
                            b.local_get(*align).local_get(*size).call(plain);
                        },
                    );
                })
            }
            Some(calloc) => function(module, entry, 0, |b, [size, align]| {
                is_small(b, *align, least).if_else(
                    ValType::I32,
                    |b| {
                        b.i32_const(1).local_get(*size).call(calloc);
                    },
                    |b| {
                        b.local_get(*size).local_get(*align).call(plain);
                    },
                );
            }),
        };
        made.insert(entry, adapter);
    }
    made
}

/// The functions of Rust that a linker left out, since nothing in the module calls them, over those that it kept:
/// those that allocate and free.
pub fn complete_rust(module: &mut Module, memory: MemoryId, rust: &Given) -> Given {
    let mut all = rust.clone();
    let (Some(alloc), Some(dealloc)) = (
        rust.get(&Entry::RustAlloc).copied(),
        rust.get(&Entry::RustDealloc).copied(),
    ) else {
        return all;
    };
    all.entry(Entry::RustRealloc).or_insert_with(|| {
        function(
            module,
            Entry::RustRealloc,
            1,
            |b, [block, old, align, size, new]| {
                b.local_get(*size).local_get(*align).call(alloc);
                b.local_tee(*new).if_else(
                    None,
                    |b| {
                        b.local_get(*new).local_get(*block);
                        smaller(b, *old, *size).memory_copy(memory, memory);
                        b.local_get(*block).local_get(*old).local_get(*align);
                        b.call(dealloc);
                    },
                    |_| {},
                );
                b.local_get(*new);
            },
        )
    });
    all.entry(Entry::RustAllocZeroed).or_insert_with(|| {
        function(
            module,
            Entry::RustAllocZeroed,
            1,
            |b, [size, align, new]| {
                b.local_get(*size).local_get(*align).call(alloc);
                zero(b, memory, *new, *size);
            },
        )
    });
    all
}

/// Fills the block on the operand stack with zeros, if there is one, and leaves it.
fn zero(b: &mut InstrSeqBuilder<'_>, memory: MemoryId, new: LocalId, size: LocalId) {
    b.local_tee(new).if_else(
        None,
        |b| {
            b.local_get(new).i32_const(0).local_get(size);
            b.memory_fill(memory);
        },
        |_| {},
    );
    b.local_get(new);
}

/// The functions of C over those of Rust, all of which `rust` has.
pub fn c_over_rust(module: &mut Module, memory: MemoryId, rust: &Given) -> Given {
    let mut made = Given::new();
    let [Some(alloc), Some(dealloc), Some(realloc), Some(zeroed)] =
        crate::allocation::RUST.map(|entry| rust.get(&entry).copied())
    else {
        return made;
    };
    let aligned = function(module, Entry::AlignedAlloc, 1, |b, [align, size, base]| {
        // A power of two, 16 at least.
        b.local_get(*align);
        b.local_get(*align).i32_const(1).binop(BinaryOp::I32Sub);
        b.binop(BinaryOp::I32And);
        give_up_if(b);
        at_least(b, *align, 16);
        exceeds(b, *align, 1 << 28);
        give_up_if(b);
        exceeds(b, *size, LARGEST - (1 << 28));
        give_up_if(b);
        b.local_get(*size).local_get(*align).binop(BinaryOp::I32Add);
        b.local_get(*align).call(alloc).local_set(*base);
        keep(b, memory, *base, *size, *align);
    });
    made.insert(Entry::AlignedAlloc, aligned);
    let memalign = function(module, Entry::Memalign, 0, |b, [align, size]| {
        b.local_get(*align).local_get(*size).call(aligned);
    });
    made.insert(Entry::Memalign, memalign);
    let malloc = function(module, Entry::Malloc, 0, |b, [size]| {
        b.i32_const(16).local_get(*size).call(aligned);
    });
    made.insert(Entry::Malloc, malloc);
    let calloc = function(module, Entry::Calloc, 2, |b, [count, each, base, align]| {
        b.local_get(*count).unop(UnaryOp::I64ExtendUI32);
        b.local_get(*each).unop(UnaryOp::I64ExtendUI32);
        b.binop(BinaryOp::I64Mul);
        b.const_(Value::I64(i64::from(LARGEST - (1 << 28))));
        b.binop(BinaryOp::I64GtU);
        give_up_if(b);
        b.local_get(*count).local_get(*each).binop(BinaryOp::I32Mul);
        b.local_set(*each);
        b.i32_const(16).local_set(*align);
        b.local_get(*each).i32_const(16).binop(BinaryOp::I32Add);
        b.i32_const(16).call(zeroed).local_set(*base);
        keep(b, memory, *base, *each, *align);
    });
    made.insert(Entry::Calloc, calloc);
    let free = function(module, Entry::Free, 0, |b, [block]| {
        b.local_get(*block).if_else(
            None,
            |b| {
                b.local_get(*block);
                load(b, memory, *block, 4);
                b.binop(BinaryOp::I32Sub);
                load(b, memory, *block, 8);
                load(b, memory, *block, 4);
                b.call(dealloc);
            },
            |_| {},
        );
    });
    made.insert(Entry::Free, free);
    let usable = function(module, Entry::MallocUsableSize, 0, |b, [block]| {
        b.local_get(*block).if_else(
            ValType::I32,
            |b| {
                load(b, memory, *block, 8);
                load(b, memory, *block, 4);
                b.binop(BinaryOp::I32Sub);
            },
            |b| {
                b.i32_const(0);
            },
        );
    });
    made.insert(Entry::MallocUsableSize, usable);
    let resize = function(
        module,
        Entry::Realloc,
        3,
        |b, [block, size, base, align, old]| {
            b.local_get(*block).unop(UnaryOp::I32Eqz).if_else(
                None,
                |b| {
                    b.local_get(*size).call(malloc).return_();
                },
                |_| {},
            );
            exceeds(b, *size, LARGEST - (1 << 28));
            give_up_if(b);
            load(b, memory, *block, 4);
            b.local_set(*align);
            b.local_get(*block)
                .local_get(*align)
                .binop(BinaryOp::I32Sub);
            load(b, memory, *block, 8);
            b.local_tee(*old).local_get(*align);
            b.local_get(*size).local_get(*align).binop(BinaryOp::I32Add);
            b.call(realloc).local_set(*base);
            keep(b, memory, *base, *size, *align);
        },
    );
    made.insert(Entry::Realloc, resize);
    let posix = function(
        module,
        Entry::PosixMemalign,
        1,
        |b, [to, align, size, new]| {
            b.local_get(*align);
            b.local_get(*align).i32_const(1).binop(BinaryOp::I32Sub);
            b.binop(BinaryOp::I32And);
            b.local_get(*align).i32_const(4).binop(BinaryOp::I32LtU);
            b.binop(BinaryOp::I32Or).if_else(
                None,
                |b| {
                    b.i32_const(INVALID).return_();
                },
                |_| {},
            );
            b.local_get(*align)
                .local_get(*size)
                .call(aligned)
                .local_tee(*new);
            b.unop(UnaryOp::I32Eqz).if_else(
                None,
                |b| {
                    b.i32_const(NO_MEMORY).return_();
                },
                |_| {},
            );
            b.local_get(*to).local_get(*new).store(
                memory,
                StoreKind::I32 { atomic: false },
                word(0),
            );
            b.i32_const(0);
        },
    );
    made.insert(Entry::PosixMemalign, posix);
    made
}

/// A function with the signature of `entry` and some more locals.
fn function<const N: usize>(
    module: &mut Module,
    entry: Entry,
    more: usize,
    body: impl FnOnce(&mut InstrSeqBuilder<'_>, &[LocalId; N]),
) -> FunctionId {
    let (params, results) = entry.signature();
    let mut builder = FunctionBuilder::new(&mut module.types, params, results);
    builder.name(format!("wasm-share.{}", entry.name()));
    let count = params.len() + more;
    let locals: Vec<LocalId> = (0..count.max(N))
        .map(|_| module.locals.add(ValType::I32))
        .collect();
    if let Some(locals) = locals.first_chunk::<N>() {
        body(&mut builder.func_body(), locals);
    }
    let args = locals[..params.len()].to_vec();
    builder.finish(args, &mut module.funcs)
}

fn is_small<'a, 'b>(
    b: &'a mut InstrSeqBuilder<'b>,
    align: LocalId,
    least: i32,
) -> &'a mut InstrSeqBuilder<'b> {
    b.local_get(align).i32_const(least).binop(BinaryOp::I32LeU)
}

fn smaller<'a, 'b>(
    b: &'a mut InstrSeqBuilder<'b>,
    one: LocalId,
    other: LocalId,
) -> &'a mut InstrSeqBuilder<'b> {
    b.local_get(one).local_get(other);
    b.local_get(one).local_get(other).binop(BinaryOp::I32LtU);
    b.select(None)
}

fn at_least(b: &mut InstrSeqBuilder<'_>, local: LocalId, least: i32) {
    b.local_get(local).i32_const(least);
    b.local_get(local).i32_const(least).binop(BinaryOp::I32GtU);
    b.select(None).local_set(local);
}

fn exceeds(b: &mut InstrSeqBuilder<'_>, local: LocalId, most: i32) {
    b.local_get(local).i32_const(most).binop(BinaryOp::I32GtU);
}

/// Returns 0 if the value on the operand stack is not.
fn give_up_if(b: &mut InstrSeqBuilder<'_>) {
    b.if_else(
        None,
        |b| {
            b.i32_const(0).return_();
        },
        |_| {},
    );
}

/// Keeps size and alignment in front of a block; leaves the block, or 0 if there is none.
fn keep(
    b: &mut InstrSeqBuilder<'_>,
    memory: MemoryId,
    base: LocalId,
    size: LocalId,
    align: LocalId,
) {
    let kind = StoreKind::I32 { atomic: false };
    b.local_get(base).unop(UnaryOp::I32Eqz);
    give_up_if(b);
    b.local_get(base).local_get(align).binop(BinaryOp::I32Add);
    b.local_tee(base).i32_const(8).binop(BinaryOp::I32Sub);
    b.local_get(size).local_get(align).binop(BinaryOp::I32Add);
    b.store(memory, kind, word(0));
    b.local_get(base).i32_const(4).binop(BinaryOp::I32Sub);
    b.local_get(align).store(memory, kind, word(0));
    b.local_get(base);
}

/// The word so many bytes in front of a block.
fn load(b: &mut InstrSeqBuilder<'_>, memory: MemoryId, block: LocalId, before: i32) {
    b.local_get(block).i32_const(before).binop(BinaryOp::I32Sub);
    b.load(memory, LoadKind::I32 { atomic: false }, word(0));
}

fn word(offset: u64) -> MemArg {
    MemArg { align: 4, offset }
}
