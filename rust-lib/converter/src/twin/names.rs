//! Names for people, and names of globals.

use std::collections::BTreeMap;

use wasm_share_relocator::externs::ExternKind;
use wasm_share_relocator::wasm::{Module, reader};
use wasmparser::{BinaryReader, Name, NameSectionReader};

use crate::draft::Address;

/// Names of a module, as far as it has some.
#[derive(Debug, Default)]
pub struct Names {
    functions: BTreeMap<u32, String>,
    /// Those of the name section first, then those of exports.
    globals: Vec<(u32, String)>,
    /// The file says that LLVM made it.
    pub of_llvm: bool,
    /// It exports the runtime of AssemblyScript.
    pub of_assemblyscript: bool,
}

impl Names {
    /// Reads the name section and the exports. A broken name section says nothing.
    pub fn read(bytes: &[u8], module: &Module) -> Self {
        let mut names = Names::default();
        if let Some(section) = module.custom(bytes, "name") {
            let _ = names.read_debug(reader(bytes, &section.body));
        }
        let exports = module.exports(bytes).unwrap_or_default();
        let runtime = ["__new", "__pin", "__unpin", "__collect", "__rtti_base"];
        names.of_assemblyscript = runtime
            .iter()
            .all(|name| exports.iter().any(|export| export.name == *name));
        for export in exports {
            match export.kind {
                ExternKind::Global => names.globals.push((export.index, export.name.into())),
                ExternKind::Function => {
                    names
                        .functions
                        .entry(export.index)
                        .or_insert_with(|| export.name.into());
                }
                _ => {}
            }
        }
        let producers = module
            .custom(bytes, "producers")
            .map(|section| &bytes[section.body.clone()]);
        let makers: [&[u8]; 4] = [b"clang", b"rustc", b"LLD", b"zig"];
        let by = |maker: &[u8]| {
            producers.is_some_and(|text| text.windows(maker.len()).any(|part| part == maker))
        };
        names.of_llvm =
            module.custom(bytes, "target_features").is_some() || makers.into_iter().any(by);
        names
    }

    fn read_debug(&mut self, body: BinaryReader<'_>) -> wasmparser::Result<()> {
        for part in NameSectionReader::new(body) {
            match part? {
                Name::Function(map) => {
                    for naming in map {
                        let naming = naming?;
                        self.functions.insert(naming.index, naming.name.into());
                    }
                }
                Name::Global(map) => {
                    for naming in map {
                        let naming = naming?;
                        self.globals.push((naming.index, naming.name.into()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether any global has a name.
    pub fn knows_globals(&self) -> bool {
        !self.globals.is_empty()
    }

    /// The global with a name.
    pub fn global(&self, name: &str) -> Option<u32> {
        self.globals
            .iter()
            .find(|known| known.1 == name)
            .map(|known| known.0)
    }

    /// A global that is an address, with all its names. Those of position independent code are named after the
    /// symbol whose address they hold.
    pub fn address(&self, index: u32, value: u32) -> Address {
        let own = self.globals.iter().filter(|known| known.0 == index);
        let plain = |name: &String| {
            name.strip_prefix("GOT.data.internal.")
                .unwrap_or(name)
                .to_string()
        };
        Address {
            names: own.map(|known| plain(&known.1)).collect(),
            value,
        }
    }

    /// A function for people.
    pub fn function(&self, index: u32) -> String {
        match self.functions.get(&index) {
            Some(name) => format!("function {index} \"{name}\""),
            None => format!("function {index}"),
        }
    }
}
