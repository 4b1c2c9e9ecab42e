//! Position independent objects linked statically, without relocation records: kind `pic`.
//!
//! In: bytes and skeleton. Out: the sites that are exact (code reaches its data through the globals
//! `GOT.data.internal.*`, so moving those moves the code), and the pointers in data, which nothing lists:
//! `pointers` decides. Code of an object that was not compiled position independent holds plain
//! addresses; it is found by its padded operands and refused.

use super::globals::Names;
use super::linking::{Symbols, linker_made};
use super::ops::{Op, Ops};
use super::slots::Slots;
use super::{Inspected, Options, PAGE, exported, relocs, stack};
use crate::error::{Code, Problem, Result};
use crate::ids::{Addr, GlobalIndex};
use crate::model::{Claim, Class, Form, GlobalSite, Heap, SectionSites, Site, SiteMap, Span};
use crate::text::{Text, text};
use crate::wasm::{Init, Module, id, reader};
use wasm_share_kernels::scan::is_redundant;

/// What to do with pointers in data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pointers {
    /// Move aligned words that point into the module's own data.
    #[default]
    Guess,
    /// Refuse.
    Error,
    /// Leave alone.
    Ignore,
}

fn rebuild() -> Text {
    text!(
        "Link with --emit-relocs (Rust: RUSTFLAGS=\"-C link-arg=--emit-relocs\"; clang: --no-wasm-opt \
                       -Wl,--emit-relocs): then every address is known, and position independent code is not needed"
    )
}

/// The base that position independent code adds to addresses and slots.
const BASES: [&str; 4] = [
    "GOT.data.internal.__memory_base",
    "GOT.data.internal.__table_base",
    "__memory_base",
    "__table_base",
];

/// Whether the module has the globals of position independent objects.
pub fn is_pic(bytes: &[u8], module: &Module) -> bool {
    Names::read(bytes, module, &Symbols::default()).is_ok_and(|names| {
        names.any(|name| {
            name.starts_with(b"GOT.data.internal.") || name.starts_with(b"GOT.func.internal.")
        })
    })
}

/// Reads a module.
pub fn read(bytes: &[u8], options: &Options, found: &mut Inspected) -> Result<()> {
    let module = &found.module;
    let names = Names::read(bytes, module, &Symbols::default())?;
    found.table = Slots::read(bytes, module, None, &[])?;
    check_code(bytes, module, &names)?;
    let filled = filled_by_start(bytes, module)?;
    let address = |name: &str| {
        exported(module, &names, name)
            .or_else(|| exported(module, &names, &format!("GOT.data.internal.{name}")))
    };
    let heap_base = address("__heap_base").filter(|base| *base != 0);
    let stack_pointer = exported(module, &names, "__stack_pointer");
    let memory = module.memories.first();
    let memory_end = memory.map_or(0, |m| m.ty.initial.saturating_mul(PAGE));

    let segments = relocs::data_range(module).map(|(low, high)| Span::new(low.0 as u64, high));
    let mut data = filled
        .iter()
        .copied()
        .chain(segments)
        .reduce(|a, b| Span::new(a.start.min(b.start), a.end.max(b.end)));
    // A memory of the module's own starts as zeros, so the linker writes nothing for .bss: then data can
    // reach up to the stack, the heap, or the end of the memory.
    if memory.is_some_and(|m| m.import.is_none()) && filled.is_empty() {
        let data_end = address("__data_end").map(u64::from);
        let below = |data: &Span| stack_pointer.is_some_and(|sp| sp as u64 > data.end);
        let Some(data) = data.as_mut().filter(|d| data_end.is_some() || !below(d)) else {
            return Err(Problem::new(
                Code::NoRelocations,
                text!("Cannot tell where the module's .bss lies: its memory starts as zeros, so nothing is written for .bss"),
            )
            .hint(text!("{}. Or link with --import-memory and -mbulk-memory", rebuild())));
        };
        let bound = data_end.or(heap_base.map(u64::from));
        data.end = data.end.max(bound.unwrap_or(memory_end));
    }
    found.alignment = PAGE as u32;
    found.data = data;
    found.stack = stack(stack_pointer, None, data)?;
    found.init_memory = !filled.is_empty();
    let default = super::default_heap_base(data, found.stack);
    let refers = |name: &str| names.any(|n| n == format!("GOT.data.internal.{name}").as_bytes());
    found.heap = Heap {
        base: heap_base.map_or(default, u64::from),
        end: memory_end.max(heap_base.map_or(default, u64::from)),
        claim: match (refers("__heap_base"), refers("__heap_end")) {
            (_, true) => Claim::Piece,
            (true, false) => Claim::All,
            (false, false) => Claim::None,
        },
    };
    let data = data.unwrap_or_default();
    let mut guessed_globals = 0;
    let globals = globals(
        module,
        &names,
        data,
        options,
        &mut guessed_globals,
        &mut found.problems,
    );
    let (words, odd, first) = pointers(bytes, module, data);
    let count = words.len() as u32 + guessed_globals;
    let others = match odd {
        0 => text!(""),
        _ => text!(
            "; {} more at addresses that are not multiples of 4 were left alone",
            odd
        ),
    };
    match options.pointers {
        // Even if nothing looks like an address, that is a guess.
        Pointers::Guess if data.size() > 0 => found.warnings.push(
            *Problem::new(
                Code::GuessedPointers,
                text!("{} words of data were taken for addresses because they point into the module's own data{}", count, others),
            )
            .hint(rebuild())
            .at("data", first),
        ),
        _ if count + odd == 0 => {}
        Pointers::Guess => {}
        Pointers::Ignore => found.warnings.push(
            *Problem::new(
                Code::IgnoredPointers,
                text!("{} words of data look like addresses of the module's own data and were left alone", count + odd),
            )
            .hint(rebuild())
            .at("data", first),
        ),
        Pointers::Error => found.problems.push(
            *Problem::new(
                Code::GuessedPointers,
                text!("Cannot find the addresses in data: {} words look like some, and nothing lists them", count + odd),
            )
            .hint(rebuild())
            .at("data", first),
        ),
    }
    found.sites = SiteMap {
        sections: Vec::new(),
        globals,
        zero_sites: false,
    };
    if options.pointers == Pointers::Guess {
        found.guessed = count;
        if let Some((section, _)) = module.section(id::DATA) {
            found.sites.sections.push(SectionSites {
                section,
                sites: words,
            });
        }
    }
    Ok(())
}

/// Globals that the linker makes for position independent code.
const KNOWN: [(&[u8], Class); 7] = [
    (b"__stack_pointer", Class::StackHigh),
    // The base moves, the constants that are added to it stay.
    (b"GOT.data.internal.__memory_base", Class::Data),
    (b"__memory_base", Class::Data),
    (b"GOT.data.internal.__table_base", Class::Fixed),
    (b"__table_base", Class::Fixed),
    (b"__tls_size", Class::Fixed),
    (b"__tls_align", Class::Fixed),
];

/// What moves each global.
fn globals(
    module: &Module,
    names: &Names<'_>,
    data: Span,
    options: &Options,
    guessed: &mut u32,
    problems: &mut Vec<Problem>,
) -> Vec<GlobalSite> {
    let mut sites = Vec::new();
    for (at, global) in module.globals.iter().enumerate() {
        let Init::I32(value) = global.init else {
            continue;
        };
        let index = module.imported_globals + at as u32;
        let in_data = data.has(Addr(value)) || value as u64 == data.end && data.size() > 0;
        let by_name = |name: &[u8]| match KNOWN.iter().find(|known| known.0 == name) {
            Some(known) => Some(known.1),
            None if name.starts_with(b"GOT.func.internal.") => Some(Class::Fixed),
            None => match name.strip_prefix(b"GOT.data.internal.") {
                // An undefined weak symbol is 0 and stays so.
                Some(_) if value == 0 => Some(Class::Fixed),
                Some(symbol) => Some(linker_made(symbol).unwrap_or(Class::Data)),
                None => linker_made(name),
            },
        };
        let class = names.all(index).find_map(by_name);
        match class {
            Some(Class::Fixed) => {}
            Some(class) => sites.push(GlobalSite { index: GlobalIndex(index), class }),
            None if !in_data => {}
            // An exported data symbol, by its value only.
            None if !global.ty.mutable && options.pointers != Pointers::Ignore => {
                *guessed += 1;
                sites.push(GlobalSite { index: GlobalIndex(index), class: Class::Data });
            }
            None => problems.push(
                *Problem::new(
                    Code::UnclassifiedGlobal,
                    text!("Cannot tell whether global {} with the value {:#x} is an address of the module's data", index, value),
                )
                .hint(rebuild())
                .at("global", global.entry.start),
            ),
        }
    }
    sites
}

/// Aligned words of data that point into data or to its end, how many more there are at odd addresses, and
/// where the first of all is.
fn pointers(bytes: &[u8], module: &Module, data: Span) -> (Vec<Site>, u32, usize) {
    let mut sites: Vec<Site> = Vec::new();
    let mut odd = Vec::new();
    for segment in &module.segments {
        let Some(address) = segment.address else {
            continue;
        };
        let part = &bytes[segment.bytes.clone()];
        for (at, word) in part.windows(4).enumerate() {
            let value = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            if !(data.start..=data.end).contains(&u64::from(value)) {
                continue;
            }
            let place = segment.bytes.start + at;
            if address.0.wrapping_add(at as u32) & 3 == 0 {
                sites.push(Site::new(place as u32, Form::Word, Class::Data));
            } else {
                odd.push(place);
            }
        }
    }
    // A word across two addresses is no third one.
    odd.retain(|place| {
        let next = sites.partition_point(|site| site.offset() <= *place);
        let near = |at: usize| {
            sites
                .get(at)
                .is_some_and(|s| s.offset().abs_diff(*place) < 4)
        };
        !(near(next) || next > 0 && near(next - 1))
    });
    let first = sites
        .first()
        .map(|s| s.offset())
        .into_iter()
        .chain(odd.first().copied());
    let first = first.min().unwrap_or(0);
    (sites, odd.len() as u32, first)
}

/// Refuses code of objects that are not position independent. wasm-ld pads what it relocates: in such
/// code an address stands alone, in position independent code it is added to a base, which the function
/// gets from a global.
fn check_code(bytes: &[u8], module: &Module, names: &Names<'_>) -> Result<()> {
    let Some((_, section)) = module.section(id::CODE) else {
        return Ok(());
    };
    let bases: Vec<u32> = (0..module.globals.len() as u32)
        .map(|at| at + module.imported_globals)
        .filter(|index| {
            names
                .all(*index)
                .any(|name| BASES.iter().any(|base| base.as_bytes() == name))
        })
        .collect();
    let mut r = reader(bytes, &section.body);
    for _ in 0..r.read_var_u32()? {
        let mut ops = Ops::new(r.read_reader()?)?;
        let mut has_base = false;
        let mut constant = None;
        while let Some((start, op, end)) = ops.read_next()? {
            let padded = |signed: bool| end - start >= 6 && is_redundant(bytes, end - 5, signed);
            match op {
                Op::GlobalGet(global) => has_base |= bases.binary_search(&global).is_ok(),
                Op::I32Const(value) if value != 0 && padded(true) => {
                    constant = constant.or(Some(start))
                }
                Op::Access(_)
                    if padded(false) && bytes[end - 5..end - 1].iter().all(|b| b & 0x80 != 0) =>
                {
                    return Err(mixed(start));
                }
                _ => {}
            }
        }
        if let Some(start) = constant.filter(|_| !has_base) {
            return Err(mixed(start));
        }
    }
    Ok(())
}

fn mixed(at: usize) -> Box<Problem> {
    Problem::new(
        Code::MixedPositionIndependence,
        text!("Cannot find every address: this code holds a plain address, so an object in the module was not compiled position \
         independent"),
    )
    .hint(
        text!("Link with --emit-relocs instead (no position independence needed), or build every object with -fPIC; for Rust \
         that includes std: -Z build-std"),
    )
    .at("code", at)
}

/// The ranges that the start function, or one that it calls, fills or copies to at constant addresses.
fn filled_by_start(bytes: &[u8], module: &Module) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    let Some(start) = module.start else {
        return Ok(spans);
    };
    let mut wanted = vec![start];
    let mut at = 0;
    // The linker's own chain is two functions long.
    while at < wanted.len().min(4) {
        let function = wanted[at];
        at += 1;
        let Some(body) = body(bytes, module, function)? else {
            continue;
        };
        let mut ops = Ops::new(body)?;
        let mut constants: Vec<u32> = Vec::new();
        while let Some((_, op, _)) = ops.read_next()? {
            match op {
                Op::I32Const(value) => {
                    constants.push(value as u32);
                    continue;
                }
                Op::MemoryFill | Op::MemoryInit => {
                    if let [.., to, _, size] = constants[..] {
                        spans.push(Span::new(to as u64, to as u64 + size as u64));
                    }
                }
                Op::Call(callee) => wanted.push(callee),
                _ => {}
            }
            constants.clear();
        }
    }
    Ok(spans)
}

/// The body of a defined function.
fn body<'a>(
    bytes: &'a [u8],
    module: &Module,
    function: u32,
) -> Result<Option<wasmparser::BinaryReader<'a>>> {
    let Some((_, section)) = module.section(id::CODE) else {
        return Ok(None);
    };
    let Some(wanted) = function.checked_sub(module.imported_functions) else {
        return Ok(None);
    };
    let mut r = reader(bytes, &section.body);
    for at in 0..r.read_var_u32()? {
        let body = r.read_reader()?;
        if at == wanted {
            return Ok(Some(body));
        }
    }
    Ok(None)
}
