//! Twins: one program linked or compiled at several bases.
//!
//! In: the module, and one or two more of the same program at other bases. Out: the module with records. Every
//! operand and every word of data that differs by exactly the distance of the bases is an address, what is equal
//! is not, and everything else is refused. Optimisers fold the low bits of addresses that they know, so what is
//! found holds for moves by multiples of the distance only.
//!
//! | file | what it compares |
//! |---|---|
//! | [`distance`] | how far the bases are apart, and how a number follows |
//! | [`shape`] | everything but code and data: sections, limits, globals, elements |
//! | [`code`] | instruction by instruction |
//! | [`data`] | the initial memory, byte by byte |
//! | [`uses`], [`stack`] | which global is the stack pointer |

pub mod code;
pub mod data;
pub mod distance;
pub mod names;
pub mod shape;
pub mod stack;
pub mod uses;

use std::collections::BTreeMap;

use serde::Serialize;
use wasm_share_relocator::inspect::PAGE;
use wasm_share_relocator::inspect::converted::{ATTACHED, COMPLETE, Converted, OWN_TABLE};
use wasm_share_relocator::wasm::{Init, Module};

use crate::draft::{Draft, Global, Piece};
use crate::error::{Problem, Result, Said};
use crate::image::Image;
use distance::Distances;
use stack::Stack;

/// Data and heap never begin below this address.
const FIRST_ADDRESS: u64 = 1024;

/// A module of a comparison.
pub struct Twin<'a> {
    /// Its file.
    pub bytes: &'a [u8],
    /// Where everything lies in it.
    pub module: Module,
}

/// What a comparison found; the JSON of `wasm-share twin`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How far the data of each twin is from that of the module, in bytes.
    pub distances: Vec<u32>,
    /// How far its table slots are.
    pub slot_distances: Vec<u32>,
    /// Slots of the table that it fills.
    pub filled: u32,
    /// Instructions compared.
    pub instructions: u32,
    /// Words of data that are addresses, or slots.
    pub data: u32,
    /// Operands of code that are addresses.
    pub code: u32,
    /// Globals that are addresses, or slots.
    pub globals: u32,
    /// Operands and words that are slots of the table.
    pub slots: u32,
    /// Operands that are numbers of a page.
    pub pages: u32,
    /// Operands that an address is subtracted by.
    pub negated: u32,
    /// Where the stack is.
    pub stack: Stack,
    /// Custom sections that were dropped.
    pub dropped: Vec<String>,
}

/// A module with records, and what was found.
pub struct Found {
    /// The module.
    pub bytes: Vec<u8>,
    /// What was found.
    pub report: Report,
}

/// Compares a module with its twins and writes the records.
///
/// # Errors
/// `twin_mismatch`, `twin_granularity`, `twin_unconfirmed`, and what makes a module unreadable.
pub fn convert(base: &[u8], twins: &[&[u8]]) -> core::result::Result<Found, Vec<Problem>> {
    let base = read(base, 0).map_err(|problem| vec![problem])?;
    let mut others = Vec::with_capacity(twins.len());
    let mut problems = Vec::new();
    for (at, bytes) in twins.iter().enumerate() {
        match read(bytes, at + 1) {
            Ok(twin) => others.push(twin),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    compare(&base, others)
}

fn read(bytes: &[u8], at: usize) -> Result<Twin<'_>> {
    let module = Module::read(bytes).map_err(|mut problem| {
        if at > 0 {
            problem.module = format!("twin {at}");
        }
        problem
    })?;
    Ok(Twin { bytes, module })
}

fn compare(
    base: &Twin<'_>,
    mut others: Vec<Twin<'_>>,
) -> core::result::Result<Found, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    memory_is_known(&base.module).map_err(one)?;
    let base_image = image(base).map_err(one)?;
    distance::sort(base, &base_image, &mut others).map_err(one)?;
    shape::compare(base, &others)?;
    let distances = Distances::read(base, &base_image, &others).map_err(one)?;
    let slots = shape::slots(base.bytes, &base.module).map_err(one)?;
    let memory_end = base
        .module
        .memories
        .first()
        .map_or(0, |m| m.ty.initial * PAGE);

    let mut report = Report {
        distances: distances.data.clone(),
        slot_distances: distances.slots.clone(),
        filled: slots.len(),
        ..Report::default()
    };
    let mut problems = Vec::new();
    let code = code::compare(
        base,
        &others,
        &distances,
        &slots,
        &mut report,
        &mut problems,
    );
    let data = data::compare(base, &base_image, &others, &distances, &slots, &mut report);
    let data = data.unwrap_or_else(|mut found| {
        problems.append(&mut found);
        data::Compared::default()
    });
    let globals = shape::globals(base, &others, &distances, &mut problems);
    if problems.is_empty() && others.len() == 1 {
        problems.extend(implausible(&code, &data, memory_end));
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    let names = names::Names::read(base.bytes, &base.module);
    let addresses = code.lowest.into_iter().chain(data.lowest);
    let global_address = globals
        .iter()
        .filter(|g| g.follows == distance::Follows::Address);
    let addresses = addresses.chain(global_address.map(|g| g.value.into()));
    let inside = |address: &u64| (FIRST_ADDRESS..memory_end).contains(address);
    let lowest = addresses.filter(inside).chain(base_image.start()).min();
    let start = base_image.start();
    let stack = stack::find(base, &globals, &code.uses, &names, start, memory_end).map_err(one)?;
    report.stack = stack;
    let mut draft_globals = BTreeMap::new();
    for global in &globals {
        use distance::Follows;
        let is_stack = matches!(stack, Stack::Apart { global: g, .. } if g == global.index);
        let kind = match global.follows {
            _ if is_stack => Global::StackPointer,
            Follows::Address => {
                report.globals += 1;
                Global::Address(names.address(global.index, global.value))
            }
            Follows::Slot => {
                report.globals += 1;
                Global::Slot
            }
            _ => Global::Number,
        };
        draft_globals.insert(global.index, kind);
    }
    let low = lowest_address(lowest, stack, memory_end);
    let align = distances
        .data
        .first()
        .map_or(0, |distance| distance.trailing_zeros());
    // Without records for its slots it must not get others.
    let own_table = match distances.slots.is_empty() && !slots.is_empty() {
        true => OWN_TABLE,
        false => 0,
    };
    let draft = Draft {
        bytes: base.bytes,
        module: &base.module,
        edits: code.edits,
        segments: data::segments(&base_image, data.ranges, low, memory_end),
        words: data.words,
        globals: draft_globals,
        undefined: Vec::new(),
        sections: BTreeMap::new(),
        customs: BTreeMap::new(),
        table_base: 0,
        converted: Converted {
            flags: COMPLETE | ATTACHED | own_table | align << 8,
            slots: distances.slots.first().copied().unwrap_or(0),
        },
    };
    let written = draft.write();
    report.dropped = written.dropped;
    Ok(Found {
        bytes: written.bytes,
        report,
    })
}

/// The initial memory of one of them.
fn image<'a>(twin: &Twin<'a>) -> Result<Image<'a>> {
    let address = |at: usize| twin.module.segments[at].address.map(|address| address.0);
    Image::read(twin.bytes, &twin.module, address)
}

/// An address that lies nowhere in the memory of the module, by one twin alone: another number, or a letter, can
/// differ by as much.
fn implausible(code: &code::Compared, data: &data::Compared, memory_end: u64) -> Option<Problem> {
    let is_outside = |address: u32| u64::from(address) > memory_end;
    let operand = || {
        code.edits.iter().find_map(|edit| {
            let mut pieces = edit.pieces.iter();
            pieces.find_map(|piece| match piece {
                Piece::Address(address) | Piece::Offset(address) if is_outside(*address) => {
                    Some(("code", edit.range.start, *address))
                }
                _ => None,
            })
        })
    };
    let word = data.highest.filter(|word| is_outside(word.1));
    let found = word.map(|(at, value)| ("data", at, value)).or_else(operand);
    let (section, at, value) = found?;
    let what = format!(
        "Cannot tell whether {value:#x} is an address: it differs by the distance of the bases, and lies outside \
         of the module's memory"
    );
    Some(
        Said::new("twin_unconfirmed", what, code::FAR)
            .at(section, at)
            .into(),
    )
}

/// The first address that belongs to the module's data: not above anything that it refers to. Zeros are not in
/// the file, so this goes down to the page's start, or to the stack below.
fn lowest_address(lowest: Option<u64>, stack: Stack, memory_end: u64) -> u64 {
    let page = |address: u64| (address / PAGE * PAGE).max(FIRST_ADDRESS);
    let low = lowest.map_or(FIRST_ADDRESS, page);
    let low = match stack {
        Stack::Apart { top, .. } => low.max(u64::from(top)),
        // Where the stack begins is not known, if it lies below the data and moves with it.
        Stack::Inside { top, .. } if u64::from(top) <= low => FIRST_ADDRESS,
        _ => low,
    };
    // The end of the memory is an address, too, and moves with something.
    match low < memory_end {
        true => low,
        false => memory_end.saturating_sub(PAGE),
    }
}

/// Refuses memories that nothing here can move.
fn memory_is_known(module: &Module) -> Result<()> {
    let Some(memory) = module.memories.first() else {
        return Ok(());
    };
    let refuse = |code, what: &str, hint: &str| {
        Err(Said::new(code, format!("Cannot move the module: {what}"), hint).into())
    };
    if module.memories.len() > 1 {
        return refuse(
            "multiple_memories",
            "it has more than one memory",
            "Link with one memory (no --multi-memory)",
        );
    }
    if memory.ty.wide {
        return refuse(
            "memory64",
            "its memory is addressed with 64 bits",
            "Build for wasm32",
        );
    }
    if memory.ty.shared {
        return refuse(
            "shared_memory",
            "its memory is shared between threads",
            "Build without -pthread, -matomics and --shared-memory",
        );
    }
    if memory.ty.initial * PAGE >= 1 << 32 {
        return refuse(
            "memory_limit",
            "its memory takes all addresses from the start",
            "Link with a smaller --initial-memory",
        );
    }
    Ok(())
}

/// The value of a global, if it is a plain number.
fn number(init: Init) -> Option<u32> {
    match init {
        Init::I32(value) => Some(value),
        _ => None,
    }
}
