//! Side modules (`dylink.0`), placed for good.
//!
//! In: a module that imports where its data and its table slots begin. Out: the same module with both at a place of
//! its own and with records, as if it had been linked statically. What it imports of itself through the GOT
//! becomes a constant, relocations of data are applied, and what other modules define stays an import.
//!
//! | file | what it does |
//! |---|---|
//! | [`info`] | the section `dylink.0` |
//! | [`roles`] | what each imported and defined global is, once the module is placed |
//! | [`apply`] | what the linker's functions store and clear at the start |
//! | [`code`] | reads of bases and GOT entries → constants |
//! | [`small`] | imports, globals, exports, elements and names |
//!
//! Source: tool-conventions, DynamicLinking.md.

pub mod apply;
pub mod code;
pub mod info;
pub mod roles;
pub mod small;

use std::collections::BTreeMap;

use serde::Serialize;
use wasm_share_relocator::inspect::converted::{COMPLETE, Converted};
use wasm_share_relocator::wasm::{Module, const_expr, id, reader};

use crate::draft::{Draft, Global, Undefined};
use crate::error::{Problem, Result, Said};
use crate::image::{Image, join};
use apply::Applied;
use info::Info;
use roles::{Roles, Value};

/// Size of the stack that a side module gets: what wasm-ld gives a module. It runs on that of its host otherwise.
const STACK: u32 = 65536;

/// First slot of the table.
const FIRST_SLOT: u32 = 1;

/// The file, and what is known of it.
pub struct Side<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Where everything lies in it.
    pub module: Module,
    /// What `dylink.0` says.
    pub info: Info,
}

/// Where it is placed.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// `__memory_base`.
    pub memory: u32,
    /// `__table_base`.
    pub table: u32,
}

/// What was done; the JSON of the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Reads of bases and GOT entries that became constants.
    pub constants: u32,
    /// GOT entries of its own symbols, which are no imports any more.
    pub resolved: u32,
    /// GOT entries of symbols of other modules, which stay imports.
    pub imported: u32,
    /// Words of data that were stored at the start, and are in the file now.
    pub applied: u32,
    /// Those that still are stored at the start, because other modules define them.
    pub left: u32,
    /// Libraries that it asks for.
    pub needed: Vec<String>,
    /// Custom sections that were dropped.
    pub dropped: Vec<String>,
}

/// A module with records, and what was done.
pub struct Found {
    /// The module.
    pub bytes: Vec<u8>,
    /// What was done.
    pub report: Report,
}

/// Whether a module is a side module: the section comes first, and it asks for its base.
pub fn is_side(bytes: &[u8]) -> bool {
    Module::read(bytes).is_ok_and(|module| {
        let first = module.sections.first();
        first.is_some_and(|s| s.id == id::CUSTOM && &bytes[s.name.clone()] == b"dylink.0")
            && module
                .imports
                .iter()
                .any(|i| &bytes[i.name.clone()] == b"__memory_base")
    })
}

/// Places a side module and writes the records.
///
/// # Errors
/// `side_module` for what cannot be placed, and what makes a module unreadable.
pub fn convert(bytes: &[u8]) -> core::result::Result<Found, Vec<Problem>> {
    place(bytes).map_err(|problem| vec![problem])
}

fn place(bytes: &[u8]) -> Result<Found> {
    let module = Module::read(bytes)?;
    let info = Info::read(bytes, &module)?;
    if module.tables.len() > 1 {
        return Err(unusable("it has more than one table"));
    }
    let side = Side {
        bytes,
        module,
        info,
    };
    let align = side.info.memory_align;
    let place = Place {
        memory: STACK.max(1 << align),
        table: FIRST_SLOT.next_multiple_of(1 << side.info.table_align),
    };
    let roles = Roles::read(&side, place)?;
    let mut report = Report {
        needed: side.info.needed.clone(),
        resolved: roles.resolved,
        imported: roles.imported.len() as u32,
        ..Report::default()
    };
    let applied = Applied::read(&side, place, &roles)?;
    report.applied = applied.words.len() as u32;
    report.left = applied
        .left
        .as_ref()
        .map_or(0, |(_, left)| left.len() as u32);
    let segments = segments(&side, place, &roles, &applied)?;
    let edits = code::edits(&side, place, &roles, &applied, &mut report)?;
    let mut sections = small::sections(&side, place, &roles);
    if applied.no_start {
        sections.insert(id::START, None);
    }
    let draft = Draft {
        bytes: side.bytes,
        module: &side.module,
        edits,
        segments,
        words: applied
            .words
            .iter()
            .map(|(at, word)| (*at, word.0))
            .collect(),
        globals: roles.defined.clone(),
        undefined: undefined(&side, &roles),
        sections,
        customs: small::names(&side, &roles),
        table_base: place.table,
        converted: Converted {
            flags: COMPLETE | align << 8,
            slots: 1 << side.info.table_align,
        },
    };
    let written = draft.write();
    report.dropped = written.dropped;
    Ok(Found {
        bytes: written.bytes,
        report,
    })
}

/// The data from the base to the end of `.bss`, with the words that were stored at the start.
fn segments(
    side: &Side<'_>,
    place: Place,
    roles: &Roles,
    applied: &Applied,
) -> Result<Vec<(u32, Vec<u8>)>> {
    let addresses = side.module.segments.iter().map(|segment| {
        let mut r = reader(side.bytes, &segment.entry);
        // Flags, and the index of the memory if they say so.
        if r.read_var_u32()? == 2 {
            r.read_var_u32()?;
        }
        let start = r.original_position() as usize;
        let (_, range) = const_expr(&mut r)?;
        Ok(match roles.eval(side.bytes, start..range.end) {
            Some(Value::Memory(offset)) => Some(place.memory.wrapping_add(offset)),
            _ => None,
        })
    });
    let addresses: Vec<Option<u32>> = addresses.collect::<Result<_>>()?;
    let image = Image::read(side.bytes, &side.module, |at| addresses[at])?;
    let low = u64::from(place.memory);
    let end = low + u64::from(side.info.memory_size);
    let mut ranges = image.ranges(0, 0);
    // What is cleared is written as zeros, as the linker does it where it writes records.
    ranges.extend(applied.cleared.iter().cloned());
    ranges.extend(
        applied
            .words
            .keys()
            .map(|at| u64::from(*at)..u64::from(*at) + 4),
    );
    if ranges
        .iter()
        .any(|range| range.start < low || range.end > end)
    {
        return Err(unusable(
            "its data lies outside of the memory that it asks for",
        ));
    }
    if end == low {
        return Ok(Vec::new());
    }
    // So that the data begins where the base is.
    ranges.push(low..low + 1);
    let mut segments: Vec<(u32, Vec<u8>)> = join(ranges)
        .into_iter()
        .map(|range| (range.start as u32, image.bytes(range)))
        .collect();
    for range in &applied.cleared {
        for (start, bytes) in &mut segments {
            let start = u64::from(*start);
            let end = start + bytes.len() as u64;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                bytes[(from - start) as usize..(to - start) as usize].fill(0);
            }
        }
    }
    for (address, (_, value)) in &applied.words {
        let at = segments.partition_point(|segment| segment.0 <= *address) - 1;
        let offset = (address - segments[at].0) as usize;
        segments[at].1[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
    }
    segments.push((end as u32, Vec::new()));
    Ok(segments)
}

/// Symbols that other modules define, and whether they may be missing.
fn undefined(side: &Side<'_>, roles: &Roles) -> Vec<Undefined> {
    let mut list = Vec::new();
    let weak = |name: &str| side.info.weak.contains(name);
    let function = |name: &str| {
        let mut functions = side.module.imports.iter().filter(|import| {
            matches!(
                import.ty,
                wasm_share_relocator::externs::Extern::Function(_)
            )
        });
        functions.position(|import| &side.bytes[import.name.clone()] == name.as_bytes())
    };
    for name in &roles.imported {
        match function(name) {
            Some(index) => list.push(Undefined::Function {
                index: index as u32,
                weak: weak(name),
            }),
            None => list.push(Undefined::Data {
                name: name.clone(),
                weak: weak(name),
            }),
        }
    }
    // Weak functions that are only called.
    for name in &side.info.weak {
        if let (Some(index), false) = (function(name), roles.imported.contains(name)) {
            list.push(Undefined::Function {
                index: index as u32,
                weak: true,
            });
        }
    }
    list
}

/// It cannot be placed.
pub fn unusable(why: &str) -> Problem {
    Said::new(
        "side_module",
        format!("Cannot place the side module: {why}"),
        "Link it statically instead: without -shared or -pie, with -Wl,--emit-relocs",
    )
    .into()
}

/// What is known of the globals of the output, by index.
pub type Globals = BTreeMap<u32, Global>;
