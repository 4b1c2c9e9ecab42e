//! How far the bases of twins are apart, and what a difference between them means.
//!
//! In: modules. Out: [`Distances`], which say of any number in them how it follows a move: not at all, as an
//! address, as a slot of the table, as the number of a page, or as an address with the other sign.

use wasm_share_relocator::inspect::PAGE;
use wasm_share_relocator::wasm::{ElementSegment, Init};

use super::Twin;
use crate::error::{Problem, Result, Said};
use crate::image::Image;

/// So much can zeros at the start of data shift where it seems to begin: one word.
const WORD: i64 = 4;

/// The least distance. A page count is an address divided by it, so nothing below it can be told apart.
pub const LEAST: u32 = PAGE as u32;

/// How a number follows a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// It stays.
    Stays,
    /// It is an address.
    Address,
    /// It is a slot of the table.
    Slot,
    /// It is the number of a page of 64 KiB.
    Page,
    /// It is 0 minus an address.
    Negated,
}

/// Why it is not known how a number follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing explains the difference.
    Unexplained,
    /// A page count or an address with the other sign would, but another number could, too.
    Unconfirmed,
}

/// How far each twin is from the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distances {
    /// In bytes; the nearest first.
    pub data: Vec<u32>,
    /// In slots of the table. Empty if the tables are at the same base.
    pub slots: Vec<u32>,
}

impl Distances {
    /// Finds them.
    ///
    /// # Errors
    /// `twin_granularity`, `twin_mismatch`.
    pub fn read(base: &Twin<'_>, image: &Image<'_>, others: &[Twin<'_>]) -> Result<Self> {
        let mut data = Vec::with_capacity(others.len());
        for other in others {
            data.push(between(base, image, other)? as u32);
        }
        let mut slots = Vec::with_capacity(others.len());
        for other in others {
            slots.push(slots_between(base, other)?);
        }
        if slots.iter().all(|slot| *slot == 0) {
            slots.clear();
        }
        let found = Self { data, slots };
        found.check(base)?;
        Ok(found)
    }

    fn check(&self, base: &Twin<'_>) -> Result<()> {
        let table = |why: String, hint: &str| {
            let at = base
                .module
                .elements
                .first()
                .map_or(0, |element| element.entry.start);
            Err(Said::new("twin_granularity", why, hint)
                .at("element", at)
                .into())
        };
        if self.slots.is_empty() {
            return Ok(());
        }
        if let Some(slot) = self
            .slots
            .iter()
            .find(|slot| !(1..=1 << 20).contains(*slot))
        {
            return table(
                format!(
                    "Cannot compare the tables: their slots are {} apart",
                    *slot as i32
                ),
                "Use table bases that are a little higher, by 2 and 4 (-Wl,--table-base=3 and 5 instead of 1, asc: \
                 --tableBase), or the same in all links",
            );
        }
        let pages: Vec<u32> = self.data.iter().map(|distance| distance / LEAST).collect();
        if pages == self.slots || self.data == self.slots {
            return table(
                format!(
                    "Cannot compare the tables: slots that are {} apart look like numbers of pages",
                    self.slots[0]
                ),
                "Use table bases that are a little higher, by 2 and 4 (-Wl,--table-base=3 and 5 instead of 1, asc: \
                 --tableBase)",
            );
        }
        Ok(())
    }

    /// How a number follows, from how it differs in each twin. `bits` is its width.
    pub fn explain(
        &self,
        base: u64,
        others: &[u64],
        bits: u32,
    ) -> core::result::Result<Follows, Unknown> {
        let mask = u64::MAX >> (64 - bits);
        let is = |distances: &[u32], of: fn(u32) -> u64| {
            let pairs = others.iter().zip(distances);
            distances.len() == others.len() && { pairs }
                .all(|(other, distance)| other.wrapping_sub(base) & mask == of(*distance) & mask)
        };
        let page = |distance: u32| u64::from(distance / LEAST);
        let negated = |distance: u32| u64::from(distance).wrapping_neg();
        if others.iter().all(|other| *other == base) {
            return Ok(Follows::Stays);
        }
        if is(&self.data, u64::from) {
            return Ok(Follows::Address);
        }
        if is(&self.slots, u64::from) {
            return Ok(Follows::Slot);
        }
        let seldom = match () {
            () if is(&self.data, page) => Follows::Page,
            () if is(&self.data, negated) => Follows::Negated,
            () => return Err(Unknown::Unexplained),
        };
        if others.len() < 2 {
            return Err(Unknown::Unconfirmed);
        }
        Ok(seldom)
    }
}

/// Puts the nearest twin first.
///
/// # Errors
/// `twin_granularity`, `twin_mismatch`.
pub fn sort(base: &Twin<'_>, image: &Image<'_>, others: &mut [Twin<'_>]) -> Result<()> {
    let mut distances = Vec::with_capacity(others.len());
    for other in others.iter() {
        distances.push(between(base, image, other)?);
    }
    if let [first, second] = distances[..] {
        if first > second {
            others.swap(0, 1);
            distances.swap(0, 1);
        }
        if first == second || distances[1] % distances[0] != 0 {
            return Err(granularity(
                format!(
                    "Cannot use the second twin: its data is {:#x} bytes away, which is no multiple of {:#x}",
                    distances[1], distances[0]
                ),
                "Link one twin 0x10000 (64 KiB) above the module and the other at 0x7ffe0000",
            ));
        }
    }
    match distances.first() {
        Some(near) if !(*near as u64).is_power_of_two() => Err(granularity(
            format!(
                "Cannot use the twin: its data is {near:#x} bytes away, which is not a power of two"
            ),
            "Link the twin 0x10000 (64 KiB) above the module",
        )),
        _ => Ok(()),
    }
}

/// How far the data of a twin is from that of the module.
fn between(base: &Twin<'_>, image: &Image<'_>, other: &Twin<'_>) -> Result<i64> {
    let pages = |twin: &Twin<'_>| {
        twin.module
            .memories
            .first()
            .map_or(0, |m| m.ty.initial as i64)
    };
    let by_memory = (pages(other) - pages(base)) * PAGE as i64;
    let by_data = image
        .start()
        .zip(super::image(other)?.start())
        .map(|(a, b)| b as i64 - a as i64);
    // Zeros at the start of data are not in the file, so the first word of one can begin a little later.
    let distance = match by_data {
        Some(by_data) if by_memory == 0 || (by_data - by_memory).abs() >= WORD => by_data,
        _ => by_memory,
    };
    if distance == 0 {
        return Err(granularity(
            "Cannot compare the module with its twin: both are at the same base".into(),
            "Link the twin 0x10000 (64 KiB) higher (--global-base; asc: --memoryBase; emcc: -sGLOBAL_BASE)",
        ));
    }
    if distance < 0 {
        return Err(granularity(
            format!(
                "Cannot compare the module with its twin: the twin is {} bytes below it",
                -distance
            ),
            "Exchange the two",
        ));
    }
    if distance % PAGE as i64 != 0 {
        return Err(granularity(
            format!(
                "Cannot compare the module with its twin: it is {distance} bytes away, which is not a multiple of 65536"
            ),
            "Link the twin 0x10000 (64 KiB) above the module",
        ));
    }
    if by_memory != distance && !base.module.memories.is_empty() {
        return Err(Said::new(
            "twin_mismatch",
            format!(
                "Cannot compare the module with its twin: its data is {} pages higher, and its memory begins with {} \
                 pages instead of {}",
                distance / PAGE as i64,
                pages(other),
                pages(base)
            ),
            format!(
                "Without a fixed size of the memory the linker makes it follow; with one, add {distance} bytes to that \
                 of the twin (--initial-memory, -sINITIAL_MEMORY), too"
            ),
        )
        .into());
    }
    Ok(distance)
}

/// How far the slots of a twin are from those of the module.
fn slots_between(base: &Twin<'_>, other: &Twin<'_>) -> Result<u32> {
    let offsets = |twin: &Twin<'_>| -> Vec<Option<u32>> {
        let elements = twin.module.elements.iter();
        let active = elements.filter_map(|element| match element.kind {
            ElementSegment::Active { offset, .. } => Some(offset),
            _ => None,
        });
        let number = |init| match init {
            Init::I32(value) => Some(value),
            _ => None,
        };
        active.map(number).collect()
    };
    let mut distance = None;
    for (a, b) in offsets(base).into_iter().zip(offsets(other)) {
        if let (Some(a), Some(b)) = (a, b) {
            let this = b.wrapping_sub(a);
            if *distance.get_or_insert(this) != this {
                return Err(Said::new(
                    "twin_mismatch",
                    "Cannot compare the tables: their elements are not all the same number of slots apart",
                    "Link all with the same options but the bases",
                )
                .into());
            }
        }
    }
    Ok(distance.unwrap_or(0))
}

fn granularity(message: String, hint: &str) -> Problem {
    Said::new("twin_granularity", message, hint).into()
}
