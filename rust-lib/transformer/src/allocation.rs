//! The allocation functions of a module.
//!
//! In: a module before it was moved. Out: which of the functions that everybody calls to allocate and to free it
//! has, by index. They are known by their symbols: those of C, and those that the Rust compiler calls, however it
//! mangles them. A function of an allocator that has another name inside of it (`dlmalloc`) counts, too: where one
//! calls the other, an optimiser may have left calls of the inner one only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use walrus::ValType;

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

/// Those of C.
pub const C: [Entry; 8] = [
    Malloc,
    Free,
    Calloc,
    Realloc,
    AlignedAlloc,
    Memalign,
    PosixMemalign,
    MallocUsableSize,
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
pub fn is_known(symbols: &Symbols) -> bool {
    let linked = symbols.linked();
    let mut entries = linked.iter().filter_map(|(_, name, _)| Entry::of(name));
    entries.any(|(entry, outer)| !entry.is_rust() && !outer)
}

/// The `operator new` and `operator delete` of C++ in a module, and whether each frees.
pub fn operators(symbols: &Symbols) -> Vec<(u32, bool)> {
    let kind = |name: &str| {
        let of = |list: [&str; 2]| list.iter().any(|start| name.starts_with(start));
        if of(["_Znw", "_Zna"]) {
            Some(false)
        } else if of(["_ZdlPv", "_ZdaPv"]) {
            Some(true)
        } else {
            None
        }
    };
    let linked = symbols.linked().into_iter();
    linked
        .filter_map(|(index, name, _)| Some((index, kind(name)?)))
        .collect()
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
