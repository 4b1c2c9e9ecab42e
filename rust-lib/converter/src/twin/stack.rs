//! Which global is the stack pointer, and where the stack lies.
//!
//! In: globals, how the code uses each, names. Out: [`Stack`]. A stack below the data does not follow the base,
//! and only the stack pointer refers to it, so it is placed apart. One above the data is a part of what moves
//! with the data. A stack pointer that is never set can be gone: an optimiser makes constants of it, which do not
//! follow the base either. Then nobody knows whether the memory below the data is used.

use serde::Serialize;

use super::distance::Follows;
use super::names::Names;
use super::shape::NumberGlobal;
use super::uses::Use;
use super::{FIRST_ADDRESS, Twin};
use crate::error::{Result, Said};

/// Where the stack is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "where")]
pub enum Stack {
    /// There is none.
    #[default]
    None,
    /// Below the data: it can be placed and sized by itself.
    Apart {
        /// Index of the stack pointer.
        global: u32,
        /// Its initial value.
        top: u32,
    },
    /// Between data and heap: it moves with them.
    Inside {
        /// Index of the stack pointer.
        global: u32,
        /// Its initial value.
        top: u32,
    },
    /// Nothing says whether the module uses what lies below its data, up to this address.
    Below {
        /// The first address of the data.
        top: u32,
    },
}

/// The name that LLVM gives the stack pointer.
const NAME: &str = "__stack_pointer";

/// What stacks are aligned to.
const ALIGN: u32 = 16;

/// Finds the stack. `uses` says how the code uses each global, `start` is where the first byte is written that is
/// not 0, and `memory_end` the end of the initial memory.
///
/// # Errors
/// `twin_stack`.
pub fn find(
    base: &Twin<'_>,
    globals: &[NumberGlobal],
    uses: &[Use],
    names: &Names,
    start: Option<u64>,
    memory_end: u64,
) -> Result<Stack> {
    let uses =
        |global: &&NumberGlobal| uses.get(global.index as usize).copied().unwrap_or_default();
    // The data begins at the first of these bytes, or below it.
    let start = start.unwrap_or(memory_end);
    let below = |value: u32| u64::from(value) <= start && value.is_multiple_of(ALIGN);
    let apart = |global: &NumberGlobal| match below(global.value) {
        true => Ok(Stack::Apart {
            global: global.index,
            top: global.value,
        }),
        false => Err(unknown(base, global.index, global.value)),
    };
    let inside = |global: &NumberGlobal| {
        Ok(Stack::Inside {
            global: global.index,
            top: global.value,
        })
    };
    if let Some(named) = names.global(NAME) {
        return match globals.iter().find(|global| global.index == named) {
            Some(global) if global.follows == Follows::Address && !below(global.value) => {
                inside(global)
            }
            Some(global) => apart(global),
            // An imported one, which the host sets: perhaps to where the linker put it.
            None if start <= FIRST_ADDRESS => Ok(Stack::None),
            None => Ok(Stack::Below { top: start as u32 }),
        };
    }
    let mutable = || globals.iter().filter(|global| global.mutable);
    // It does not follow the base, so its value alone says nothing.
    let candidates = || {
        mutable().filter(|global| {
            let value = global.value;
            let could_be =
                value > 0 && u64::from(value) <= memory_end && value.is_multiple_of(ALIGN);
            global.follows == Follows::Stays && could_be && uses(global).any
        })
    };
    // A counter can be lowered and raised again; but nobody reads the memory at what it was.
    let sure = |global: &&NumberGlobal| {
        let used = uses(global);
        used.restored > 0 && used.read > 0 || names.of_llvm && used.frames > 0
    };
    let mut found = candidates().filter(sure);
    match (found.next(), found.next()) {
        (Some(global), None) => return apart(global),
        (Some(global), Some(_)) => return Err(unknown(base, global.index, global.value)),
        (None, _) => {}
    }
    // Whether it is a stack pointer or another pointer that is moved on: it stays with the data.
    let moving = || mutable().filter(|global| global.follows == Follows::Address);
    let restored = moving().find(|global| uses(global).restored > 0);
    let moving = restored.or_else(|| moving().find(|global| uses(global).frames > 0));
    if let (Some(global), false) = (moving, names.of_llvm && candidates().next().is_some()) {
        return inside(global);
    }
    // With names it would have its own; and a module of AssemblyScript has no other.
    if names.knows_globals() && !names.of_llvm || names.of_assemblyscript {
        return Ok(Stack::None);
    }
    match candidates().next() {
        Some(global) => Err(unknown(base, global.index, global.value)),
        None if memory_end == 0 || start <= FIRST_ADDRESS => Ok(Stack::None),
        None => Ok(Stack::Below { top: start as u32 }),
    }
}

fn unknown(base: &Twin<'_>, index: u32, value: u32) -> crate::error::Problem {
    let at = index.checked_sub(base.module.imported_globals);
    let at = at
        .and_then(|at| base.module.globals.get(at as usize))
        .map_or(0, |g| g.entry.start);
    Said::new(
        "twin_stack",
        format!("Cannot tell whether global {index} with the value {value:#x} is the stack pointer"),
        "Keep the names (wasm-opt -g, asc --debug), or export it (-Wl,--export=__stack_pointer), in all links",
    )
    .at("global", at)
    .into()
}
