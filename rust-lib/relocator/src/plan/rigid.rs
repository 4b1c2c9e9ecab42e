//! One module moved as a whole: the plan behind `relocate(module, offset, newHeapBase)`.
//!
//! In: an inspected module and an offset in bytes. Out: the deltas of its sites. Everything moves by
//! the offset, linker-made addresses too; a new heap base makes the heap empty there, so that two
//! modules with the same heap base do not claim the same bytes.

use super::{ADDRESS_SPACE, FIRST_ADDRESS};
use crate::error::{Code, Problem, Result};
use crate::inspect::{Inspected, PAGE};
use crate::model::{Claim, Class, Deltas};
use crate::text::text;

/// How a whole module moves.
#[derive(Clone, Copy, Debug)]
pub struct Rigid {
    /// By how much each class moves.
    pub deltas: Deltas,
    /// Pages that the moved module needs.
    pub min_pages: u32,
}

/// Plans the move of one module.
///
/// # Errors
/// `misaligned_offset`, `address_overflow`, `invalid_option`.
pub fn rigid(found: &Inspected, offset: i64, heap_base: Option<u32>) -> Result<Rigid> {
    let align = found.alignment as i64;
    if offset % align != 0 {
        let down = offset - offset.rem_euclid(align);
        return Err(Problem::new(
            Code::MisalignedOffset,
            text!(
                "Cannot move the module by {} bytes: the offset is not a multiple of {}",
                offset,
                align
            ),
        )
        .hint(text!("Use {} or {}", down, down.saturating_add(align))));
    }
    let moved = |address: u64| {
        let to = (address as i64).saturating_add(offset);
        if (0..ADDRESS_SPACE as i64).contains(&to) {
            Ok(to as u64)
        } else {
            Err(Problem::new(
                Code::AddressOverflow,
                text!("Cannot move the module by {} bytes: address {:#x} would become {}, outside the 4 GiB of a memory", offset, address, to),
            )
            .hint(text!("Use an offset that keeps every address from 0 to 2^32 - 1")))
        }
    };
    // A module without data and stack has no address that would say so.
    moved(if offset < 0 { ADDRESS_SPACE - 1 } else { 0 })?;
    let mut end = 0;
    for span in [found.stack, found.data].into_iter().flatten() {
        moved(span.start)?;
        end = end.max(moved(span.end)?);
    }
    if let Some(data) = found.data.filter(|d| d.size() > 0)
        && moved(data.start)? < FIRST_ADDRESS
    {
        return Err(Problem::new(
            Code::AddressOverflow,
            text!(
                "Cannot move the module by {} bytes: its data would lie below address {}",
                offset,
                FIRST_ADDRESS
            ),
        )
        .hint(text!("Use a larger offset")));
    }
    let mut deltas = Deltas::default();
    for class in [
        Class::Data,
        Class::StackLow,
        Class::StackHigh,
        Class::HeapBase,
        Class::HeapEnd,
    ] {
        deltas.set(class, offset as u32);
    }
    match heap_base {
        None => {
            end = end.max(moved(found.heap.base)?);
            if found.heap.claim == Claim::Piece {
                end = end.max(moved(found.heap.end)?);
            }
        }
        Some(base) if (base as u64) < end => {
            return Err(Problem::new(
                Code::InvalidOption,
                text!(
                    "Cannot set the heap base to {:#x}: the moved module ends at {:#x}",
                    base,
                    end
                ),
            )
            .hint(text!(
                "Use {:#x} or higher",
                end.next_multiple_of(super::ALIGN as u64)
            )));
        }
        Some(base) if base % super::ALIGN != 0 => {
            return Err(Problem::new(
                Code::InvalidOption,
                text!(
                    "Cannot set the heap base to {:#x}: it is not a multiple of {}",
                    base,
                    super::ALIGN
                ),
            )
            .hint(text!(
                "Use {:#x}",
                (base as u64).next_multiple_of(super::ALIGN as u64)
            )));
        }
        Some(base) => {
            deltas.set(Class::HeapBase, base.wrapping_sub(found.heap.base as u32));
            deltas.set(Class::HeapEnd, base.wrapping_sub(found.heap.end as u32));
            end = end.max(base as u64);
        }
    }
    Ok(Rigid {
        deltas,
        min_pages: end.div_ceil(PAGE) as u32,
    })
}
