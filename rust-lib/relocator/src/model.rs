//! The narrow waist: what every reader produces and every consumer reads.
//!
//! A [`Site`](wasm_share_kernels::site::Site) is a place whose value moves when its region moves; a [`SiteMap`] holds all of them,
//! sorted by place. [`Deltas`](wasm_share_kernels::site::Deltas) says by how much each region moves.

use crate::ids::{Addr, GlobalIndex, SectionIndex};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
pub use wasm_share_kernels::site::{CLASSES, Class, Deltas, Form, Site};

/// The sites inside one section.
#[derive(Clone, Debug)]
pub struct SectionSites {
    /// The section that holds them.
    pub section: SectionIndex,
    /// Sorted by offset, without overlap.
    pub sites: Vec<Site>,
}

/// A global whose initial value moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalSite {
    /// Index in the module's index space.
    pub index: GlobalIndex,
    /// What moves it.
    pub class: Class,
}

/// All sites of a module. Offsets of data and element segments move as a whole and are not listed.
#[derive(Clone, Debug, Default)]
pub struct SiteMap {
    /// By section, in file order.
    pub sections: Vec<SectionSites>,
    /// Globals.
    pub globals: Vec<GlobalSite>,
    /// A site in data stores 0 now and would store something else after a move.
    pub zero_sites: bool,
}

impl SiteMap {
    /// The sites of a section.
    pub fn of(&self, section: SectionIndex) -> &[Site] {
        self.sections
            .binary_search_by_key(&section, |s| s.section)
            .map_or(&[], |at| &self.sections[at].sites)
    }
}

/// A half-open range of addresses. The end can be 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// `[start, end)`.
    pub const fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// Bytes.
    pub const fn size(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether an address lies inside.
    pub const fn has(self, address: Addr) -> bool {
        self.start <= address.0 as u64 && (address.0 as u64) < self.end
    }

    /// Whether two ranges share a byte.
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl Span {
    /// Writes `start`, `end` and `size` as fields of an object.
    pub(crate) fn fields<S: serde::ser::SerializeStruct>(
        self,
        object: &mut S,
    ) -> core::result::Result<(), S::Error> {
        object.serialize_field("start", &self.start)?;
        object.serialize_field("end", &self.end)?;
        object.serialize_field("size", &self.size())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Span", 3)?;
        self.fields(&mut object)?;
        object.end()
    }
}

/// What is known about a module's addresses, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Linked with `--emit-relocs`.
    Relocs,
    /// Position independent objects linked statically, without records.
    Pic,
    /// A side module.
    Dylink,
    /// Nothing is known.
    None,
}

/// Who owns the memory above a module's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// No reference to `__heap_base`.
    None,
    /// `[__heap_base, __heap_end)`, then `memory.grow`.
    Piece,
    /// Everything from `__heap_base` to the memory's size.
    All,
}

/// The heap that the linker gave a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Heap {
    /// `__heap_base`.
    pub base: u64,
    /// `__heap_end`: the end of the initial memory.
    pub end: u64,
    /// What the module does with it.
    pub claim: Claim,
}
