//! Everything but code and data: what must be the same in twins, and what may differ.

use wasm_share_relocator::externs::Extern;
use wasm_share_relocator::wasm::{Element, ElementSegment, Init, Module, const_expr, id, reader};

use super::distance::{Distances, Follows, Unknown};
use super::{Twin, number};
use crate::error::{Problem, Result, Said};

/// A defined global that starts as a number.
#[derive(Clone, Copy, Debug)]
pub struct NumberGlobal {
    /// Its index.
    pub index: u32,
    /// Its initial value.
    pub value: u32,
    /// Whether it can be set.
    pub mutable: bool,
    /// How the value follows.
    pub follows: Follows,
}

/// Functions by slot, in the table that moves.
#[derive(Debug, Default)]
pub struct Slots(Vec<(u32, Vec<Option<u32>>)>);

impl Slots {
    /// How many slots are filled.
    pub fn len(&self) -> u32 {
        self.0
            .iter()
            .map(|(_, functions)| functions.len() as u32)
            .sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The function in a slot.
    pub fn function(&self, slot: u32) -> Option<u32> {
        self.0
            .iter()
            .find_map(|(first, functions)| *functions.get(slot.checked_sub(*first)? as usize)?)
    }
}

/// What to do when twins are none.
pub const HINT: &str =
    "Build the twin from the same sources with the same tools and flags; only the base may differ";

/// They are not of one program.
pub fn mismatch(what: impl Into<String>, section: &'static str, at: usize) -> Problem {
    let message = format!(
        "The twin is not the same program at another base: {}",
        what.into()
    );
    Said::new("twin_mismatch", message, HINT)
        .at(section, at)
        .into()
}

/// Sections that must be equal.
const EQUAL: [(u8, &str); 5] = [
    (id::TYPE, "type"),
    (id::FUNCTION, "function"),
    (id::TAG, "tag"),
    (id::EXPORT, "export"),
    (id::START, "start"),
];

/// Compares all small sections.
///
/// # Errors
/// `twin_mismatch`, one a section.
pub fn compare(base: &Twin<'_>, others: &[Twin<'_>]) -> core::result::Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for other in others {
        for (id, name) in EQUAL {
            let body = |twin: &Twin<'_>| {
                twin.module
                    .section(id)
                    .map(|(_, section)| twin.bytes[section.body.clone()].to_vec())
            };
            if body(base) != body(other) {
                let at = base
                    .module
                    .section(id)
                    .map_or(0, |(_, section)| section.header);
                problems.push(mismatch(
                    format!("the sections \"{name}\" differ"),
                    name,
                    at,
                ));
            }
        }
        let mut says = |found: Option<(String, &'static str, usize)>| {
            problems.extend(found.map(|(what, section, at)| mismatch(what, section, at)));
        };
        says(imports(base, other));
        says(lengths(base, other));
        says(elements(base, other));
        if !problems.is_empty() {
            break;
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn imports(base: &Twin<'_>, other: &Twin<'_>) -> Option<(String, &'static str, usize)> {
    let (a, b) = (&base.module.imports, &other.module.imports);
    let at = base
        .module
        .section(id::IMPORT)
        .map_or(0, |(_, section)| section.header);
    if a.len() != b.len() {
        let what = format!("it has {} imports, and the module has {}", b.len(), a.len());
        return Some((what, "import", at));
    }
    a.iter().zip(b).find_map(|(a, b)| {
        let name = |twin: &Twin<'_>, import: &wasm_share_relocator::wasm::Import| {
            twin.bytes[import.entry.start..import.name.end].to_vec()
        };
        let same = name(base, a) == name(other, b)
            && match (a.ty, b.ty) {
                // Their limits follow the base.
                (Extern::Memory(_), Extern::Memory(_)) | (Extern::Table(..), Extern::Table(..)) => {
                    true
                }
                _ => base.bytes[a.entry.clone()] == other.bytes[b.entry.clone()],
            };
        (!same).then(|| ("an import differs".into(), "import", a.entry.start))
    })
}

fn lengths(base: &Twin<'_>, other: &Twin<'_>) -> Option<(String, &'static str, usize)> {
    let (a, b) = (&base.module, &other.module);
    let lists = [
        ("tables", "table", a.tables.len(), b.tables.len()),
        ("memories", "memory", a.memories.len(), b.memories.len()),
        ("globals", "global", a.globals.len(), b.globals.len()),
        (
            "element segments",
            "element",
            a.elements.len(),
            b.elements.len(),
        ),
    ];
    lists.into_iter().find_map(|(what, section, a, b)| {
        (a != b).then(|| {
            (
                format!("it has {b} {what}, and the module has {a}"),
                section,
                0,
            )
        })
    })
}

fn elements(base: &Twin<'_>, other: &Twin<'_>) -> Option<(String, &'static str, usize)> {
    let mut pairs = base.module.elements.iter().zip(&other.module.elements);
    pairs.find_map(|(a, b)| {
        let kind = |element: &Element| match element.kind {
            ElementSegment::Active {
                table,
                offset: Init::I32(_),
            } => (0, table),
            ElementSegment::Active { table, .. } => (1, table),
            ElementSegment::Passive => (2, 0),
            ElementSegment::Declared => (3, 0),
        };
        let same = kind(a) == kind(b)
            && a.count == b.count
            && base.bytes[a.items.clone()] == other.bytes[b.items.clone()];
        (!same).then(|| {
            (
                "the functions in its table differ".into(),
                "element",
                a.entry.start,
            )
        })
    })
}

/// Reads which function each slot holds.
///
/// # Errors
/// `malformed_module`.
pub fn slots(bytes: &[u8], module: &Module) -> Result<Slots> {
    let mut slots = Vec::new();
    for element in &module.elements {
        let ElementSegment::Active {
            offset: Init::I32(first),
            ..
        } = element.kind
        else {
            continue;
        };
        let mut r = reader(bytes, &element.items);
        let mut functions = Vec::with_capacity(element.count as usize);
        for _ in 0..element.count {
            functions.push(match element.expressions {
                false => Some(r.read_var_u32()?),
                true => match const_expr(&mut r)?.0 {
                    Init::Func(function) => Some(function),
                    _ => None,
                },
            });
        }
        slots.push((first, functions));
    }
    Ok(Slots(slots))
}

/// Compares the defined globals; those that start as an `i32`.
pub fn globals(
    base: &Twin<'_>,
    others: &[Twin<'_>],
    distances: &Distances,
    problems: &mut Vec<Problem>,
) -> Vec<NumberGlobal> {
    let mut found = Vec::new();
    for (at, global) in base.module.globals.iter().enumerate() {
        let index = base.module.imported_globals + at as u32;
        let differs = |what: String| mismatch(what, "global", global.entry.start);
        let Some(value) = number(global.init) else {
            let init = |twin: &Twin<'_>| twin.bytes[twin.module.globals[at].entry.clone()].to_vec();
            if others.iter().any(|other| init(other) != init(base)) {
                problems.push(differs(format!("global {index} differs")));
            }
            continue;
        };
        let values: Option<Vec<u64>> = others
            .iter()
            .map(|other| &other.module.globals[at])
            .map(|other| {
                number(other.init)
                    .filter(|_| other.ty == global.ty)
                    .map(u64::from)
            })
            .collect();
        let Some(values) = values else {
            problems.push(differs(format!("global {index} has another type")));
            continue;
        };
        match distances.explain(value.into(), &values, 32) {
            Ok(follows @ (Follows::Stays | Follows::Address | Follows::Slot)) => {
                found.push(NumberGlobal {
                    index,
                    value,
                    mutable: global.ty.mutable,
                    follows,
                });
            }
            Err(Unknown::Unconfirmed | Unknown::Unexplained) | Ok(_) => {
                let list: Vec<String> = values.iter().map(|value| format!("{value:#x}")).collect();
                problems.push(differs(format!(
                    "global {index} starts as {value:#x}, and as {} there",
                    list.join(" and ")
                )));
            }
        }
    }
    found
}
