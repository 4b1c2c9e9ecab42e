//! What moves the initial value of each global: nothing relocates globals, so each is classified.
//!
//! In: the skeleton, symbols, GOT entries found by records, names and exports. Out: the globals that
//! move. A global whose value lies in the module's data and that nothing explains is a problem, not
//! a guess.

use super::linking::{Addresses, SymbolKind, Symbols, linker_made};
use super::relocs::data_range;
use crate::error::{Code, Problem, Result};
use crate::externs::ExternKind;
use crate::ids::{Addr, GlobalIndex};
use crate::model::{Class, GlobalSite, Span};
use crate::sort;
use crate::text::text;
use crate::wasm::{Global, Init, Module, reader, text};
use wasmparser::BinaryReader;

/// Names of globals, from wherever there are some.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Sorted by global, then by where the name comes from (in the order of [`From`]).
    list: Vec<(u32, From, &'a [u8])>,
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// The symbol table.
    Symbol,
    /// The name section.
    Debug,
    /// The export section.
    Export,
}

impl<'a> Names<'a> {
    /// Collects the names.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(bytes: &'a [u8], module: &Module, symbols: &Symbols) -> Result<Self> {
        let mut names = Names::default();
        for symbol in symbols.list.iter().filter(|s| s.kind == SymbolKind::Global) {
            names
                .list
                .push((symbol.value, From::Symbol, &bytes[symbol.name.clone()]));
        }
        if let Some(section) = module.custom(bytes, "name") {
            // A broken name section is no reason to refuse a module.
            let _ = names.read_debug(reader(bytes, &section.body));
        }
        for export in module.exports(bytes)? {
            if export.kind == ExternKind::Global {
                names
                    .list
                    .push((export.index, From::Export, export.name.as_bytes()));
            }
        }
        // Symbols were read first, then debug names, then exports: equal keys keep that order.
        sort::by_key(&mut names.list, |n| n.0);
        Ok(names)
    }

    /// The names of globals in the name section (extended names: subsection 7).
    fn read_debug(&mut self, mut r: BinaryReader<'a>) -> wasmparser::Result<()> {
        while !r.eof() {
            let kind = r.read_u8()?;
            let mut sub = r.read_reader()?;
            if kind == 7 {
                for _ in 0..sub.read_var_u32()? {
                    let index = sub.read_var_u32()?;
                    let length = sub.read_var_u32()? as usize;
                    self.list
                        .push((index, From::Debug, sub.read_bytes(length)?));
                }
            }
        }
        Ok(())
    }

    fn of(&self, index: u32) -> impl Iterator<Item = &(u32, From, &'a [u8])> {
        let from = self.list.partition_point(|n| n.0 < index);
        self.list[from..].iter().take_while(move |n| n.0 == index)
    }

    /// All names of a global, those of the symbol table first.
    pub fn all(&self, index: u32) -> impl Iterator<Item = &'a [u8]> {
        self.of(index).map(|n| n.2)
    }

    /// Whether any global has such a name.
    pub fn any(&self, mut wanted: impl FnMut(&[u8]) -> bool) -> bool {
        self.list.iter().any(|n| wanted(n.2))
    }

    /// The first defined global with this name.
    pub fn find<'m>(&self, module: &'m Module, name: &str) -> Option<(GlobalIndex, &'m Global)> {
        self.list
            .iter()
            .find(|n| n.2 == name.as_bytes())
            .and_then(|n| Some((GlobalIndex(n.0), module.global(n.0)?)))
    }
}

/// Classifies every defined `i32` global of a module with records.
pub fn classify(
    bytes: &[u8],
    module: &Module,
    symbols: &Symbols,
    names: &Names<'_>,
    got: &[Option<Class>],
    attached: bool,
    problems: &mut Vec<Problem>,
) -> Vec<GlobalSite> {
    let data =
        data_range(module).map_or(Span::default(), |(low, high)| Span::new(low.0 as u64, high));
    let mut addresses = Addresses::new(bytes, symbols);
    let no_stack_pointer = !names.any(|name| name == b"__stack_pointer");
    // Below the data, or above it.
    let is_top = |value: u32| {
        value != 0
            && value.is_multiple_of(16)
            && (value as u64 == data.start || value as u64 > data.end)
    };
    let mut sites = Vec::new();
    for (at, global) in module.globals.iter().enumerate() {
        let Init::I32(value) = global.init else {
            continue;
        };
        let index = module.imported_globals + at as u32;
        let class = match got.get(at) {
            Some(Some(class)) => Some(*class),
            _ => names.all(index).find_map(|name| match name {
                // A stack that lies in what moves with the data. One below ends where the data begins.
                b"__stack_pointer" if attached && u64::from(value) > data.start => {
                    Some(Class::Data)
                }
                _ => by_name(&mut addresses, name, value, data),
            }),
        };
        // An object file cannot relocate the initial value of a global of its own.
        let own = || names.of(index).any(|n| n.1 == From::Symbol);
        // The only one that wasm-ld makes mutable. Without a symbol nothing uses it.
        let nameless = names.all(index).next().is_none();
        let class = match class {
            None if nameless && global.ty.mutable && no_stack_pointer => Some(Class::StackHigh),
            class => class,
        };
        match class {
            Some(Class::Fixed) => {}
            Some(class) => sites.push(GlobalSite {
                index: GlobalIndex(index),
                class,
            }),
            // One that can be set, in a module without stack pointer, with the value of one: its name may be lost.
            None if attached => {}
            None if own() && !(no_stack_pointer && global.ty.mutable && is_top(value)) => {}
            None if !own() && !data.has(Addr(value)) => {}
            None => {
                let name = names
                    .all(index)
                    .next()
                    .map(|name| text(name, &(0..name.len())));
                let what = name.map_or(text!("global {}", index), |n| {
                    text!("global {} \"{}\"", index, n)
                });
                problems.push(
                    *Problem::new(
                        Code::UnclassifiedGlobal,
                        text!("Cannot tell whether {} with the value {:#x} is an address of the module's data", what, value),
                    )
                    .hint(text!("Export the data symbol under its own name, or drop the export"))
                    .at("global", global.entry.start),
                );
            }
        }
    }
    sites
}

/// What a name says about a global.
#[inline(never)]
fn by_name(addresses: &mut Addresses<'_>, name: &[u8], value: u32, data: Span) -> Option<Class> {
    let in_data = |class: Class| {
        if data.has(Addr(value)) {
            class
        } else {
            Class::Fixed
        }
    };
    match name {
        b"__stack_pointer" => return Some(Class::StackHigh),
        b"__tls_base" => return Some(in_data(Class::Data)),
        b"__tls_size" | b"__tls_align" => return Some(Class::Fixed),
        _ => {}
    }
    if name.starts_with(b"GOT.func.internal.") {
        return Some(if value == 0 {
            Class::Fixed
        } else {
            Class::Slot
        });
    }
    let name = name.strip_prefix(b"GOT.data.internal.").unwrap_or(name);
    // A symbol of the user's own can have a name that the linker would make.
    match addresses.find(name, value) {
        Some(symbol) => Some(symbol.class),
        None => linker_made(name),
    }
}
