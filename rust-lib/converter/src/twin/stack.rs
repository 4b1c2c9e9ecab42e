//! Which global is the stack pointer, and where the stack lies.
//!
//! In: globals, how the code uses each, names. Out: [`Stack`]. A stack below the data does not follow the base,
//! and only the stack pointer refers to it, so it is placed apart. One above the data is a part of what moves
//! with the data. A stack pointer that is never set can be gone: an optimiser makes constants of it, which do not
//! follow the base either. Then nobody knows whether the memory below the data is used.

use serde::Serialize;

use super::code::Use;
use super::distance::Follows;
use super::names::Names;
use super::shape::NumberGlobal;
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

/// Finds the stack. `uses` says how the code uses each global, `lowest` is the lowest address of the data that is
/// known.
///
/// # Errors
/// `twin_stack`.
pub fn find(
    base: &Twin<'_>,
    globals: &[NumberGlobal],
    uses: &[Use],
    names: &Names,
    lowest: Option<u64>,
) -> Result<Stack> {
    let uses =
        |global: &&NumberGlobal| uses.get(global.index as usize).copied().unwrap_or_default();
    let below = |value: u32| value > 0 && lowest.is_none_or(|lowest| u64::from(value) <= lowest);
    let place = |global: &NumberGlobal| {
        let (index, top) = (global.index, global.value);
        match global.follows {
            Follows::Address | Follows::Stays if below(top) && top.is_multiple_of(ALIGN) => {
                Ok(Stack::Apart { global: index, top })
            }
            Follows::Address => Ok(Stack::Inside { global: index, top }),
            _ => Err(unknown(base, index, top)),
        }
    };
    if let Some(named) = names.global(NAME) {
        return match globals.iter().find(|global| global.index == named) {
            Some(global) => place(global),
            // An imported one, which the host sets.
            None => Ok(Stack::None),
        };
    }
    let mutable = || globals.iter().filter(|global| global.mutable);
    let moving =
        mutable().find(|global| global.follows == Follows::Address && uses(global).frames > 0);
    if let Some(global) = moving {
        return place(global);
    }
    // With names it would have its own.
    if names.knows_globals() && !names.of_llvm {
        return Ok(Stack::None);
    }
    // It does not follow the base, so its value alone says nothing.
    let candidates = || {
        mutable().filter(|global| {
            let could_be = below(global.value) && global.value.is_multiple_of(ALIGN);
            global.follows == Follows::Stays && could_be && uses(global).any
        })
    };
    let sure = |global: &&NumberGlobal| {
        uses(global).restored > 0 || names.of_llvm && uses(global).frames > 0
    };
    let mut found = candidates().filter(sure);
    match (found.next(), found.next(), candidates().next()) {
        (Some(global), None, _) => place(global),
        (None, _, None) => match lowest {
            Some(top) if top / FIRST_ADDRESS > 1 => Ok(Stack::Below { top: top as u32 }),
            _ => Ok(Stack::None),
        },
        (Some(global), Some(_), _) | (None, _, Some(global)) => {
            Err(unknown(base, global.index, global.value))
        }
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
