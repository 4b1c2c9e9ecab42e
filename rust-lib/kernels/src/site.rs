//! A site: a place in the file and what moves it. In: nothing. Out: types, and the loop that adds deltas.

use crate::leb;

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
    /// By number; three bits hold one more than there are.
    const ALL: [Class; CLASSES + 1] = [
        Class::Fixed,
        Class::Data,
        Class::StackLow,
        Class::StackHigh,
        Class::HeapBase,
        Class::HeapEnd,
        Class::Slot,
        Class::Fixed,
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

    /// An address in code.
    #[inline(always)]
    pub(crate) const fn code(offset: u32, signed: bool) -> Self {
        const _: () = assert!(Form::Leb as u8 == 0 && Form::Sleb as u8 == 1);
        Self((offset as u64) << 16 | (signed as u64) << 8 | Class::Data as u64)
    }

    /// Fills space.
    pub(crate) const NONE: Self = Self(0);

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
        Class::ALL[(self.0 & 7) as usize]
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

/// Adds the deltas at sites. `part` starts at `offset` of the file and holds every site whole.
#[inline(never)]
pub fn patch(part: &mut [u8], offset: usize, sites: &[Site], deltas: &Deltas) {
    for site in sites {
        let at = site.offset().wrapping_sub(offset);
        if let Some(site_bytes) = part.get_mut(at..) {
            leb::add(site_bytes, site.form(), deltas.of(site.class()));
        }
    }
}
