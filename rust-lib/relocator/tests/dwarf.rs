//! Debug information after a move, read by gimli: equal to what the linker writes for the new place,
//! the same lines for every byte of code, and variables at their new addresses.

use gimli::{AttributeValue, EndianSlice, LittleEndian};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use wasm_share_relocator::emit::{self, Move};
use wasm_share_relocator::inspect;
use wasm_share_relocator::model::{Class, Deltas};
use wasmparser::{Linking, Parser, Payload, SymbolInfo};

type Slice<'a> = EndianSlice<'a, LittleEndian>;
type Dwarf<'a> = gimli::Dwarf<Slice<'a>>;

/// What the linker writes where there is nothing: functions and data that it left out.
const TOMBSTONE: u64 = 0xffff_ffff;

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/cases")
        .join(case)
}

/// Two links of the same objects, and how far apart they are.
struct Link {
    name: String,
    base: Vec<u8>,
    other: Vec<u8>,
    deltas: Deltas,
}

/// All of the cases with debug information.
fn links() -> Vec<Link> {
    let mut links = Vec::new();
    for case in ["debug-c", "debug-rust"] {
        let folder = folder(case);
        let read = |name: &str| std::fs::read(folder.join(format!("{name}.wasm"))).unwrap();
        let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
        let described: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (name, link) in described["links"].as_object().unwrap() {
            let number = |key: &str| link[key].as_i64().unwrap_or(0) as u32;
            let mut deltas = Deltas::default();
            deltas.set(Class::Data, number("dataDelta"));
            deltas.set(Class::HeapBase, number("heapDelta"));
            deltas.set(Class::HeapEnd, number("heapDelta"));
            deltas.set(Class::Slot, number("slotDelta"));
            if deltas != Deltas::default() {
                links.push(Link {
                    name: format!("{case}/{name}"),
                    base: read(link["of"].as_str().unwrap_or("base")),
                    other: read(name),
                    deltas,
                });
            }
        }
    }
    links
}

/// The first link, moved to where the second is.
fn moved(link: &Link, strip: bool) -> Vec<u8> {
    let options = inspect::Options {
        verify: true,
        ..Default::default()
    };
    let found = inspect::inspect(&link.base, &options).unwrap();
    let names = ["env".to_string(), "memory".to_string()];
    let table = ["env".to_string(), "__indirect_function_table".to_string()];
    let to = Move {
        deltas: link.deltas,
        memory: Some((&names, 1000)),
        table: found.shares_table().then_some((&table, 1000)),
        strip,
        trim: strip,
        stamp: Some("{}"),
    };
    emit::emit(&link.base, &found, &to).unwrap()
}

/// A module, read by wasmparser.
#[derive(Default)]
struct Parsed<'a> {
    /// Custom sections by name.
    customs: BTreeMap<&'a str, &'a [u8]>,
    /// Offset in the file of the code section's body.
    code: u64,
    /// The functions, as ranges in that body.
    functions: Vec<std::ops::Range<u64>>,
    /// The address of each segment of data.
    segments: Vec<u64>,
    /// Addresses of the symbols of data by name, in a module that has them.
    symbols: HashMap<&'a str, Vec<u64>>,
}

fn parse(bytes: &[u8]) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::CodeSectionStart {
                unchecked_range: range,
                ..
            } => parsed.code = range.start,
            Payload::CodeSectionEntry(body) => {
                let start = parsed.code;
                let range = body.range();
                parsed
                    .functions
                    .push(range.start - start..range.end - start);
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let wasmparser::DataKind::Active { offset_expr, .. } = segment.unwrap().kind
                    else {
                        panic!("passive")
                    };
                    let Ok(wasmparser::Operator::I32Const { value }) =
                        offset_expr.get_operators_reader().read()
                    else {
                        panic!("no constant")
                    };
                    parsed.segments.push(u64::from(value as u32));
                }
            }
            Payload::CustomSection(section) => {
                parsed.customs.insert(section.name(), section.data());
                let wasmparser::KnownCustom::Linking(linking) = section.as_known() else {
                    continue;
                };
                for part in linking {
                    let Linking::SymbolTable(symbols) = part.unwrap() else {
                        continue;
                    };
                    for symbol in symbols {
                        if let SymbolInfo::Data {
                            name,
                            symbol: Some(place),
                            flags,
                        } = symbol.unwrap()
                            && !flags.contains(wasmparser::SymbolFlags::ABSOLUTE)
                        {
                            let segment = parsed.segments[place.index as usize];
                            let address = segment + u64::from(place.offset);
                            parsed.symbols.entry(name).or_default().push(address);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    parsed
}

impl<'a> Parsed<'a> {
    fn dwarf(&self) -> Dwarf<'a> {
        gimli::Dwarf::load(|id| {
            let bytes = self.customs.get(id.name()).copied().unwrap_or(&[]);
            Ok::<_, gimli::Error>(EndianSlice::new(bytes, LittleEndian))
        })
        .unwrap()
    }

    fn debug_sections(&self) -> BTreeMap<&'a str, &'a [u8]> {
        let is_debug = |(name, _): &(&&str, &&[u8])| name.starts_with(".debug");
        self.customs
            .iter()
            .filter(is_debug)
            .map(|(name, bytes)| (*name, *bytes))
            .collect()
    }
}

/// `file:line:column` of each row by its address; an empty text where code has no line.
fn lines(dwarf: &Dwarf<'_>) -> BTreeMap<u64, String> {
    let mut rows = BTreeMap::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let Some(program) = unit.line_program.clone() else {
            continue;
        };
        let (program, sequences) = program.sequences().unwrap();
        for sequence in sequences {
            if sequence.start >= TOMBSTONE - 1 {
                continue;
            }
            let mut each = program.resume_from(&sequence);
            while let Some((header, row)) = each.next_row().unwrap() {
                if row.end_sequence() {
                    // If the next function begins here, that counts.
                    rows.entry(row.address()).or_default();
                    continue;
                }
                let text = match (row.file(header), row.line()) {
                    (Some(file), Some(line)) => {
                        let column = match row.column() {
                            gimli::ColumnType::LeftEdge => 0,
                            gimli::ColumnType::Column(column) => column.get(),
                        };
                        format!("{}:{line}:{column}", path(dwarf, &unit, header, file))
                    }
                    _ => String::new(),
                };
                rows.insert(row.address(), text);
            }
        }
    }
    rows
}

/// Folder and file as the compiler wrote them, without "./".
fn path<'a>(
    dwarf: &Dwarf<'a>,
    unit: &gimli::Unit<Slice<'a>>,
    header: &gimli::LineProgramHeader<Slice<'a>>,
    file: &gimli::FileEntry<Slice<'a>>,
) -> String {
    let text = |value| {
        let text: Slice<'a> = dwarf.attr_string(unit, value).unwrap();
        text.to_string().unwrap().to_string()
    };
    let name = text(file.path_name());
    // In version 4 folder 0 is that of the unit, which the recipes call ".".
    let folder = match file.directory(header) {
        Some(folder) if header.version() >= 5 || file.directory_index() > 0 => text(folder),
        _ => ".".to_string(),
    };
    let whole = if name.starts_with('/') {
        name
    } else {
        format!("{folder}/{name}")
    };
    whole.trim_start_matches("./").to_string()
}

/// A variable with a fixed address: its names, and the address that DWARF has for it.
#[derive(Debug)]
struct Variable {
    name: String,
    linkage: Option<String>,
    address: u64,
}

fn variables(dwarf: &Dwarf<'_>) -> Vec<Variable> {
    let mut found = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs().unwrap() {
            if entry.tag() != gimli::DW_TAG_variable {
                continue;
            }
            let Some(AttributeValue::Exprloc(location)) = entry.attr_value(gimli::DW_AT_location)
            else {
                continue;
            };
            let mut operations = location.operations(unit.encoding());
            let address = match operations.next().unwrap() {
                Some(gimli::Operation::Address { address }) => address,
                Some(gimli::Operation::AddressIndex { index }) => {
                    dwarf.address(&unit, index).unwrap()
                }
                _ => continue,
            };
            let text = |name| {
                let value = entry.attr_value(name)?;
                let text = dwarf.attr_string(&unit, value).ok()?;
                Some(text.to_string().unwrap().to_string())
            };
            found.push(Variable {
                name: text(gimli::DW_AT_name).unwrap_or_default(),
                linkage: text(gimli::DW_AT_linkage_name),
                address,
            });
        }
    }
    found
}

impl Variable {
    /// Whether a symbol is this variable's: by its name, or `function.name` of a static in a function.
    fn is(&self, symbol: &str) -> bool {
        let inner = symbol
            .rsplit_once('.')
            .is_some_and(|(_, name)| name == self.name);
        symbol == self.name || self.linkage.as_deref() == Some(symbol) || inner
    }
}

#[test]
fn debug_sections_are_those_that_the_linker_writes() {
    let mut versions = Vec::new();
    for link in links() {
        let base = parse(&link.base).debug_sections();
        let linker = parse(&link.other).debug_sections();
        for strip in [true, false] {
            let bytes = moved(&link, strip);
            let ours = parse(&bytes).debug_sections();
            let names: Vec<_> = ours.keys().collect();
            assert_eq!(names, linker.keys().collect::<Vec<_>>(), "{}", link.name);
            for (name, bytes) in &ours {
                let first = bytes.iter().zip(linker[name]).position(|(a, b)| a != b);
                assert!(
                    *bytes == linker[name],
                    "{}: {name} at {first:x?}",
                    link.name
                );
            }
            let moves = link.deltas.of(Class::Data) != 0;
            assert_eq!(ours != base, moves, "{}: nothing to compare", link.name);
        }
        let dwarf = parse(&link.base).dwarf();
        versions.push(dwarf.units().next().unwrap().unwrap().version());
    }
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions, [4, 5]);
}

#[test]
fn every_byte_of_code_keeps_its_line() {
    for link in links() {
        let before = parse(&link.base);
        let old = lines(&before.dwarf());
        for strip in [true, false] {
            let bytes = moved(&link, strip);
            let after = parse(&bytes);
            assert_eq!(after.functions, before.functions, "{}", link.name);
            let new = lines(&after.dwarf());
            let mut known = 0;
            for function in &before.functions {
                for address in function.clone() {
                    let line = |rows: &BTreeMap<u64, String>| {
                        let row = rows.range(function.start..=address).next_back();
                        row.map(|(_, line)| line.clone()).unwrap_or_default()
                    };
                    assert_eq!(line(&new), line(&old), "{} at {address:#x}", link.name);
                    known += usize::from(!line(&new).is_empty());
                }
            }
            assert!(known > 100, "{}: {known} bytes have a line", link.name);
        }
    }
}

#[test]
fn variables_are_at_the_new_addresses_of_their_symbols() {
    for link in links() {
        let before = variables(&parse(&link.base).dwarf());
        for strip in [true, false] {
            let bytes = moved(&link, strip);
            let after = variables(&parse(&bytes).dwarf());
            // Those with symbols are the ones that keep them.
            let kept = moved(&link, false);
            let symbols = parse(&kept).symbols;
            assert_eq!(after.len(), before.len());
            let mut checked = 0;
            for (new, old) in after.iter().zip(&before) {
                assert_eq!(new.name, old.name);
                if old.address == TOMBSTONE {
                    assert_eq!(new.address, TOMBSTONE, "{}: {new:?}", link.name);
                    continue;
                }
                let delta = u64::from(link.deltas.of(Class::Data));
                assert_eq!(new.address, old.address + delta, "{}: {new:?}", link.name);
                if new.name.is_empty() {
                    continue; // A string without a name.
                }
                let places: Vec<u64> = symbols
                    .iter()
                    .filter(|(name, _)| new.is(name))
                    .flat_map(|(_, places)| places.clone())
                    .collect();
                assert!(
                    places.contains(&new.address),
                    "{}: {new:x?} is not among {places:x?}",
                    link.name
                );
                checked += 1;
            }
            assert!(checked >= 4, "{}: {checked} variables", link.name);
        }
    }
}

#[test]
fn tombstones_stay() {
    let mut seen = 0;
    for link in links() {
        let bytes = moved(&link, true);
        let count = |bytes: &[u8]| {
            let parsed = parse(bytes);
            let dwarf = parsed.dwarf();
            let data = variables(&dwarf)
                .iter()
                .filter(|each| each.address == TOMBSTONE)
                .count();
            let mut code = 0;
            let mut units = dwarf.units();
            while let Some(header) = units.next().unwrap() {
                let unit = dwarf.unit(header).unwrap();
                let mut entries = unit.entries();
                while let Some(entry) = entries.next_dfs().unwrap() {
                    let low = entry.attr_value(gimli::DW_AT_low_pc);
                    let low = low.and_then(|low| dwarf.attr_address(&unit, low).unwrap());
                    code += usize::from(low == Some(TOMBSTONE));
                }
            }
            (data, code)
        };
        let (data, code) = count(&link.base);
        assert_eq!(count(&bytes), (data, code), "{}", link.name);
        seen += usize::from(data > 0 && code > 0);
    }
    assert!(seen >= 4, "{seen} links have tombstones of data and code");
}

/// The script that makes the maps of the cases has a reader of its own; so this judges that one.
#[test]
fn the_source_maps_of_the_cases_say_what_dwarf_says() {
    for case in ["debug-c", "debug-rust"] {
        let bytes = std::fs::read(folder(case).join("base.wasm")).unwrap();
        let text = std::fs::read_to_string(folder(case).join("base.wasm.map")).unwrap();
        let map: serde_json::Value = serde_json::from_str(&text).unwrap();
        let parsed = parse(&bytes);
        let rows = lines(&parsed.dwarf());

        let mut mapped = BTreeMap::new();
        let mut fields = [0i64; 5];
        for segment in map["mappings"].as_str().unwrap().split(',') {
            let values = vlq(segment);
            for (field, value) in fields.iter_mut().zip(&values) {
                *field += value;
            }
            let line = match values.len() {
                1 => String::new(),
                _ => {
                    let source = map["sources"][fields[1] as usize].as_str().unwrap();
                    format!("{source}:{}", fields[2] + 1)
                }
            };
            mapped.insert(fields[0] as u64 - parsed.code, line);
        }
        let rows: BTreeMap<u64, String> = rows
            .into_iter()
            .map(|(address, text)| {
                let line = text.rsplit_once(':').map_or("", |(line, _)| line);
                (address, line.to_string())
            })
            .collect();
        assert_eq!(mapped, rows, "{case}");
        assert!(rows.len() > 20, "{case}");
    }
}

/// The numbers of a segment in base64 VLQ.
fn vlq(segment: &str) -> Vec<i64> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut values, mut value, mut shift) = (Vec::new(), 0i64, 0);
    for char in segment.chars() {
        let digit = DIGITS.find(char).unwrap() as i64;
        value |= (digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            values.push(if value & 1 == 1 {
                -(value >> 1)
            } else {
                value >> 1
            });
            (value, shift) = (0, 0);
        }
    }
    values
}
