//! Puts a module on a stack that others run on, too.
//!
//! In: a module and the index of its stack pointer. Out: the same module, which imports this global instead of
//! defining it. The host makes one mutable global for all modules that share the stack.

use walrus::{GlobalId, GlobalKind, Module};

use crate::error::Problem;
use crate::passes::mutable_i32;
use crate::request::ShareStack;

/// Runs the pass; returns how many globals it made imports. `globals` are those that the module came with,
/// in the order of their indices.
pub fn run(
    module: &mut Module,
    globals: &[GlobalId],
    options: &ShareStack,
) -> Result<usize, Problem> {
    let pointer = mutable_i32(module, globals, options.global, "share the stack pointer")?;
    if matches!(module.globals.get(pointer).kind, GlobalKind::Import(_)) {
        return Ok(0);
    }
    let [from, name] = &options.import;
    let import = module.imports.add(from, name, pointer);
    module.globals.get_mut(pointer).kind = GlobalKind::Import(import);
    Ok(1)
}
