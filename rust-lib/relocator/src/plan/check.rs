//! A look at a finished plan by somebody who did not make it.
//!
//! In: a [`Layout`]. Out: nothing, or what is wrong with it: regions that overlap, lie outside the
//! memory or in the null page, are misaligned, or disagree with the modules they belong to. A finding
//! is a defect of this project, so it is reported as such instead of written to a file.

use super::{FIRST_ADDRESS, Layout};
use crate::error::{Code, Problem, Result};
use crate::inspect::PAGE;
use crate::model::Span;
use crate::sort;
use crate::text::{Text, text};

/// Checks a layout.
///
/// # Errors
/// `internal_error`.
pub fn check(layout: &Layout) -> Result<()> {
    let memory = Span::new(0, layout.needed_pages as u64 * PAGE);
    let mut last: Option<&super::Region> = None;
    for region in &layout.regions {
        let what = |why: Text| {
            wrong(text!(
                "the {} of module \"{}\" {}",
                region.kind,
                &region.module,
                why
            ))
        };
        if region.span.end < region.span.start || region.span.end > memory.end {
            return Err(what(text!("lies outside the memory")));
        }
        if !matches!(region.kind, "stack" | "reserved") && region.span.start < FIRST_ADDRESS {
            return Err(what(text!("lies below the first address")));
        }
        if let Some(last) = last
            && last.span.overlaps(region.span)
        {
            return Err(what(text!(
                "overlaps the {} of module \"{}\"",
                last.kind,
                &last.module
            )));
        }
        last = Some(region);
    }
    let mut slots: Vec<Span> = Vec::new();
    for module in &layout.modules {
        let owned = [
            ("stack", module.stack),
            ("data", module.data),
            ("heap", Some(module.heap.span)),
        ];
        for (kind, span) in owned {
            let Some(span) = span.filter(|s| s.size() > 0) else {
                continue;
            };
            let listed = layout
                .regions
                .iter()
                .filter(|r| r.span == span && r.kind == kind && r.module == module.name);
            if listed.count() != 1 {
                return Err(wrong(text!(
                    "the {} of module \"{}\" is not in the list of regions",
                    kind,
                    &module.name
                )));
            }
        }
        if let Some(table) = module.table.filter(|t| t.shared && t.span.size() > 0) {
            if table.span.start == 0 || table.span.end > layout.table_size as u64 {
                return Err(wrong(text!(
                    "the table slots of module \"{}\" lie outside the table",
                    &module.name
                )));
            }
            slots.push(table.span);
        }
    }
    sort::by_key(&mut slots, |s| s.start as u32);
    match slots.windows(2).find(|pair| pair[0].overlaps(pair[1])) {
        Some(_) => Err(wrong(text!("two modules share table slots"))),
        None => Ok(()),
    }
}

fn wrong(what: Text) -> Box<Problem> {
    Problem::new(Code::InternalError, text!("The layout is wrong: {}", what)).hint(text!(
        "This is a defect of wasm-share: please report it with the modules and the config"
    ))
}
