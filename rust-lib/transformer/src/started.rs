//! Which exported functions the start function runs: what it has run, no loader must run again.
//!
//! In: a module. Out: names of exports. Direct calls are followed; what is called through a table is
//! not seen.

use walrus::ir::{Call, ReturnCall, Visitor, dfs_in_order};
use walrus::{ExportItem, FunctionId, FunctionKind};

use crate::reach;
use crate::sections;

/// The exports that the start function is, or calls, however deep. Empty without a start function; `None`
/// for a module that cannot be read.
pub fn started(bytes: &[u8]) -> Option<Vec<String>> {
    let module = sections::parse(bytes, false).ok()?;
    let seen = reach::closure(module.start.into_iter().collect(), |id| {
        let mut calls = Calls(Vec::new());
        if let FunctionKind::Local(function) = &module.funcs.get(id).kind {
            dfs_in_order(&mut calls, function, function.entry_block());
        }
        calls.0
    });
    let reached = |item: &ExportItem| matches!(item, ExportItem::Function(id) if seen.contains(id));
    let exports = module.exports.iter().filter(|e| reached(&e.item));
    Some(exports.map(|e| e.name.clone()).collect())
}

/// Functions that are called.
struct Calls(Vec<FunctionId>);

impl<'a> Visitor<'a> for Calls {
    fn visit_call(&mut self, call: &Call) {
        self.0.push(call.func);
    }

    fn visit_return_call(&mut self, call: &ReturnCall) {
        self.0.push(call.func);
    }
}
