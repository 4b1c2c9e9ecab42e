//! The allocation functions of a module.
//!
//! In: a module before it was moved. Out: which of the functions that everybody calls to allocate and to free it
//! has, by index. They are known by their symbols: those of C, and those that the Rust compiler calls, however it
//! mangles them. A function of an allocator that has another name inside of it (`dlmalloc`) counts, too: where one
//! calls the other, an optimiser may have left calls of the inner one only.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use walrus::{FunctionId, FunctionKind, ImportKind, Module, ValType};

use crate::error::Problem;
use crate::reach;
use crate::records::References;
use crate::request::Allocation;
use crate::sections;
use crate::symbols::Symbols;

/// What an allocation function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Entry {
    Malloc,
    Free,
    Calloc,
    Realloc,
    AlignedAlloc,
    Memalign,
    PosixMemalign,
    MallocUsableSize,
    #[serde(rename = "__rust_alloc")]
    RustAlloc,
    #[serde(rename = "__rust_dealloc")]
    RustDealloc,
    #[serde(rename = "__rust_realloc")]
    RustRealloc,
    #[serde(rename = "__rust_alloc_zeroed")]
    RustAllocZeroed,
}

use Entry::*;

/// All of them, with their names: the first is that by which others call it.
const NAMES: &[(Entry, &[&str])] = &[
    (
        Malloc,
        &[
            "malloc",
            "__libc_malloc",
            "dlmalloc",
            "emmalloc_malloc",
            "emscripten_builtin_malloc",
        ],
    ),
    (
        Free,
        &[
            "free",
            "__libc_free",
            "dlfree",
            "emmalloc_free",
            "emscripten_builtin_free",
        ],
    ),
    (
        Calloc,
        &[
            "calloc",
            "__libc_calloc",
            "dlcalloc",
            "emmalloc_calloc",
            "emscripten_builtin_calloc",
        ],
    ),
    (
        Realloc,
        &[
            "realloc",
            "__libc_realloc",
            "dlrealloc",
            "emmalloc_realloc",
            "emscripten_builtin_realloc",
        ],
    ),
    (AlignedAlloc, &["aligned_alloc", "emmalloc_aligned_alloc"]),
    (
        Memalign,
        &[
            "memalign",
            "__libc_memalign",
            "dlmemalign",
            "emmalloc_memalign",
            "emscripten_builtin_memalign",
        ],
    ),
    (
        PosixMemalign,
        &[
            "posix_memalign",
            "dlposix_memalign",
            "emmalloc_posix_memalign",
        ],
    ),
    (
        MallocUsableSize,
        &[
            "malloc_usable_size",
            "dlmalloc_usable_size",
            "emmalloc_usable_size",
        ],
    ),
    (RustAlloc, &["__rust_alloc", "__rdl_alloc", "__rg_alloc"]),
    (
        RustDealloc,
        &["__rust_dealloc", "__rdl_dealloc", "__rg_dealloc"],
    ),
    (
        RustRealloc,
        &["__rust_realloc", "__rdl_realloc", "__rg_realloc"],
    ),
    (
        RustAllocZeroed,
        &[
            "__rust_alloc_zeroed",
            "__rdl_alloc_zeroed",
            "__rg_alloc_zeroed",
        ],
    ),
];

/// Those of Rust.
pub const RUST: [Entry; 4] = [RustAlloc, RustDealloc, RustRealloc, RustAllocZeroed];

impl Entry {
    /// The name by which others call it.
    pub fn name(self) -> &'static str {
        let known = NAMES.iter().find(|(entry, _)| *entry == self);
        known.map_or("", |(_, names)| names[0])
    }

    /// Whether it is one of Rust's.
    pub fn is_rust(self) -> bool {
        RUST.contains(&self)
    }

    /// Whether it gives memory back.
    pub fn frees(self) -> bool {
        matches!(self, Free | RustDealloc)
    }

    /// Its parameters, all of them `i32`, and its results.
    pub fn signature(self) -> (&'static [ValType], &'static [ValType]) {
        const I: [ValType; 4] = [ValType::I32; 4];
        match self {
            Malloc | MallocUsableSize => (&I[..1], &I[..1]),
            Free => (&I[..1], &[]),
            Calloc | Realloc | AlignedAlloc | Memalign | RustAlloc | RustAllocZeroed => {
                (&I[..2], &I[..1])
            }
            PosixMemalign => (&I[..3], &I[..1]),
            RustDealloc => (&I[..3], &[]),
            RustRealloc => (&I[..4], &I[..1]),
        }
    }

    /// What a symbol stands for, and whether it is the name by which others call it.
    pub fn of(symbol: &str) -> Option<(Entry, bool)> {
        NAMES.iter().find_map(|(entry, names)| {
            let at = names.iter().position(|name| is(symbol, name, *entry))?;
            Some((*entry, at == 0))
        })
    }
}

/// Whether a symbol is this name: as it is, or in the crate that the Rust compiler makes for such functions
/// (`_RNvCs…_7___rustc12___rust_alloc`; in the name section `__rustc[…]::__rust_alloc`).
fn is(symbol: &str, name: &str, entry: Entry) -> bool {
    if symbol == name {
        return true;
    }
    let mangled = || format!("___rustc{}_{name}", name.len());
    entry.is_rust()
        && (symbol.starts_with("_R") && symbol.ends_with(&mangled())
            || symbol.starts_with("__rustc") && symbol.ends_with(&format!("::{name}")))
}

/// The allocation functions of a module: for each its indices, that by which others call it first.
pub type Functions = BTreeMap<Entry, Vec<u32>>;

/// Finds the allocation functions.
///
/// A function of C that other objects could not see is the program's own, whatever it is called; but inside of an
/// allocator that they could see, one with a name of its own (`dlmalloc`) belongs to it.
pub fn find(symbols: &Symbols) -> Functions {
    let mut found: BTreeMap<Entry, Vec<(bool, u32)>> = BTreeMap::new();
    for (index, name, seen) in symbols.linked() {
        if let Some((entry, outer)) = Entry::of(name)
            && (entry.is_rust() || seen || !outer)
        {
            found.entry(entry).or_default().push((!outer, index));
        }
    }
    let has_outer = |(entry, list): (&Entry, &Vec<(bool, u32)>)| {
        !entry.is_rust() && list.iter().any(|(inner, _)| !inner)
    };
    if !found.iter().any(has_outer) {
        found.retain(|entry, _| entry.is_rust());
    }
    let indices = |mut list: Vec<(bool, u32)>| {
        list.sort_unstable();
        let mut indices: Vec<u32> = Vec::new();
        for (_, index) in list {
            if !indices.contains(&index) {
                indices.push(index);
            }
        }
        indices
    };
    found
        .into_iter()
        .map(|(entry, list)| (entry, indices(list)))
        .collect()
}

/// Whether an allocator of C is one that is known: it has a name of its own for what it does inside.
fn is_known(symbols: &Symbols) -> bool {
    let linked = symbols.linked();
    let mut entries = linked.iter().filter_map(|(_, name, _)| Entry::of(name));
    entries.any(|(entry, outer)| !entry.is_rust() && !outer)
}

/// `operator delete` and `operator delete[]` of C++: as symbols, and as the linker writes them into the name
/// section.
pub fn is_delete(name: &str) -> bool {
    [
        "_ZdlPv",
        "_ZdaPv",
        "operator delete(void*",
        "operator delete[](void*",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

/// The `operator new` and `operator delete` of C++ in a module, and whether each frees.
fn operators(symbols: &Symbols) -> Vec<(u32, bool)> {
    let kind = |name: &str| {
        let is_new = ["_Znw", "_Zna"].iter().any(|start| name.starts_with(start));
        (is_new || is_delete(name)).then_some(!is_new)
    };
    let linked = symbols.linked().into_iter();
    linked
        .filter_map(|(index, name, _)| Some((index, kind(name)?)))
        .collect()
}

/// Finds the allocation functions of a module before it is moved.
///
/// # Errors
/// `malformed_module`, `allocator_partial`, `signature_mismatch`.
pub fn allocation_of(original: &[u8]) -> Result<Allocation, Problem> {
    let kept = sections::keep(original)?;
    let module = sections::parse(&kept.bytes, false)?;
    let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
    let is_local = |id: &FunctionId| matches!(module.funcs.get(*id).kind, FunctionKind::Local(_));
    let own = |index: &u32| ids.get(*index as usize).copied().filter(is_local);
    let symbols = Symbols::read(original);
    let mut entries = BTreeMap::new();
    let mut roots: BTreeMap<bool, BTreeSet<FunctionId>> = BTreeMap::new();
    let mut ends: BTreeMap<bool, BTreeSet<FunctionId>> = BTreeMap::new();
    for (entry, indices) in find(&symbols) {
        let own: Vec<FunctionId> = indices.iter().filter_map(own).collect();
        let Some(first) = own.first() else { continue };
        for id in &own {
            check_signature(&module, entry, *id)?;
        }
        let export = module.exports.get_exported_func(*first);
        entries.insert(entry, export.map(|export| export.name.clone()));
        roots.entry(entry.is_rust()).or_default().extend(&own);
        if !entry.is_rust() {
            ends.entry(entry.frees()).or_default().extend(&own);
        }
    }
    let allocates = |entry: &Entry| !entry.is_rust() && !entry.frees();
    if entries.contains_key(&Entry::Free) && !entries.keys().any(allocates) && !is_known(&symbols) {
        return Err(refused(
            "it has free and nothing that allocates, so whether that is the free of C is unknown",
            "Rename that function, or link malloc, too (-Wl,--export=malloc)",
        ));
    }
    let reaches = |from: &[FunctionId], to: Option<&BTreeSet<FunctionId>>| {
        let from = reach::from(&module, from.to_vec());
        to.is_some_and(|to| !from.is_disjoint(to))
    };
    let of_c: Vec<FunctionId> = roots.get(&false).into_iter().flatten().copied().collect();
    // What `new` allocates and `delete` frees is what `malloc` and `free` do.
    let own_new = operators(&symbols)
        .iter()
        .filter_map(|(index, frees)| Some((own(index)?, *frees)))
        .any(|(id, frees)| !reaches(&[id], ends.get(&frees)));
    Ok(Allocation {
        entries,
        imports: imports(&module)?,
        c_calls_rust: reaches(&of_c, roots.get(&true)),
        own_new,
        malloc_align: if is_known(&symbols) { 8 } else { 4 },
        claims: ids.iter().any(|id| reach::grows(&module, *id))
            || References::read(original).is_some_and(|references| references.has_heap()),
    })
}

fn has_signature(module: &Module, entry: Entry, id: FunctionId) -> bool {
    let ty = module.types.get(module.funcs.get(id).ty());
    (ty.params(), ty.results()) == entry.signature()
}

/// Functions that were made by hand may be called `malloc`, too.
fn check_signature(module: &Module, entry: Entry, id: FunctionId) -> Result<(), Problem> {
    if has_signature(module, entry, id) {
        return Ok(());
    }
    let what = format!("its {} has another type than it should", entry.name());
    Err(refused(&what, OPTIMISED))
}

/// The functions of C that a module imports from `env` to allocate.
fn imports(module: &Module) -> Result<Vec<Entry>, Problem> {
    let mut found = Vec::new();
    for import in module
        .imports
        .iter()
        .filter(|import| import.module == "env")
    {
        let entry = Entry::of(&import.name).filter(|(entry, outer)| *outer && !entry.is_rust());
        if let (Some((entry, _)), ImportKind::Function(id)) = (entry, &import.kind) {
            if !has_signature(module, entry, *id) {
                return Err(Problem::new(
                    "signature_mismatch",
                    format!(
                        "Cannot bind the import \"env.{}\" to the allocator: it has another type",
                        import.name
                    ),
                    "Declare it as the C standard does and build the module again, or give the import \
                     another name",
                ));
            }
            found.push(entry);
        }
    }
    Ok(found)
}

/// What to do where an optimiser has been at an allocator.
pub const OPTIMISED: &str = "An optimiser copied it into its callers, or something allocates on its own: build without \
                         LTO (Rust: lto = false; clang: without -flto), or with an allocator that nothing is \
                         inlined from (Rust: a #[global_allocator] whose functions are #[inline(never)])";

/// Why the allocator of a module cannot be replaced.
pub fn refused(why: &str, hint: &str) -> Problem {
    Problem::new(
        "allocator_partial",
        format!("Cannot replace the allocator of the module: {why}"),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_mangled() {
        let known = |symbol: &str| Entry::of(symbol);
        assert_eq!(known("malloc"), Some((Malloc, true)));
        assert_eq!(known("dlmalloc"), Some((Malloc, false)));
        assert_eq!(known("__rust_alloc"), Some((RustAlloc, true)));
        assert_eq!(
            known("_RNvCsfgHYwM92fyn_7___rustc14___rust_dealloc"),
            Some((RustDealloc, true))
        );
        assert_eq!(
            known("_RNvCsfgHYwM92fyn_7___rustc18___rdl_alloc_zeroed"),
            Some((RustAllocZeroed, false))
        );
        assert_eq!(
            known("__rustc[c4ac3f7]::__rust_realloc"),
            Some((RustRealloc, true))
        );
        for other in [
            "my_malloc",
            "sqlite3_free",
            "_RNvCs_5mine12___rust_alloc_",
            "_RNvCs1_4mine4free",
            "_ZdlPv",
            "",
        ] {
            assert_eq!(known(other), None, "{other}");
        }
    }
}
