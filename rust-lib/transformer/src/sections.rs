//! Custom sections that hold offsets or indices of code, which would be stale once the code is
//! re-encoded: they are cut out of the bytes before anything else looks at them.

use walrus::{Module, ModuleConfig};
use wasmparser::{Parser, Payload, TypeRef};

use crate::error::Problem;

/// A module without the sections that would be stale.
pub struct Kept {
    /// The module.
    pub bytes: Vec<u8>,
    /// Names of what was cut out, in file order.
    pub dropped: Vec<String>,
    /// How many bytes were cut out before the code section.
    pub cut_before_code: usize,
    /// The content of the `producers` section. walrus would write itself into it.
    pub producers: Option<Vec<u8>>,
    /// Whether there is a name section.
    pub has_names: bool,
}

/// Cuts out what would be stale; everything else keeps its bytes and its order.
pub fn keep(module: &[u8]) -> Result<Kept, Problem> {
    let mut kept = Kept {
        bytes: module.get(..8).unwrap_or(module).to_vec(),
        dropped: Vec::new(),
        cut_before_code: 0,
        producers: None,
        has_names: false,
    };
    let mut end = 8;
    let mut before_code = true;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| malformed(error.message(), error.offset()))?;
        // The range of a section is its content: the header lies between it and the section before.
        let range = match &payload {
            Payload::CodeSectionStart { range, .. } => Some(range.clone()),
            other => other.as_section().map(|(_, range)| range),
        };
        let Some(range) = range else { continue };
        let section = module.get(end..range.end).unwrap_or_default();
        end = range.end;
        match &payload {
            Payload::CodeSectionStart { .. } => before_code = false,
            Payload::CustomSection(custom) if is_stale_after(custom.name()) => {
                kept.dropped.push(custom.name().to_string());
                if before_code {
                    kept.cut_before_code += section.len();
                }
                continue;
            }
            Payload::CustomSection(custom) if custom.name() == "producers" => {
                kept.producers = Some(custom.data().to_vec());
            }
            Payload::CustomSection(custom) if custom.name() == "name" => kept.has_names = true,
            _ => {}
        }
        kept.bytes.extend_from_slice(section);
    }
    Ok(kept)
}

/// Parses a module for passes, or for a look at it. Nothing is written that would be stale, or of walrus's own.
///
/// # Errors
/// `malformed_module`.
pub fn parse(module: &[u8], names: bool) -> Result<Module, Problem> {
    ModuleConfig::new()
        .generate_name_section(names)
        .generate_producers_section(false)
        .generate_dwarf(false)
        .parse(module)
        .map_err(|error| malformed(&format!("{error:#}"), 0))
}

/// How many functions a module has, imported ones included.
pub fn functions(module: &[u8]) -> Result<usize, Problem> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| malformed(error.message(), error.offset()))? {
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import =
                        import.map_err(|error| malformed(error.message(), error.offset()))?;
                    count += usize::from(matches!(
                        import.ty,
                        TypeRef::Func(_) | TypeRef::FuncExact(_)
                    ));
                }
            }
            Payload::FunctionSection(reader) => count += reader.count() as usize,
            _ => {}
        }
    }
    Ok(count)
}

/// The problem of a module that cannot be read.
pub fn malformed(why: &str, offset: usize) -> Problem {
    let mut problem = Problem::new(
        "malformed_module",
        format!("Cannot read module: {why}"),
        "Build the module again; `wasm-tools validate` says more about what is wrong with it",
    );
    problem.offset = Some(offset);
    problem
}

/// Whether a custom section holds offsets or indices of code.
fn is_stale_after(name: &str) -> bool {
    name.starts_with(".debug")
        || name.starts_with("reloc.")
        || name.starts_with("metadata.code.")
        || matches!(name, "linking" | "sourceMappingURL" | "external_debug_info")
}
