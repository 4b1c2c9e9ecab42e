//! The section `dylink.0`.

use std::collections::BTreeSet;

use wasm_share_relocator::wasm::{Module, reader};
use wasmparser::{Dylink0Subsection, SymbolFlags};

use super::unusable;
use crate::error::Result;

/// What it says.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Bytes of data, `.bss` included.
    pub memory_size: u32,
    /// What the data is aligned to, as a power of 2.
    pub memory_align: u32,
    /// Slots of the table.
    pub table_size: u32,
    /// What they are aligned to, as a power of 2.
    pub table_align: u32,
    /// Libraries that it asks for.
    pub needed: Vec<String>,
    /// Imports that may be missing.
    pub weak: BTreeSet<String>,
}

impl Info {
    /// Reads it.
    ///
    /// # Errors
    /// `side_module`, `malformed_module`.
    pub fn read(bytes: &[u8], module: &Module) -> Result<Self> {
        let mut info = Info::default();
        let Some(section) = module.custom(bytes, "dylink.0") else {
            return Err(unusable("its section \"dylink.0\" is missing"));
        };
        let parts = wasmparser::Dylink0SectionReader::new(reader(bytes, &section.body));
        for part in parts {
            match part? {
                Dylink0Subsection::MemInfo(memory) => {
                    info.memory_size = memory.memory_size;
                    info.memory_align = memory.memory_alignment;
                    info.table_size = memory.table_size;
                    info.table_align = memory.table_alignment;
                }
                Dylink0Subsection::Needed(names) => {
                    info.needed = names.into_iter().map(String::from).collect();
                }
                Dylink0Subsection::ExportInfo(list) => {
                    if let Some(export) = list.iter().find(|e| e.flags.contains(SymbolFlags::TLS)) {
                        return Err(unusable(&format!(
                            "\"{}\" is local to a thread",
                            export.name
                        )));
                    }
                }
                Dylink0Subsection::ImportInfo(list) => {
                    let weak = list
                        .iter()
                        .filter(|import| import.flags.contains(SymbolFlags::BINDING_WEAK));
                    info.weak = weak.map(|import| import.field.into()).collect();
                }
                _ => {}
            }
        }
        if info.memory_align > 16 || info.table_align > 16 {
            return Err(unusable("it asks for an alignment above 64 KiB"));
        }
        // What is left of the address space must hold a stack, too.
        if info.memory_size > 0xf000_0000 || info.table_size > 10_000_000 {
            return Err(unusable(
                "it asks for more memory or slots than there can be",
            ));
        }
        Ok(info)
    }
}
