//! The shared function table: which module gets which slots.
//!
//! In: the tables of the modules. Out: their parts, one behind the other, slot 0 kept null. A module whose
//! table slots are not listed keeps a table of its own, and says so.

use super::{Input, Placed, PlannedTable};
use crate::error::{Code, Problem};
use crate::inspect::slots;
use crate::model::Span;
use crate::text::text;

/// Places all tables; the size of the shared one, 0 if nobody uses it.
pub fn place(
    inputs: &[Input<'_>],
    modules: &mut [Placed],
    warnings: &mut Vec<Problem>,
    problems: &mut Vec<Problem>,
) -> u32 {
    let mut next = 1u64;
    let mut any = false;
    for (input, module) in inputs.iter().zip(modules) {
        let Some(table) = &input.found.table else {
            continue;
        };
        if !input.shares_table() {
            let span = Span::new(table.first as u64, table.first as u64 + table.slots as u64);
            module.table = Some(PlannedTable {
                shared: false,
                span,
            });
            if table.slots > 0 && !input.options.own_table {
                warnings.push(
                    *Problem::new(
                        Code::SeparateTable,
                        text!("The module keeps a table of its own: its table slots are not listed, so function pointers mean \
                         nothing to other modules"),
                    )
                    .hint(text!("Link with --emit-relocs to share one table"))
                    .of(input.name),
                );
            }
            continue;
        }
        any = true;
        let (first, step) = (
            table.first as u64,
            input.found.converted.slots.max(1) as u64,
        );
        // Twins show moves by multiples of their distance only.
        let start = next + (first + step - next % step) % step;
        let span = Span::new(start, start + table.slots as u64);
        next = span.end;
        module.table = Some(PlannedTable { shared: true, span });
    }
    if next > slots::MAX_SLOTS {
        problems.push(
            *Problem::new(
                Code::TableLimit,
                text!(
                    "Cannot share one table: the modules need {} slots, engines allow {}",
                    next,
                    slots::MAX_SLOTS
                ),
            )
            .hint(text!("Split the set")),
        );
    }
    if any { next as u32 } else { 0 }
}
