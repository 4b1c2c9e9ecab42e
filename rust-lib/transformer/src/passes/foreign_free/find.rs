//! Finds the functions that free, and says which of them have to look whose block it is.
//!
//! In: a module, and what its functions are called. Out: each function that frees by its name and type, with
//! what becomes of it ([`Fate`]). A function that hands the block on is left to the one that gets it: the
//! one in this module is checked itself, and the one in another module knows its own blocks.

use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::{Const, Instr, InstrSeq, LocalGet, Visitor, dfs_in_order};
use walrus::{
    ExportItem, FunctionId, FunctionKind, ImportKind, LocalFunction, LocalId, Module, ValType,
};

use super::names::{Place, Role, known, role};
use crate::symbols::Symbols;

/// What becomes of a function that frees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has to look.
    Check,
    /// All it does is call another function of the module that looks.
    Inner,
    /// It hands the block to an import that frees, as its name says, or it does nothing at all.
    Elsewhere,
    /// It hands the block to an import, and nothing says what that does.
    Unknown,
}

/// A function that frees.
#[derive(Debug)]
pub struct Found {
    /// Which.
    pub id: FunctionId,
    /// Its name.
    pub name: String,
    /// What it does with a block.
    pub role: Role,
    /// Which parameter is the block.
    pub block: usize,
    /// What becomes of it.
    pub fate: Fate,
}

/// Finds all functions that free, of those that are `live`: an allocator that was replaced may still be there.
/// `functions` are those that the module came with, by index.
pub fn find(
    module: &Module,
    functions: &[FunctionId],
    symbols: &Symbols,
    live: &BTreeSet<FunctionId>,
) -> Vec<Found> {
    let mut named: BTreeMap<FunctionId, BTreeSet<&str>> = BTreeMap::new();
    // Where the linker says what a function is called, the name of an export may be anything.
    for (index, name) in symbols.known() {
        if let Some(id) = functions.get(index as usize) {
            named.entry(*id).or_default().insert(name);
        }
    }
    // Those that were made for others, too.
    for export in module.exports.iter() {
        if let ExportItem::Function(id) = export.item
            && export.name.starts_with("wasm-share.")
        {
            named.entry(id).or_default().insert(&export.name);
        }
    }
    let mut found = Vec::new();
    for (id, names) in named {
        if !live.contains(&id) {
            continue;
        }
        let matching = names.iter().find_map(|name| {
            let (role, place) = known(name)?;
            let block = block(module, id, role, place)?;
            Some((name.to_string(), role, block))
        });
        if let Some((name, role, block)) = matching {
            let fate = fate(module, id, block);
            found.push(Found {
                id,
                name,
                role,
                block,
                fate,
            });
        }
    }
    settle(module, &mut found);
    found
}

/// Which parameter of a function of this module is the block; none if its type is not what its name promises.
fn block(module: &Module, id: FunctionId, role: Role, place: Place) -> Option<usize> {
    let function = module.funcs.get(id);
    let ty = module.types.get(function.ty());
    let (params, results) = (ty.params(), ty.results());
    let fits = match role {
        Role::Free => results.is_empty(),
        Role::Resize => params.len() > 1 && results == [ValType::I32],
    };
    let block = match place {
        Place::First => 0,
        Place::Before(after) => params.len().checked_sub(after + 1).filter(|at| *at < 2)?,
    };
    let local = matches!(function.kind, FunctionKind::Local(_));
    (local && fits && params.get(block) == Some(&ValType::I32)).then_some(block)
}

/// What a function does, itself and in what it calls.
#[derive(Default)]
struct Does {
    calls: BTreeSet<FunctionId>,
    /// It writes to the memory, or calls what is not known.
    writes: bool,
}

impl<'a> Visitor<'a> for Does {
    fn visit_instr(&mut self, instr: &'a Instr, _: &'a walrus::ir::InstrLocId) {
        match instr {
            Instr::Call(call) => {
                self.calls.insert(call.func);
            }
            Instr::ReturnCall(call) => {
                self.calls.insert(call.func);
            }
            Instr::Store(_)
            | Instr::AtomicRmw(_)
            | Instr::Cmpxchg(_)
            | Instr::MemoryFill(_)
            | Instr::MemoryCopy(_)
            | Instr::MemoryInit(_)
            | Instr::CallIndirect(_)
            | Instr::ReturnCallIndirect(_)
            | Instr::CallRef(_)
            | Instr::ReturnCallRef(_) => self.writes = true,
            _ => {}
        }
    }
}

/// What becomes of a function, without a look at others that free.
fn fate(module: &Module, id: FunctionId, block: usize) -> Fate {
    let mut open = vec![id];
    let mut seen = BTreeSet::from([id]);
    let mut imports = BTreeSet::new();
    let mut writes = false;
    while let Some(id) = open.pop() {
        match &module.funcs.get(id).kind {
            FunctionKind::Local(function) => {
                let mut does = Does::default();
                dfs_in_order(&mut does, function, function.entry_block());
                writes |= does.writes;
                open.extend(does.calls.into_iter().filter(|call| seen.insert(*call)));
            }
            _ => {
                imports.insert(id);
            }
        }
    }
    let frees = |import: &FunctionId| import_name(module, *import).and_then(role).is_some();
    if imports.iter().any(frees) {
        return Fate::Elsewhere;
    }
    match (writes, imports.is_empty()) {
        // Nothing is written, so nothing is freed here.
        (false, true) => Fate::Elsewhere,
        (false, false) => Fate::Unknown,
        (true, _) if hands_on(module, id, block) => Fate::Unknown,
        (true, _) => Fate::Check,
    }
}

fn import_name(module: &Module, id: FunctionId) -> Option<&str> {
    module
        .imports
        .iter()
        .find(|import| matches!(import.kind, ImportKind::Function(f) if f == id))
        .map(|import| import.name.as_str())
}

/// Whether a function gives the block to an import as the first argument.
fn hands_on(module: &Module, id: FunctionId, block: usize) -> bool {
    let FunctionKind::Local(function) = &module.funcs.get(id).kind else {
        return false;
    };
    struct Hands<'a> {
        module: &'a Module,
        block: LocalId,
        found: bool,
    }
    impl<'a> Visitor<'a> for Hands<'_> {
        fn start_instr_seq(&mut self, seq: &'a InstrSeq) {
            for (at, (instr, _)) in seq.instrs.iter().enumerate() {
                let Some(callee) = callee(instr) else {
                    continue;
                };
                let callee = self.module.funcs.get(callee);
                let arguments = self.module.types.get(callee.ty()).params().len();
                self.found |= matches!(callee.kind, FunctionKind::Import(_))
                    && arguments > 0
                    && arguments <= at
                    && is_local(&seq.instrs[at - arguments].0, self.block)
                    && seq.instrs[at - arguments..at]
                        .iter()
                        .all(|(i, _)| is_plain(i));
            }
        }
    }
    let mut hands = Hands {
        module,
        block: function.args[block],
        found: false,
    };
    dfs_in_order(&mut hands, function, function.entry_block());
    hands.found
}

/// Functions that do nothing but call one that looks need not look themselves. There is no circle of them: who
/// only calls writes nothing, and so one at the end of the calls does.
fn settle(module: &Module, found: &mut [Found]) {
    let looks = found.iter().filter(|f| f.fate == Fate::Check);
    // The block is the first argument of that call, so it must be the first parameter there.
    let first: BTreeSet<FunctionId> = looks
        .clone()
        .filter(|f| f.block == 0)
        .map(|f| f.id)
        .collect();
    let inner: BTreeSet<FunctionId> = looks
        .filter(|f| only_call(module, f).is_some_and(|next| first.contains(&next)))
        .map(|f| f.id)
        .collect();
    for each in found.iter_mut().filter(|f| inner.contains(&f.id)) {
        each.fate = Fate::Inner;
    }
}

/// The function that gets the same block as its first argument, if a function does nothing but call it.
fn only_call(module: &Module, found: &Found) -> Option<FunctionId> {
    let FunctionKind::Local(function) = &module.funcs.get(found.id).kind else {
        return None;
    };
    let function: &LocalFunction = function;
    let instrs = &function.block(function.entry_block()).instrs;
    let mut calls = instrs.iter().filter_map(|(instr, _)| callee(instr));
    let (call, more) = (calls.next()?, calls.next());
    let simple = |instr: &Instr| {
        is_plain(instr) || callee(instr).is_some() || matches!(instr, Instr::Return(_))
    };
    let first = instrs
        .first()
        .is_some_and(|(i, _)| is_local(i, function.args[found.block]));
    (more.is_none() && first && instrs.iter().all(|(i, _)| simple(i))).then_some(call)
}

fn callee(instr: &Instr) -> Option<FunctionId> {
    match instr {
        Instr::Call(call) => Some(call.func),
        Instr::ReturnCall(call) => Some(call.func),
        _ => None,
    }
}

fn is_local(instr: &Instr, local: LocalId) -> bool {
    matches!(instr, Instr::LocalGet(LocalGet { local: it }) if *it == local)
}

fn is_plain(instr: &Instr) -> bool {
    matches!(instr, Instr::LocalGet(_) | Instr::Const(Const { .. }))
}
