//! What is asked of the transformer, and what it says of its work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocation::Entry;
use crate::error::Problem;

/// The passes to run, in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// One entry for each run of a pass.
    pub passes: Vec<Pass>,
}

/// A pass and its options.
#[derive(Debug, Deserialize)]
#[serde(tag = "pass", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pass {
    /// See [`crate::passes::data_relocs`].
    DataRelocs(InitMemory),
    /// See [`crate::passes::init_memory`].
    InitMemory(InitMemory),
    /// See [`crate::passes::memory_view`].
    MemoryView(MemoryView),
    /// See [`crate::passes::stack_guard`].
    StackGuard(StackGuard),
    /// See [`crate::passes::share_stack`].
    ShareStack(ShareStack),
    /// See [`crate::passes::allocator::give`].
    GiveAllocator(GiveAllocator),
    /// See [`crate::passes::allocator::take`].
    TakeAllocator(TakeAllocator),
    /// See [`crate::passes::foreign_free`].
    ForeignFree(ForeignFree),
}

/// Options of the passes `init_memory` and `data_relocs`. Addresses are those from before the move.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitMemory {
    /// By how many bytes the data moves.
    pub delta: i64,
    /// First address of the module's data.
    pub low: u32,
    /// End of the module's data, `.bss` included; 2^32 at most.
    pub high: u64,
}

/// Options of the pass `memory_view`. Sizes in pages.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryView {
    /// The size at the start.
    pub pages: u32,
    /// The largest size, if growing stays inside a region.
    pub limit: Option<u32>,
}

/// Options of the pass `stack_guard`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackGuard {
    /// Index of the stack pointer among the globals of the module that was given.
    pub global: usize,
    /// The lowest address of the stack.
    pub low: u32,
    /// Its end: less than 2^32.
    pub high: u32,
    /// Name of the module, for the function that traps.
    pub module: String,
}

/// Options of the pass `share_stack`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareStack {
    /// Index of the stack pointer among the globals of the module that was given.
    pub global: usize,
    /// Module and name of the import that it becomes.
    pub import: [String; 2],
}

/// Options of the pass `give_allocator`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveAllocator {
    /// The module allocates in Rust, and others in C: it gets functions of C, and its own become adapters.
    pub c_over_rust: bool,
    /// The module has an allocator of C and another one of Rust: the latter becomes an adapter.
    pub rust_over_c: bool,
    /// What `malloc` aligns to, in bytes.
    pub malloc_align: u32,
    /// What to export that is not exported yet.
    pub exports: Vec<Entry>,
}

/// Options of the pass `take_allocator`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeAllocator {
    /// The module that allocates: module name of the imports.
    pub from: String,
    /// What its `malloc` aligns to, in bytes.
    pub malloc_align: u32,
    /// The names under which it exports what is needed of it.
    pub exports: BTreeMap<Entry, String>,
}

/// What is said of the allocation functions of a module.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation {
    /// Each with the name under which it is exported, if it is.
    pub entries: BTreeMap<Entry, Option<String>>,
    /// Those of C that it imports from `env`.
    pub imports: Vec<Entry>,
    /// Those of C are made of those of Rust.
    pub c_calls_rust: bool,
    /// Its `operator new` or `operator delete` has memory of its own.
    pub own_new: bool,
    /// What `malloc` aligns to, as far as that is known, in bytes.
    pub malloc_align: u32,
    /// Some function grows the memory, or refers to where the heap begins or ends.
    pub claims: bool,
}

/// Options of the pass `foreign_free`. Addresses are those after the move.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignFree {
    /// Name of the module, for the functions that trap.
    pub module: String,
    /// Its number in the owner map: not 0, and less than 2^8, with `wide` less than 2^16.
    pub number: u32,
    /// Address of the owner map.
    pub map: u32,
    /// The map has two bytes a page instead of one.
    pub wide: bool,
    /// The module's own heap; may be empty.
    pub heap: Span,
    /// The other modules.
    pub others: Vec<Other>,
}

/// Another module: its blocks must not be freed here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Its name.
    pub module: String,
    /// Its number in the owner map.
    pub number: u32,
    /// What the layout gives it.
    pub spans: Vec<Span>,
}

/// A range of addresses: its start, and its end, which may be 2^32.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Span(u32, u64);

impl Span {
    /// The first address.
    pub fn start(self) -> u32 {
        self.0
    }

    /// In bytes. A range of all addresses does not occur: the first 1024 are nobody's.
    pub fn size(self) -> u32 {
        self.1.saturating_sub(self.0.into()) as u32
    }
}

/// What was done, or why nothing was.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// If there are any, there is no module.
    pub problems: Vec<Problem>,
    /// One entry for each run of a pass, in order.
    pub passes: Vec<PassReport>,
    /// Names of the custom sections that were dropped since they would be stale.
    pub dropped: Vec<String>,
}

/// What one run of a pass did.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PassReport {
    /// Name of the pass.
    pub pass: &'static str,
    /// How many operands it changed.
    pub changed: usize,
    /// What `foreign_free` found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frees: Option<Frees>,
}

/// What the pass `foreign_free` found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frees {
    /// How many times the module grows the memory.
    pub grows: usize,
    /// Names of the functions that were given a check, by index.
    pub checked: Vec<String>,
    /// Names of those that hand the block to an import of which is not known that it frees.
    pub unknown: Vec<String>,
    /// Whether a function that frees was found at all, whatever became of it.
    pub found: bool,
}
