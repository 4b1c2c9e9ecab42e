//! What moves the initial value of each global: nothing relocates globals, so each is classified.
//!
//! In: the skeleton, symbols, GOT entries found by records, names and exports. Out: the globals that
//! move. A global whose value lies in the module's data and that nothing explains is a problem, not
//! a guess.

use super::linking::{SymbolKind, Symbols, linker_made};
use super::relocs::data_range;
use crate::error::{Code, Problem, Result};
use crate::ids::{Addr, GlobalIndex};
use crate::model::{Class, GlobalSite, Span};
use crate::wasm::{Global, Init, Module, id, reader};
use wasmparser::{ExportSectionReader, ExternalKind, Name, NameSectionReader};

/// Names of globals, from wherever there are some.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// From the symbol table.
    symbol: Vec<(u32, &'a [u8])>,
    /// From the name section.
    debug: Vec<(u32, &'a [u8])>,
    /// From the export section.
    export: Vec<(u32, &'a [u8])>,
}

impl<'a> Names<'a> {
    /// Collects the names.
    ///
    /// # Errors
    /// `malformed_module`.
    pub fn read(bytes: &'a [u8], module: &Module, symbols: &Symbols) -> Result<Self> {
        let mut names = Names::default();
        for symbol in symbols.list.iter().filter(|s| s.kind == SymbolKind::Global) {
            names.symbol.push((symbol.value, &bytes[symbol.name.clone()]));
        }
        if let Some(section) = module.custom(bytes, "name") {
            // A broken name section is no reason to refuse a module.
            for name in NameSectionReader::new(reader(bytes, &section.body)) {
                let Ok(Name::Global(map)) = name else { continue };
                for naming in map.into_iter().map_while(|n| n.ok()) {
                    names.debug.push((naming.index, naming.name.as_bytes()));
                }
            }
        }
        if let Some((_, section)) = module.section(id::EXPORT) {
            for export in ExportSectionReader::new(reader(bytes, &section.body))? {
                let export = export?;
                if export.kind == ExternalKind::Global {
                    names.export.push((export.index, export.name.as_bytes()));
                }
            }
        }
        for list in [&mut names.symbol, &mut names.debug, &mut names.export] {
            list.sort_by_key(|n| n.0);
        }
        Ok(names)
    }

    fn of<'s>(list: &'s [(u32, &'a [u8])], index: u32) -> impl Iterator<Item = &'a [u8]> + 's {
        let from = list.partition_point(|n| n.0 < index);
        list[from..].iter().take_while(move |n| n.0 == index).map(|n| n.1)
    }

    /// All names of a global, those of the symbol table first.
    pub fn all(&self, index: u32) -> impl Iterator<Item = &'a [u8]> + '_ {
        Self::of(&self.symbol, index).chain(Self::of(&self.debug, index)).chain(Self::of(&self.export, index))
    }

    /// The first defined global with this name.
    pub fn find<'m>(&self, module: &'m Module, name: &str) -> Option<(GlobalIndex, &'m Global)> {
        [&self.symbol, &self.debug, &self.export]
            .into_iter()
            .flatten()
            .find(|n| n.1 == name.as_bytes())
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
    problems: &mut Vec<Problem>,
) -> Vec<GlobalSite> {
    let data = data_range(module).map_or(Span::default(), |(low, high)| Span::new(low.0 as u64, high));
    let mut sites = Vec::new();
    for (at, global) in module.globals.iter().enumerate() {
        let Init::I32(value) = global.init else { continue };
        let index = module.imported_globals + at as u32;
        let class = match got.get(at) {
            Some(Some(class)) => Some(*class),
            _ => names.all(index).find_map(|name| by_name(bytes, symbols, name, value, data)),
        };
        // An object file cannot relocate the initial value of a global of its own.
        let own = || Names::of(&names.symbol, index).next().is_some();
        match class {
            Some(Class::Fixed) => {}
            Some(class) => sites.push(GlobalSite { index: GlobalIndex(index), class }),
            None if !data.has(Addr(value)) || own() => {}
            None => {
                let name = names.all(index).next().map(String::from_utf8_lossy);
                let what = name.map_or(format!("global {index}"), |n| format!("global {index} \"{n}\""));
                problems.push(
                    *Problem::new(
                        Code::UnclassifiedGlobal,
                        format!("Cannot tell whether {what} with the value {value:#x} is an address of the module's data"),
                    )
                    .hint("Export the data symbol under its own name, or drop the export")
                    .at("global", global.entry.start),
                );
            }
        }
    }
    sites
}

/// What a name says about a global.
fn by_name(bytes: &[u8], symbols: &Symbols, name: &[u8], value: u32, data: Span) -> Option<Class> {
    let in_data = |class: Class| if data.has(Addr(value)) { class } else { Class::Fixed };
    match name {
        b"__stack_pointer" => return Some(Class::StackHigh),
        b"__tls_base" => return Some(in_data(Class::Data)),
        b"__tls_size" | b"__tls_align" => return Some(Class::Fixed),
        _ => {}
    }
    if name.starts_with(b"GOT.func.internal.") {
        return Some(if value == 0 { Class::Fixed } else { Class::Slot });
    }
    let name = name.strip_prefix(b"GOT.data.internal.").unwrap_or(name);
    if let Some(class) = linker_made(name) {
        return Some(class);
    }
    let symbol = symbols.find(bytes, SymbolKind::Data, name)?;
    (symbol.value == value).then_some(symbol.class)
}
