//! The narrow waist: what every reader produces and every consumer reads.
//!
//! A [`Site`] is a place whose value moves when its region moves; a [`SiteMap`] holds all of them,
//! sorted by place. [`Deltas`] says by how much each region moves.

use crate::ids::{Addr, GlobalIndex, SectionIndex};
use serde::Serialize;

/// What a value refers to, and so what moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Nothing moves it.
    Fixed,
    /// The module's static data.
    Data,
    /// The lower end of the stack (`__stack_low`).
    StackLow,
    /// The upper end of the stack (`__stack_high`, the initial `__stack_pointer`).
    StackHigh,
    /// `__heap_base`.
    HeapBase,
    /// `__heap_end`.
    HeapEnd,
    /// The module's part of the function table.
    Slot,
}

/// Number of [`Class`] values.
pub const CLASSES: usize = 7;

impl Class {
    const ALL: [Class; CLASSES] = [
        Class::Fixed,
        Class::Data,
        Class::StackLow,
        Class::StackHigh,
        Class::HeapBase,
        Class::HeapEnd,
        Class::Slot,
    ];
}

/// How a value is stored at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// Unsigned LEB128 padded to 5 bytes.
    Leb,
    /// Signed LEB128 padded to 5 bytes.
    Sleb,
    /// Little-endian 32-bit word.
    Word,
}

impl Form {
    /// Bytes that the value takes.
    pub const fn width(self) -> usize {
        match self {
            Form::Leb | Form::Sleb => 5,
            Form::Word => 4,
        }
    }
}

/// A place in the file and what moves it, in 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site(u64);

impl Site {
    /// A site at `offset` in the file.
    pub const fn new(offset: u32, form: Form, class: Class) -> Self {
        Self((offset as u64) << 16 | (form as u64) << 8 | class as u64)
    }

    /// Offset in the file.
    pub const fn offset(self) -> usize {
        (self.0 >> 16) as usize
    }

    /// How the value is stored.
    pub const fn form(self) -> Form {
        match (self.0 >> 8) as u8 {
            0 => Form::Leb,
            1 => Form::Sleb,
            _ => Form::Word,
        }
    }

    /// What moves the value.
    pub const fn class(self) -> Class {
        Class::ALL[(self.0 & 7) as usize % CLASSES]
    }
}

impl core::fmt::Debug for Site {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{:#x} {:?} {:?}",
            self.offset(),
            self.form(),
            self.class()
        )
    }
}

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
            .iter()
            .find(|s| s.section == section)
            .map_or(&[], |s| &s.sites)
    }
}

/// By how much each [`Class`] moves, modulo 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deltas([u32; CLASSES]);

impl Deltas {
    /// The delta of a class.
    pub const fn of(&self, class: Class) -> u32 {
        self.0[class as usize]
    }

    /// Sets the delta of a class. [`Class::Fixed`] stays 0.
    pub fn set(&mut self, class: Class, delta: u32) {
        if class != Class::Fixed {
            self.0[class as usize] = delta;
        }
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

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> core::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("Span", 3)?;
        s.serialize_field("start", &self.start)?;
        s.serialize_field("end", &self.end)?;
        s.serialize_field("size", &self.size())?;
        s.end()
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
