//! Free addresses: a cursor that only grows, around ranges that are taken already.
//!
//! In: sizes and alignments. Out: starts. Everything is wide (`u64`), so that a set that does not fit
//! is seen as a number and not as a wrap.

use super::FIRST_ADDRESS;
use crate::model::Span;

/// The first address from `at` on that differs from `like` by a multiple of `align` (a power of two).
pub fn aligned_like(at: u64, like: u64, align: u32) -> u64 {
    at + (like.wrapping_sub(at) & (align as u64 - 1))
}

/// The address space of a run.
#[derive(Debug)]
pub struct Space {
    cursor: u64,
    /// Sorted, without overlap.
    fixed: Vec<Span>,
}

impl Default for Space {
    fn default() -> Self {
        Self {
            cursor: FIRST_ADDRESS,
            fixed: Vec::new(),
        }
    }
}

impl Space {
    /// Takes a range; the range that it would overlap if it cannot.
    pub fn fix(&mut self, span: Span) -> Result<(), Span> {
        if let Some(other) = self.fixed.iter().find(|other| other.overlaps(span)) {
            return Err(*other);
        }
        let at = self.fixed.partition_point(|other| *other < span);
        self.fixed.insert(at, span);
        Ok(())
    }

    /// Whether nothing fixed lies in a range.
    pub fn is_free(&self, span: Span) -> bool {
        !self.fixed.iter().any(|other| other.overlaps(span))
    }

    /// Moves the cursor up to an address.
    pub fn skip_to(&mut self, address: u64) {
        self.cursor = self.cursor.max(address);
    }

    /// The first free address that differs from `like` by a multiple of `align` (a power of two).
    pub fn place(&mut self, size: u64, align: u32, like: u64) -> u64 {
        let mut at = self.cursor;
        loop {
            let start = aligned_like(at, like, align);
            let span = Span::new(start, start + size);
            match self.fixed.iter().find(|other| other.overlaps(span)) {
                Some(other) => at = other.end,
                None => {
                    self.cursor = span.end;
                    return start;
                }
            }
        }
    }

    /// The first address above everything.
    pub fn end(&self) -> u64 {
        self.fixed.last().map_or(0, |s| s.end).max(self.cursor)
    }
}
