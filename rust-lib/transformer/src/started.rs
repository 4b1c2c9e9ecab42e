//! Which exported functions the start function runs: what it has run, no loader must run again.
//!
//! In: a module. Out: names of exports. Direct calls are followed; what is called through a table is
//! not seen.

use std::collections::BTreeSet;

use walrus::ir::{Call, ReturnCall, Visitor, dfs_in_order};
use walrus::{ExportItem, FunctionId, FunctionKind, Module};

/// The exports that the start function is, or calls, however deep. Empty without a start function; `None`
/// for a module that cannot be read.
pub fn started(bytes: &[u8]) -> Option<Vec<String>> {
    let module = Module::from_buffer(bytes).ok()?;
    let mut seen = BTreeSet::new();
    let mut calls = Calls(module.start.into_iter().collect());
    while let Some(id) = calls.0.pop() {
        if seen.insert(id)
            && let FunctionKind::Local(function) = &module.funcs.get(id).kind
        {
            dfs_in_order(&mut calls, function, function.entry_block());
        }
    }
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
