//! Which functions of a module can be reached from which.

use std::collections::BTreeSet;

use walrus::ir::{Instr, InstrLocId, MemoryGrow, Visitor, dfs_in_order};
use walrus::{ConstExpr, ElementItems, ExportItem, FunctionId, FunctionKind, GlobalKind, Module};

/// All functions that the host or the engine can call, and what they call.
pub fn live(module: &Module) -> BTreeSet<FunctionId> {
    let mut roots: Vec<FunctionId> = module.start.into_iter().collect();
    for export in module.exports.iter() {
        if let ExportItem::Function(function) = export.item {
            roots.push(function);
        }
    }
    for element in module.elements.iter() {
        match &element.items {
            ElementItems::Functions(functions) => roots.extend(functions),
            ElementItems::Expressions(_, expressions) => {
                roots.extend(expressions.iter().filter_map(referred));
            }
        }
    }
    for global in module.globals.iter() {
        if let GlobalKind::Local(init) = &global.kind {
            roots.extend(referred(init));
        }
    }
    from(module, roots)
}

/// Some functions and what they call.
pub fn from(module: &Module, roots: Vec<FunctionId>) -> BTreeSet<FunctionId> {
    closure(roots, |id| calls(module, id))
}

/// Some functions, those that `next` says of them, and so on.
pub fn closure(
    roots: Vec<FunctionId>,
    next: impl Fn(FunctionId) -> Vec<FunctionId>,
) -> BTreeSet<FunctionId> {
    let mut seen = BTreeSet::new();
    let mut waiting = roots;
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(next(id));
        }
    }
    seen
}

/// What a function refers to: it calls it, or takes its address.
fn calls(module: &Module, id: FunctionId) -> Vec<FunctionId> {
    let mut calls = Calls(Vec::new());
    if let FunctionKind::Local(function) = &module.funcs.get(id).kind {
        dfs_in_order(&mut calls, function, function.entry_block());
    }
    calls.0
}

/// Whether a function grows the memory.
pub fn grows(module: &Module, id: FunctionId) -> bool {
    let FunctionKind::Local(function) = &module.funcs.get(id).kind else {
        return false;
    };
    let mut growth = Growth(false);
    dfs_in_order(&mut growth, function, function.entry_block());
    growth.0
}

fn referred(init: &ConstExpr) -> Option<FunctionId> {
    match init {
        ConstExpr::RefFunc(function) => Some(*function),
        _ => None,
    }
}

struct Calls(Vec<FunctionId>);

impl Visitor<'_> for Calls {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.0.push(*function);
    }
}

struct Growth(bool);

impl<'a> Visitor<'a> for Growth {
    fn visit_instr(&mut self, instr: &'a Instr, _: &'a InstrLocId) {
        self.0 |= matches!(instr, Instr::MemoryGrow(MemoryGrow { .. }));
    }
}
