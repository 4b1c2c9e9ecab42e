//! Bytes, sites and deltas in, moved bytes out.
//!
//! In: the file, what the inspection found, and a [`Move`]. Out: the moved module, in [`Parts`]. Sections whose
//! size does not change are patched in the file and not copied; small ones (imports, globals, elements, the
//! headers of data segments) are written anew. There is no search and no decision here: every place comes from
//! the [`SiteMap`](crate::model::SiteMap), every number from the plan.

mod data;
mod relink;
mod sections;

use crate::error::{Code, Problem, Result};
use crate::ids::SectionIndex;
use crate::inspect::{Inspected, STAMP};
use crate::model::{Deltas, Kind};
use crate::text::{Text, text};
use crate::wasm::{Section, id};
use core::ops::Range;
use wasm_encoder::Encode;
use wasm_share_kernels::site;

/// How one module is to be changed.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// By how much each class of sites moves.
    pub deltas: Deltas,
    /// Import names of the memory, and its minimum in pages; `None` if the module has no memory.
    pub memory: Option<(&'a [String; 2], u32)>,
    /// Import names of the shared table, and its minimum in slots; `None` keeps the table as it is.
    pub table: Option<(&'a [String; 2], u32)>,
    /// Drop `linking` and `reloc.*`.
    pub strip: bool,
    /// Leave out runs of zeros: the memory is known to be zero.
    pub trim: bool,
    /// Content of the custom section.
    pub stamp: Option<&'a str>,
}

/// A moved module: parts of the file, which are patched in it, and what was written anew.
#[derive(Debug, Default)]
pub struct Parts {
    file: Vec<u8>,
    made: Vec<u8>,
    /// In order; whether it lies in the file, and where.
    list: Vec<(bool, Range<usize>)>,
    /// Up to here `made` is in `list`.
    listed: usize,
    /// Bytes of the file in `list`.
    kept: usize,
}

impl Parts {
    /// Below this a part of the file is copied: parts cost time, too.
    const SMALL: usize = 1024;

    /// Bytes so far.
    fn len(&self) -> usize {
        self.made.len() + self.kept
    }

    /// Goes on with a part of the file.
    fn keep(&mut self, range: Range<usize>) {
        if range.len() < Self::SMALL {
            self.made.extend_from_slice(&self.file[range]);
            return;
        }
        self.list_made();
        self.kept += range.len();
        self.list.push((true, range));
    }

    fn list_made(&mut self) {
        if self.listed < self.made.len() {
            self.list.push((false, self.listed..self.made.len()));
            self.listed = self.made.len();
        }
    }

    /// The parts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.list.iter().map(|(kept, range)| {
            let of = if *kept { &self.file } else { &self.made };
            &of[range.clone()]
        })
    }

    /// All of them in one.
    pub fn concat(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len());
        self.iter().for_each(|part| all.extend_from_slice(part));
        all
    }
}

/// Writes the moved module.
///
/// # Errors
/// `internal_error` if the space that was reserved is not used exactly.
pub fn emit(bytes: &[u8], found: &Inspected, to: &Move<'_>) -> Result<Vec<u8>> {
    emit_parts(bytes.to_vec(), found, to).map(|parts| parts.concat())
}

/// Writes the moved module into its own file, as far as it can.
///
/// # Errors
/// Those of [`emit`].
pub fn emit_parts(file: Vec<u8>, found: &Inspected, to: &Move<'_>) -> Result<Parts> {
    let module = &found.module;
    let data = data::Data::reserve(&file, found, to);
    let mut out = Parts {
        file,
        ..Parts::default()
    };
    out.keep(0..8);
    let new_imports = module.section(id::IMPORT).is_none() && sections::adds_imports(found, to);
    let imports_after =
        |section: &Section| new_imports && section.id != id::CUSTOM && section.id != id::TYPE;
    let mut imports_done = !new_imports;
    let mut numbers = relink::Numbers::new(module.sections.len());
    let mut count = 0;
    for (at, section) in module.sections.iter().enumerate() {
        if !imports_done && imports_after(section) {
            sections::imports(&out.file, found, to, &mut out.made);
            imports_done = true;
            count += 1;
        }
        let index = SectionIndex(at as u32);
        let start = out.len();
        let (bytes, made) = (&out.file, &mut out.made);
        match section.id {
            id::IMPORT => sections::imports(bytes, found, to, made),
            id::TABLE => sections::tables(bytes, found, to, section, made),
            id::MEMORY => {}
            id::GLOBAL => sections::globals(bytes, found, to, made),
            id::ELEMENT => sections::elements(bytes, found, to, made),
            id::DATA => data.write(found, to, &mut out)?,
            id::CUSTOM => {
                let name = &bytes[section.name.clone()];
                let linking = name == b"linking" || name.starts_with(b"reloc.");
                let drop = to.strip || found.kind != Kind::Relocs;
                // `dylink.0` is for side modules; of a static link it says what `linking` says.
                if name == STAMP.as_bytes() || name == b"dylink.0" || linking && drop {
                } else if linking {
                    numbers.later(index, section.clone());
                    continue;
                } else if name == b"name" && data.renumbers() {
                    data::names_without_segments(bytes, section, made)?;
                } else {
                    patched(found, to, index, section, &mut out);
                }
            }
            _ => patched(found, to, index, section, &mut out),
        }
        if out.len() > start {
            numbers.set(index, count);
            count += 1;
        }
    }
    if !imports_done {
        sections::imports(&out.file, found, to, &mut out.made);
    }
    relink::write(&out.file, found, to, &numbers, &mut out.made)?;
    if let Some(stamp) = to.stamp {
        custom(STAMP, stamp.as_bytes(), &mut out.made);
    }
    out.list_made();
    Ok(out)
}

/// Keeps a section and patches its sites.
fn patched(
    found: &Inspected,
    to: &Move<'_>,
    index: SectionIndex,
    section: &Section,
    out: &mut Parts,
) {
    let range = section.header..section.body.end;
    site::patch(
        &mut out.file[range.clone()],
        section.header,
        found.sites.of(index),
        &to.deltas,
    );
    out.keep(range);
}

/// Writes a section whose body is known.
fn section(id: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(id);
    (body.len() as u32).encode(out);
    out.extend_from_slice(body);
}

/// Writes a custom section.
fn custom(name: &str, content: &[u8], out: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(name.len() + content.len() + 5);
    name.encode(&mut body);
    body.extend_from_slice(content);
    section(id::CUSTOM, &body, out);
}

/// Bytes of an unsigned LEB128.
fn leb_len(value: u32) -> usize {
    (32 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Bytes of a signed LEB128.
fn sleb_len(value: i32) -> usize {
    let bits = 33 - (value ^ (value >> 31)).leading_zeros() as usize;
    bits.div_ceil(7)
}

#[cold]
fn wrong(what: Text) -> Box<Problem> {
    Problem::new(
        Code::InternalError,
        text!("Cannot write the module: {}", what),
    )
    .hint(text!(
        "This is a defect of wasm-share: please report it with the module"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_encoder() {
        for shift in 0..32 {
            for near in [-1i64, 0, 1] {
                let value = ((1i64 << shift) + near) as u32;
                let mut bytes = Vec::new();
                value.encode(&mut bytes);
                assert_eq!(leb_len(value), bytes.len(), "{value:#x}");
                for value in [value as i32, (value as i32).wrapping_neg()] {
                    let mut bytes = Vec::new();
                    value.encode(&mut bytes);
                    assert_eq!(sleb_len(value), bytes.len(), "{value:#x}");
                }
            }
        }
    }
}
