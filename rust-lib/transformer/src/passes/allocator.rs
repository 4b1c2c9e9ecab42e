//! One allocator for several modules.
//!
//! Two passes. [`give`] makes a module hand its allocation functions to others: it exports them, and makes those
//! that it does not have over those that it has. [`take`] makes a module use those of another: its own become
//! imports, or call imports, and what only they needed is gone.
//!
//! A replacement that is partial would be two allocators on one block. So what is left of a module is searched for
//! its old one: code that grows the memory, that refers to `__heap_base`, or to the state of the old allocator
//! (data that the functions which went away used to allocate *and* to free). An optimiser that copied a part of
//! the allocator into its callers leaves one of these behind, and the module is refused.

use std::collections::{BTreeMap, BTreeSet};

use walrus::{FunctionId, FunctionKind, ImportedFunction, MemoryId, Module};

use crate::adapters::{self, Given};
use crate::allocation::{self, Entry, Functions, RUST};
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

    /// Whoever calls the inner functions of an allocator that only its outer ones may call would get blocks of
    /// another kind.
    fn check_callers(&self, module: &Module, raw: &Given) -> Result<(), Problem> {
        let outer: BTreeSet<_> = RUST
            .iter()
            .filter_map(|entry| self.of(*entry).next())
            .collect();
        let inner: BTreeSet<_> = self
            .all()
            .map(|(_, id)| id)
            .filter(|id| !outer.contains(id))
            .collect();
        let allocator = reach::from(module, raw.values().copied().collect());
        for id in reach::live(module).difference(&allocator) {
            if reach::calls(module, *id)
                .iter()
                .any(|callee| inner.contains(callee))
            {
                let name = module.funcs.get(*id).name.clone().unwrap_or_default();
                return Err(partial(&format!("{name} calls its inner functions")));
            }
        }
        Ok(())
    }

    /// Functions that were made by hand may be called `malloc`, too.
    fn check_signatures(&self, module: &Module) -> Result<(), Problem> {
        for (entry, id) in self.all() {
            let ty = module.types.get(module.funcs.get(id).ty());
            if (ty.params(), ty.results()) != entry.signature() {
                return Err(refused(
                    &format!("its {} has another type than it should", entry.name()),
                    OPTIMISED,
                ));
            }
        }
        Ok(())
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
    known.check_signatures(module)?;
    let mut given = known.given();
    let mut changed = 0;
    if options.c_over_rust {
        // What others called before now is an adapter over what C has, over what it was before.
        // Only that: what it calls inside of the allocator stays.
        let mut raw = Given::new();
        for entry in RUST {
            if let Some(id) = known.of(entry).next() {
                raw.insert(entry, take_body(module, id));
            }
        }
        known.check_callers(module, &raw)?;
        let raw = adapters::complete_rust(module, known.memory, &raw);
        let c = adapters::c_over_rust(module, known.memory, &raw);
        given.extend(&c);
        let rust = adapters::rust_over_c(module, known.memory, &c);
        changed += c.len();
        for (entry, body) in &rust {
            if let Some(id) = known.of(*entry).next() {
                redirect(module, id, *body);
                changed += 1;
            }
        }
    } else if options.rust_over_c {
        let rust = adapters::rust_over_c(module, known.memory, &given);
        for (entry, id) in known.all().filter(|(entry, _)| entry.is_rust()) {
            if let Some(body) = rust.get(&entry) {
                redirect(module, id, *body);
                changed += 1;
            }
        }
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
    let ty = module.funcs.get(id).ty();
    let (params, results) = {
        let ty = module.types.get(ty);
        (ty.params().to_vec(), ty.results().to_vec())
    };
    let mut builder = walrus::FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let args = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let new = builder.finish(args, &mut module.funcs);
    swap(module, id, new);
    new
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
    known.check_signatures(module)?;
    let references = References::read(original)
        .ok_or_else(|| refused("it has no relocation records", "Link it with --emit-relocs"))?;
    let before = reach::live(module);
    let reaches = |frees: bool| {
        let roots = known.all().filter(|(entry, _)| entry.frees() == frees);
        reach::from(module, roots.map(|(_, id)| id).collect())
    };
    let (allocating, freeing) = (reaches(false), reaches(true));

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
        bodies.extend(adapters::rust_over_c(module, known.memory, &imports));
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
    let gone = |list: &BTreeSet<FunctionId>| -> BTreeSet<FunctionId> {
        let gone = list.iter().filter(|id| before.contains(id));
        gone.filter(|id| !live.contains(id) || replaced.contains(id))
            .copied()
            .collect()
    };
    let names = names_of(ids, module);
    let left = Left {
        module,
        live: &live,
        ids,
        names: &names,
        references: &references,
        replaced: &replaced,
    };
    left.check(&gone(&allocating), &gone(&freeing))?;
    Ok(changed)
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
            let ty = module.funcs.get(to).ty();
            let (params, results) = {
                let ty = module.types.get(ty);
                (ty.params().to_vec(), ty.results().to_vec())
            };
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

fn names_of(ids: &[FunctionId], module: &Module) -> BTreeMap<FunctionId, String> {
    let name = |(index, id): (usize, &FunctionId)| {
        let name = module.funcs.get(*id).name.clone();
        (*id, name.unwrap_or_else(|| format!("function {index}")))
    };
    ids.iter().enumerate().map(name).collect()
}

/// What is left of a module whose allocator was replaced.
struct Left<'a> {
    module: &'a Module,
    live: &'a BTreeSet<FunctionId>,
    ids: &'a [FunctionId],
    names: &'a BTreeMap<FunctionId, String>,
    references: &'a References,
    replaced: &'a BTreeSet<FunctionId>,
}

impl Left<'_> {
    fn check(
        &self,
        allocating: &BTreeSet<FunctionId>,
        freeing: &BTreeSet<FunctionId>,
    ) -> Result<(), Problem> {
        let data = |functions: &BTreeSet<FunctionId>| -> BTreeSet<&str> {
            let of = self.ids.iter().enumerate();
            of.filter(|(_, id)| functions.contains(id))
                .filter_map(|(index, _)| self.references.of.get(&(index as u32)))
                .flatten()
                .map(String::as_str)
                .collect()
        };
        let (to_allocate, to_free) = (data(allocating), data(freeing));
        let state = |symbol: &str| match (allocating.is_empty(), freeing.is_empty()) {
            (false, false) => to_allocate.contains(symbol) && to_free.contains(symbol),
            _ => {
                (to_allocate.contains(symbol) || to_free.contains(symbol))
                    && symbol != "errno"
                    && !symbol.contains("__rust_no_alloc_shim")
            }
        };
        for (index, id) in self.ids.iter().enumerate() {
            if !self.live.contains(id) || self.replaced.contains(id) {
                continue;
            }
            let name = self.names.get(id).map_or("", String::as_str);
            if reach::grows(self.module, *id) {
                return Err(partial(&format!("{name} still grows the memory")));
            }
            let symbols = self.references.of.get(&(index as u32));
            for symbol in symbols.into_iter().flatten() {
                if HEAP.contains(&symbol.as_str()) || state(symbol) {
                    return Err(partial(&format!("{name} still refers to {symbol}")));
                }
            }
        }
        Ok(())
    }
}

const OPTIMISED: &str = "An optimiser copied it into its callers, or something allocates on its own: build without \
                         LTO (Rust: lto = false; clang: without -flto), or with an allocator that nothing is \
                         inlined from (Rust: a #[global_allocator] whose functions are #[inline(never)])";

fn partial(why: &str) -> Problem {
    refused(&format!("a part of it would stay, {why}"), OPTIMISED)
}

fn refused(why: &str, hint: &str) -> Problem {
    Problem::new(
        "allocator_partial",
        format!("Cannot replace the allocator of the module: {why}"),
        hint,
    )
}
