//! Names for places: an offset in a section in, ` in function "f"` out. Only for messages.

use crate::compare::Side;
use wasm_share_relocator::inspect::linking::{SymbolKind, Symbols};
use wasm_share_relocator::wasm::{Section, id, reader, text};
use wasmparser::{FunctionBody, SectionLimited};

/// What lies at an offset of a section's body.
pub fn of(side: &Side<'_>, section: &Section, at: usize) -> String {
    let at = section.body.start + at;
    match section.id {
        id::CODE => function(side, section, at).unwrap_or_default(),
        id::DATA => {
            let segments = side.module.segments.iter();
            let mut inside = segments.filter(|s| s.bytes.contains(&at));
            inside
                .find_map(|s| Some(s.address?.0 + (at - s.bytes.start) as u32))
                .map_or_else(
                    || " in the header of a segment".into(),
                    |a| address(side, a),
                )
        }
        _ => String::new(),
    }
}

fn symbols(side: &Side<'_>) -> Option<Symbols> {
    let section = side.module.custom(side.bytes, "linking")?;
    Symbols::read(side.bytes, &side.module, section).ok()
}

/// The data symbol at an address.
pub fn address(side: &Side<'_>, address: u32) -> String {
    let symbols = symbols(side);
    let mut list = symbols.iter().flat_map(|symbols| &symbols.list);
    list.find(|s| s.kind == SymbolKind::Data && s.value <= address && address - s.value < s.size)
        .map_or_else(
            || format!(" (address {address:#x})"),
            |s| {
                let name = text(side.bytes, &s.name);
                format!(" in \"{name}\" + {:#x}", address - s.value)
            },
        )
}

/// The function whose body holds an offset of the file.
fn function(side: &Side<'_>, section: &Section, at: usize) -> Option<String> {
    let bodies = SectionLimited::<FunctionBody<'_>>::new(reader(side.bytes, &section.body)).ok()?;
    let inside = bodies.into_iter().position(|body| {
        body.is_ok_and(|body| (body.range().start..body.range().end).contains(&(at as u64)))
    })? as u32;
    let index = side.module.imported_functions + inside;
    let symbols = symbols(side);
    let name = symbols
        .iter()
        .flat_map(|symbols| &symbols.list)
        .find(|s| s.kind == SymbolKind::Function && s.value == index)
        .map_or("", |s| text(side.bytes, &s.name));
    Some(format!(" in function {index} \"{name}\""))
}
