//! One file a pass. A pass checks everything before it changes anything.

pub mod allocator;
pub mod data_relocs;
pub mod foreign_free;
pub mod init_memory;
pub mod memory_view;
pub mod share_stack;
pub mod stack_guard;

use walrus::{GlobalId, Module, ValType};

use crate::error::Problem;

/// The global of the module that was given with this index, which has to be a stack pointer.
fn mutable_i32(
    module: &Module,
    globals: &[GlobalId],
    index: usize,
    what: &str,
) -> Result<GlobalId, Problem> {
    globals
        .get(index)
        .copied()
        .filter(|id| {
            let global = module.globals.get(*id);
            global.ty == ValType::I32 && global.mutable
        })
        .ok_or_else(|| {
            Problem::new(
                "internal_error",
                format!("Cannot {what}: global {index} is none"),
                "This is a defect of wasm-share; please report it",
            )
        })
}
