//! What a moved module must be, worked out without the core's writer.
//!
//! In: the old file, its sites, the deltas, and the new file. Out: nothing, or a panic that says what
//! differs. Both files are taken apart with the core's skeleton reader; values at sites are read and
//! written here once more.

use crate::build::stored_bytes;
use std::collections::BTreeMap;
use wasm_share_relocator::emit::Move;
use wasm_share_relocator::inspect::Inspected;
use wasm_share_relocator::model::{Class, Deltas, Form};
use wasm_share_relocator::wasm::{ElementSegment, Init, Module, id};
use wasmparser::Validator;

/// A place in the file and what moves it.
pub type Place = (usize, Form, Class);

/// What moves in a module.
#[derive(Clone, Debug, Default)]
pub struct Moving {
    /// Places in the file.
    pub places: Vec<Place>,
    /// Globals.
    pub globals: BTreeMap<u32, Class>,
    /// The table whose slots move.
    pub table: Option<u32>,
}

impl Moving {
    /// What the core found.
    pub fn found(found: &Inspected) -> Self {
        let places = found.sites.sections.iter().flat_map(|s| &s.sites);
        Moving {
            places: places.map(|s| (s.offset(), s.form(), s.class())).collect(),
            globals: found
                .sites
                .globals
                .iter()
                .map(|g| (g.index.0, g.class))
                .collect(),
            table: found.table.as_ref().map(|t| t.table),
        }
    }
}

/// Whether `wasmparser` accepts a module.
pub fn is_valid(bytes: &[u8]) -> bool {
    Validator::new().validate_all(bytes).is_ok()
}

/// Demands that `wasmparser` accepts a module.
pub fn must_be_valid(bytes: &[u8], what: &str) {
    if let Err(error) = Validator::new().validate_all(bytes) {
        panic!("{what} is not valid: {error}");
    }
}

fn read_site(bytes: &[u8], form: Form) -> u32 {
    match form {
        Form::Word => u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        Form::Leb | Form::Sleb => {
            let bits = |at: usize| (bytes[at] as u32 & 0x7f) << (7 * at);
            bits(0) | bits(1) | bits(2) | bits(3) | bits(4)
        }
    }
}

/// The old file with every site moved, nothing else.
fn patched(bytes: &[u8], moving: &Moving, deltas: &Deltas) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for (at, form, class) in &moving.places {
        let value = read_site(&out[*at..], *form).wrapping_add(deltas.of(*class));
        let site = stored_bytes(*form, value);
        out[*at..*at + site.len()].copy_from_slice(&site);
    }
    out
}

/// Demands that `new` is `old`, moved by `to`.
pub fn must_be_moved(
    old: &[u8],
    module: &Module,
    moving: &Moving,
    to: &Move<'_>,
    new: &[u8],
) -> Module {
    let deltas = &to.deltas;
    let moved = match Module::read(new) {
        Ok(moved) => moved,
        Err(problem) => panic!("the output cannot be read: {problem:?}"),
    };
    let patched = patched(old, moving, deltas);
    let body = |id: u8| module.section(id).map(|(_, s)| &patched[s.body.clone()]);
    let new_body = |id: u8| moved.section(id).map(|(_, s)| &new[s.body.clone()]);
    for id in [
        id::TYPE,
        id::FUNCTION,
        id::TAG,
        id::EXPORT,
        id::START,
        id::CODE,
        id::DATA_COUNT,
    ] {
        assert_same(body(id), new_body(id), id);
    }
    customs(old, &patched, module, new, &moved, to);
    globals(old, module, moving, deltas, new, &moved);
    elements(old, module, moving, deltas, new, &moved);
    data(&patched, module, deltas, new, &moved);
    moved
}

fn assert_same(old: Option<&[u8]>, new: Option<&[u8]>, id: u8) {
    if old == new {
        return;
    }
    let (Some(old), Some(new)) = (old, new) else {
        panic!("section {id} came or went");
    };
    let first = old.iter().zip(new).position(|(a, b)| a != b);
    panic!(
        "section {id} differs at {first:x?} of {} and {} bytes",
        old.len(),
        new.len()
    );
}

/// Custom sections that are not about records, in their order.
fn customs(old: &[u8], patched: &[u8], module: &Module, new: &[u8], moved: &Module, to: &Move<'_>) {
    let wanted = |name: &[u8]| {
        name != b"linking"
            && !name.starts_with(b"reloc.")
            && name != b"wasm-share"
            // A static link may have one, which says what `linking` says: it is dropped.
            && name != b"dylink.0"
            && name != b"name"
    };
    let before: Vec<(&[u8], &[u8])> = module
        .customs(old)
        .filter(|c| wanted(c.1))
        .map(|c| (c.1, &patched[c.2.body.clone()]))
        .collect();
    let after: Vec<(&[u8], &[u8])> = moved
        .customs(new)
        .filter(|c| wanted(c.1))
        .map(|c| (c.1, &new[c.2.body.clone()]))
        .collect();
    assert!(before == after, "custom sections differ");
    let records = |c: &(_, &[u8], _)| c.1 == b"linking" || c.1.starts_with(b"reloc.");
    let kept = moved.customs(new).filter(records).count();
    let expected = if to.strip {
        0
    } else {
        module.customs(old).filter(records).count()
    };
    assert_eq!(kept, expected, "sections about records");
}

fn globals(
    old: &[u8],
    module: &Module,
    moving: &Moving,
    deltas: &Deltas,
    new: &[u8],
    moved: &Module,
) {
    assert_eq!(module.globals.len(), moved.globals.len(), "globals");
    for (at, (before, after)) in module.globals.iter().zip(&moved.globals).enumerate() {
        let index = module.imported_globals + at as u32;
        assert_eq!(before.ty, after.ty, "type of global {index}");
        match moving.globals.get(&index) {
            None => assert_eq!(old[before.entry.clone()], new[after.entry.clone()]),
            Some(class) => {
                let Init::I32(value) = before.init else {
                    panic!("global {index} has no number that could move");
                };
                let expected = Init::I32(value.wrapping_add(deltas.of(*class)));
                assert_eq!(after.init, expected, "global {index} {class:?}");
            }
        }
    }
}

fn elements(
    old: &[u8],
    module: &Module,
    moving: &Moving,
    deltas: &Deltas,
    new: &[u8],
    moved: &Module,
) {
    assert_eq!(
        module.elements.len(),
        moved.elements.len(),
        "element segments"
    );
    for (before, after) in module.elements.iter().zip(&moved.elements) {
        match before.kind {
            ElementSegment::Active {
                table,
                offset: Init::I32(slot),
            } if Some(table) == moving.table => {
                let slot = slot.wrapping_add(deltas.of(Class::Slot));
                let kind = ElementSegment::Active {
                    table,
                    offset: Init::I32(slot),
                };
                assert_eq!(after.kind, kind);
                assert_eq!(
                    old[before.offset_expr.end..before.entry.end],
                    new[after.offset_expr.end..after.entry.end]
                );
            }
            _ => assert_eq!(old[before.entry.clone()], new[after.entry.clone()]),
        }
    }
}

/// The data of the two files must make the same memory. Segments can be cut at zeros.
fn data(patched: &[u8], module: &Module, deltas: &Deltas, new: &[u8], moved: &Module) {
    let delta = deltas.of(Class::Data);
    let old: Vec<(u32, &[u8])> = module
        .segments
        .iter()
        .filter_map(|s| Some((s.address?.0.wrapping_add(delta), &patched[s.bytes.clone()])))
        .collect();
    let pieces: Vec<(u32, &[u8])> = moved
        .segments
        .iter()
        .filter_map(|s| Some((s.address?.0, &new[s.bytes.clone()])))
        .collect();
    assert_eq!(
        pieces.len(),
        moved.segments.len(),
        "all segments are active"
    );
    if old == pieces {
        return;
    }
    let mut rest = pieces.iter().peekable();
    for (address, bytes) in &old {
        let mut memory = vec![0; bytes.len()];
        while let Some((at, piece)) = rest.peek() {
            let start = at.wrapping_sub(*address) as usize;
            if start >= bytes.len() || start + piece.len() > bytes.len() {
                break;
            }
            memory[start..start + piece.len()].copy_from_slice(piece);
            rest.next();
        }
        assert!(memory == *bytes, "memory at {address:#x} differs");
    }
    assert!(
        rest.next().is_none(),
        "a piece of data belongs to no segment"
    );
    let mut spans: Vec<(u64, u64)> = old
        .iter()
        .map(|s| (s.0 as u64, s.0 as u64 + s.1.len() as u64))
        .collect();
    spans.sort_unstable();
    let overlap = spans
        .windows(2)
        .any(|pair| pair[0].1 > pair[1].0 && pair[1].1 > pair[1].0);
    let sizes = |list: &[(u32, &[u8])]| list.iter().map(|s| (s.0, s.1.len())).collect::<Vec<_>>();
    assert!(
        !overlap,
        "segments that overlap were cut: {:x?} {:x?}",
        sizes(&old),
        sizes(&pieces)
    );
}
