//! One allocator for several modules.
//!
//! Two passes. [`give`] makes a module hand its allocation functions to others: it exports them, and makes those
//! that it does not have over those that it has. [`take`] makes a module use those of another: its own become
//! imports, or call imports, and what only they needed is gone.
//!
//! A replacement that is partial would be two allocators on one block. So what is left of a module is searched for
//! its old one: code that grows the memory, code or data that refers to `__heap_base`, code that refers to the state
//! of the old allocator (data that the functions which went away wrote). An optimiser that copied a part of the
//! allocator into its callers leaves one of these behind, and the module is refused.

use std::collections::BTreeSet;

use walrus::{FunctionId, FunctionKind, ImportedFunction, MemoryId, Module, ValType};

use crate::adapters::{self, Given};
use crate::allocation::{self, Entry, Functions, OPTIMISED, RUST, refused};
use crate::error::Problem;
use crate::reach;
use crate::records::{HEAP, References};
use crate::request::{GiveAllocator, TakeAllocator};
use crate::symbols::Symbols;

/// What the names begin with under which a module gives what it did not export.
pub const PREFIX: &str = "wasm-share.";

/// Names under which a module gives what it did not export.
pub fn export_name(entry: Entry) -> String {
    format!("{PREFIX}{}", entry.name())
}

/// What is known of the functions of a module.
struct Known<'a> {
    ids: &'a [FunctionId],
    functions: Functions,
    memory: MemoryId,
}

impl<'a> Known<'a> {
    fn read(module: &Module, ids: &'a [FunctionId], original: &[u8]) -> Result<Self, Problem> {
        let memory = module.memories.iter().next().map(|m| m.id());
        let mut functions = allocation::find(&Symbols::read(original));
        // Those that it imports have names, too.
        let is_own = |index: &u32| {
            let id = ids.get(*index as usize);
            id.is_some_and(|id| matches!(module.funcs.get(*id).kind, FunctionKind::Local(_)))
        };
        functions.retain(|_, indices| {
            indices.retain(is_own);
            !indices.is_empty()
        });
        Ok(Self {
            ids,
            functions,
            memory: memory.ok_or_else(|| refused("it has no memory", ""))?,
        })
    }

    fn of(&self, entry: Entry) -> impl Iterator<Item = FunctionId> + '_ {
        let indices = self.functions.get(&entry).map_or(&[][..], Vec::as_slice);
        indices
            .iter()
            .filter_map(|index| self.ids.get(*index as usize).copied())
    }

    fn all(&self) -> impl Iterator<Item = (Entry, FunctionId)> + '_ {
        let entries = self.functions.keys();
        entries.flat_map(|entry| self.of(*entry).map(|id| (*entry, id)))
    }

    /// The first of each, as its own module calls it.
    fn given(&self) -> Given {
        let entries = self.functions.keys();
        entries
            .filter_map(|entry| Some((*entry, self.of(*entry).next()?)))
            .collect()
    }
}

/// Runs the pass that gives; returns how many functions it made or exported.
pub fn give(
    module: &mut Module,
    ids: &[FunctionId],
    original: &[u8],
    options: &GiveAllocator,
) -> Result<usize, Problem> {
    let known = Known::read(module, ids, original)?;
    let mut given = known.given();
    let mut changed = 0;
    if options.c_over_rust {
        // What others called before now is an adapter over what C has, over what it was before.
        // Only that: what it calls inside of the allocator stays.
        let mut raw = Given::new();
        let mut outer = BTreeSet::new();
        for entry in RUST {
            if let Some(id) = known.of(entry).next() {
                raw.insert(entry, take_body(module, id));
                outer.insert(id);
            }
        }
        // Nobody calls them yet: whatever is live does without.
        let live = reach::live(module);
        let inside = reach::from(module, raw.values().copied().collect());
        let mut gone: BTreeSet<_> = inside.difference(&live).copied().collect();
        gone.extend(&outer);
        let left = Left::new(module, &known, original, live, &outer)?;
        left.check_state(&gone)?;
        let raw = adapters::complete_rust(module, known.memory, &raw);
        let c = adapters::c_over_rust(module, known.memory, &raw);
        given.extend(&c);
        let rust = adapters::rust_over_c(module, known.memory, &c, options.malloc_align);
        changed += c.len();
        for (entry, body) in &rust {
            if let Some(id) = known.of(*entry).next() {
                redirect(module, id, *body);
                changed += 1;
            }
        }
    } else if options.rust_over_c {
        let rust = adapters::rust_over_c(module, known.memory, &given, options.malloc_align);
        let own = known.all().filter(|(entry, _)| entry.is_rust());
        let own: Vec<(Entry, FunctionId)> = own.collect();
        let before = reach::live(module);
        let inside = reach::from(module, own.iter().map(|(_, id)| *id).collect());
        let mut replaced = BTreeSet::new();
        for (entry, id) in own {
            if let Some(body) = rust.get(&entry) {
                redirect(module, id, *body);
                replaced.insert(id);
                changed += 1;
            }
        }
        let live = reach::live(module);
        let gone = gone(&inside, &before, &live, &replaced);
        Left::new(module, &known, original, live, &replaced)?.check_state(&gone)?;
    }
    if options.exports.iter().any(|entry| entry.is_rust()) {
        given = adapters::complete_rust(module, known.memory, &given);
    }
    for entry in &options.exports {
        let Some(id) = given.get(entry) else {
            return Err(refused(
                &format!("it has no {} to give", entry.name()),
                "This is a defect of wasm-share; please report it",
            ));
        };
        module.exports.add(&export_name(*entry), *id);
        changed += 1;
    }
    Ok(changed)
}

/// Moves the body of a function into one of its own, and leaves a function without one.
fn take_body(module: &mut Module, id: FunctionId) -> FunctionId {
    let (params, results) = signature(module, id);
    let mut builder = walrus::FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let args = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let new = builder.finish(args, &mut module.funcs);
    swap(module, id, new);
    new
}

fn signature(module: &Module, id: FunctionId) -> (Vec<ValType>, Vec<ValType>) {
    let ty = module.types.get(module.funcs.get(id).ty());
    (ty.params().to_vec(), ty.results().to_vec())
}

/// Exchanges what two functions do; their names and whoever calls them stay.
fn swap(module: &mut Module, one: FunctionId, other: FunctionId) {
    let ty = module.funcs.get(one).ty();
    let placeholder = FunctionKind::Uninitialized(ty);
    let first = std::mem::replace(&mut module.funcs.get_mut(one).kind, placeholder);
    let second = std::mem::replace(&mut module.funcs.get_mut(other).kind, first);
    module.funcs.get_mut(one).kind = second;
}

/// Runs the pass that takes; returns how many functions it replaced.
pub fn take(
    module: &mut Module,
    ids: &[FunctionId],
    original: &[u8],
    options: &TakeAllocator,
) -> Result<usize, Problem> {
    let known = Known::read(module, ids, original)?;
    let before = reach::live(module);
    let inside = reach::from(module, known.all().map(|(_, id)| id).collect());

    let mut imports = Given::new();
    for (entry, export) in &options.exports {
        let (params, results) = entry.signature();
        let ty = module.types.add(params, results);
        let (id, _) = module.add_import_func(&options.from, export, ty);
        module.funcs.get_mut(id).name = Some(entry.name().to_string());
        imports.insert(*entry, id);
    }
    let mut bodies = imports.clone();
    if RUST.iter().any(|entry| known.functions.contains_key(entry))
        && !imports.contains_key(&Entry::RustAlloc)
    {
        let align = options.malloc_align;
        bodies.extend(adapters::rust_over_c(module, known.memory, &imports, align));
    }
    let mut changed = 0;
    let mut replaced = BTreeSet::new();
    for (entry, id) in known.all() {
        let Some(body) = bodies.get(&entry).copied() else {
            return Err(refused(
                &format!("{} has no {} for it", options.from, entry.name()),
                "This is a defect of wasm-share; please report it",
            ));
        };
        redirect(module, id, body);
        replaced.insert(id);
        changed += 1;
    }

    let live = reach::live(module);
    let gone = gone(&inside, &before, &live, &replaced);
    let left = Left::new(module, &known, original, live, &replaced)?;
    left.check_memory()?;
    left.check_state(&gone)?;
    Ok(changed)
}

/// Of the functions of an old allocator those that nothing calls any more, and those that were replaced.
fn gone(
    inside: &BTreeSet<FunctionId>,
    before: &BTreeSet<FunctionId>,
    live: &BTreeSet<FunctionId>,
    replaced: &BTreeSet<FunctionId>,
) -> BTreeSet<FunctionId> {
    let gone = inside.iter().filter(|id| before.contains(id));
    gone.filter(|id| !live.contains(id) || replaced.contains(id))
        .copied()
        .collect()
}

/// Lets a function be another one.
fn redirect(module: &mut Module, id: FunctionId, to: FunctionId) {
    let kind = match &module.funcs.get(to).kind {
        FunctionKind::Import(import) => {
            // One import more, for itself: they are the same function.
            let (from, ty) = (import.import, import.ty);
            let (from, name) = {
                let import = module.imports.get(from);
                (import.module.clone(), import.name.clone())
            };
            let import = module.imports.add(&from, &name, id);
            FunctionKind::Import(ImportedFunction { import, ty })
        }
        _ => {
            let (params, results) = signature(module, to);
            let mut builder = walrus::FunctionBuilder::new(&mut module.types, &params, &results);
            let args: Vec<_> = params.iter().map(|ty| module.locals.add(*ty)).collect();
            for arg in &args {
                builder.func_body().local_get(*arg);
            }
            builder.func_body().call(to);
            FunctionKind::Local(builder.local_func(args))
        }
    };
    module.funcs.get_mut(id).kind = kind;
}

/// What is left of a module whose allocator was replaced.
struct Left<'a> {
    module: &'a Module,
    ids: &'a [FunctionId],
    references: References,
    /// What can be called.
    live: BTreeSet<FunctionId>,
    /// What has another body now.
    replaced: &'a BTreeSet<FunctionId>,
}

impl<'a> Left<'a> {
    fn new(
        module: &'a Module,
        known: &Known<'a>,
        original: &[u8],
        live: BTreeSet<FunctionId>,
        replaced: &'a BTreeSet<FunctionId>,
    ) -> Result<Self, Problem> {
        let references = References::read(original)
            .ok_or_else(|| refused("it has no relocation records", "Link it with --emit-relocs"))?;
        Ok(Self {
            module,
            ids: known.ids,
            references,
            live,
            replaced,
        })
    }

    /// What is left takes no memory.
    fn check_memory(&self) -> Result<(), Problem> {
        if let Some(name) = HEAP
            .iter()
            .find(|name| self.references.by_data.contains(**name))
        {
            return Err(partial(&format!("its data refers to {name}")));
        }
        for (index, id) in self.rest() {
            if reach::grows(self.module, id) {
                return Err(partial(&format!(
                    "{} still grows the memory",
                    self.name(index, id)
                )));
            }
        }
        self.check(|symbol| HEAP.contains(&symbol))
    }

    /// What is left does not know the state of the functions that are gone.
    fn check_state(&self, gone: &BTreeSet<FunctionId>) -> Result<(), Problem> {
        let of = self.ids.iter().enumerate();
        let state: BTreeSet<&str> = of
            .filter(|(_, id)| gone.contains(id))
            .filter_map(|(index, _)| self.references.of.get(&(index as u32)))
            .flatten()
            .map(String::as_str)
            .filter(|symbol| *symbol != "errno" && !symbol.contains("__rust_no_alloc_shim"))
            .collect();
        self.check(|symbol| state.contains(symbol))
    }

    fn check(&self, is_old: impl Fn(&str) -> bool) -> Result<(), Problem> {
        for (index, id) in self.rest() {
            let symbols = self.references.of.get(&(index as u32));
            if let Some(symbol) = symbols.into_iter().flatten().find(|symbol| is_old(symbol)) {
                let name = self.name(index, id);
                return Err(partial(&format!("{name} still refers to {symbol}")));
            }
        }
        Ok(())
    }

    fn rest(&self) -> impl Iterator<Item = (usize, FunctionId)> + '_ {
        let ids = self.ids.iter().copied().enumerate();
        ids.filter(|(_, id)| self.live.contains(id) && !self.replaced.contains(id))
    }

    fn name(&self, index: usize, id: FunctionId) -> String {
        let name = self.module.funcs.get(id).name.clone();
        name.unwrap_or_else(|| format!("function {index}"))
    }
}

fn partial(why: &str) -> Problem {
    refused(&format!("a part of it would stay, {why}"), OPTIMISED)
}
