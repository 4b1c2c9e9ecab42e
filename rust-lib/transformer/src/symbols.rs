//! What the functions of a module are called.
//!
//! In: a module before it was moved: the move drops `linking`. Out: every name of every function, by its
//! index: symbols (a function can have several), the name section, exports. Names are hints: what cannot
//! be read has none, and whoever needs a name says that it is missing.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    CustomSectionReader, ExternalKind, KnownCustom, Linking, Name, Parser, Payload, SymbolFlags,
    SymbolInfo,
};

/// Names of functions by index, imported functions included.
#[derive(Debug, Default)]
pub struct Symbols {
    names: BTreeMap<u32, BTreeSet<String>>,
    /// Index, name, and whether other objects could see it.
    linked: Option<Vec<(u32, String, bool)>>,
    exports: Vec<(u32, String)>,
}

impl Symbols {
    /// Reads the names of all functions.
    pub fn read(module: &[u8]) -> Self {
        let mut symbols = Self::default();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::ExportSection(exports) => {
                    for export in exports.into_iter().map_while(Result::ok) {
                        if export.kind == ExternalKind::Func {
                            symbols.add(export.index, export.name);
                            symbols.exports.push((export.index, export.name.into()));
                        }
                    }
                }
                Payload::CustomSection(custom) => symbols.custom(&custom),
                _ => {}
            }
        }
        symbols
    }

    /// The names of all functions: symbols of the linker, or, where it left none, whatever there is.
    pub fn known(&self) -> Vec<(u32, &str)> {
        let any = || {
            let all = self.names.iter();
            all.flat_map(|(index, names)| names.iter().map(|name| (*index, name.as_str())))
        };
        match &self.linked {
            Some(list) => list
                .iter()
                .map(|(index, name, _)| (*index, name.as_str()))
                .collect(),
            None => any().collect(),
        }
    }

    /// What other objects called the functions, or could not see (`false`): by the symbols of the linker, or,
    /// where it left none, by the exports. The name section would say nothing of that.
    pub fn linked(&self) -> Vec<(u32, &str, bool)> {
        match &self.linked {
            Some(list) => list
                .iter()
                .map(|(at, name, seen)| (*at, name.as_str(), *seen))
                .collect(),
            None => self
                .exports
                .iter()
                .map(|(at, name)| (*at, name.as_str(), true))
                .collect(),
        }
    }

    fn add(&mut self, index: u32, name: &str) {
        self.names.entry(index).or_default().insert(name.into());
    }

    fn custom(&mut self, custom: &CustomSectionReader<'_>) {
        match custom.as_known() {
            KnownCustom::Name(sections) => {
                for section in sections.into_iter().map_while(Result::ok) {
                    let Name::Function(names) = section else {
                        continue;
                    };
                    for naming in names.into_iter().map_while(Result::ok) {
                        self.add(naming.index, naming.name);
                    }
                }
            }
            KnownCustom::Linking(sections) => {
                for section in sections.into_iter().map_while(Result::ok) {
                    let Linking::SymbolTable(symbols) = section else {
                        continue;
                    };
                    for symbol in symbols.into_iter().map_while(Result::ok) {
                        if let SymbolInfo::Func { index, name, flags } = symbol
                            && let Some(name) = name
                        {
                            self.add(index, name);
                            let seen = !flags.contains(SymbolFlags::BINDING_LOCAL);
                            self.linked
                                .get_or_insert_default()
                                .push((index, name.into(), seen));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}
