//! Bytes in, facts and sites out.
//!
//! In: a finished module and the options of its reader. Out: [`Inspected`]: the skeleton, what kind
//! of module it is, where its stack, data, heap and table slots are, and the [`SiteMap`]. One reader
//! a kind: [`relocs`] and [`pic`]; whatever else comes is named and refused. Problems that other
//! modules of a run could have too are collected, so that all of them are reported in one go.

pub mod complete;
pub mod converted;
pub mod globals;
pub mod growth;
pub mod linking;
pub mod ops;
pub mod pic;
pub mod relocs;
pub mod slots;
pub mod types;

use crate::error::{Code, Problem, Result};
use crate::ids::Addr;
use crate::model::{Claim, Class, Heap, Kind, SiteMap, Span};
use crate::sort;
use crate::text::{Text, text};
use crate::wasm::{Init, Module, id, text};
use converted::{ATTACHED, COMPLETE, Converted};
use globals::Names;
use linking::{SymbolKind, Symbols};
use relocs::{Prover, Records, RelocSection};
use slots::Slots;

/// Bytes of a page of linear memory.
pub const PAGE: u64 = 65536;

/// Name of the custom section that every module of a build carries.
pub const STAMP: &str = "wasm-share";

/// Options of the inspection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What to do with pointers in the data of a `pic` module.
    pub pointers: pic::Pointers,
    /// Accept a module without `reloc.DATA` whose data holds words that look like addresses.
    pub assume_no_data_pointers: bool,
    /// Decode every instruction and check that each site is an operand.
    pub verify: bool,
}

/// Everything the later phases need to know about a module.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The skeleton.
    pub module: Module,
    /// What kind of input it is.
    pub kind: Kind,
    /// Every place that moves.
    pub sites: SiteMap,
    /// What was proved.
    pub records: Records,
    /// The stack that the linker reserved.
    pub stack: Option<Span>,
    /// Static data, `.bss` included.
    pub data: Option<Span>,
    /// Moves of data must be multiples of this.
    pub alignment: u32,
    /// The heap that the linker gave it.
    pub heap: Heap,
    /// The indirect function table.
    pub table: Option<Slots>,
    /// Pointers in data found by value.
    pub guessed: u32,
    /// The start function clears or copies memory at constant addresses.
    pub init_memory: bool,
    /// What the converter says.
    pub converted: Converted,
    /// Why the module cannot be moved.
    pub problems: Vec<Problem>,
    /// Worth knowing.
    pub warnings: Vec<Problem>,
}

impl Inspected {
    /// The import entry of the memory.
    pub fn memory_import(&self) -> Option<usize> {
        self.module.memories.first()?.import
    }

    /// Whether the module's table slots are known, so that it can share a table.
    pub fn shares_table(&self) -> bool {
        self.kind == Kind::Relocs
            && self.table.is_some()
            && !self.converted.has(converted::OWN_TABLE)
    }
}

/// Inspects a module.
///
/// # Errors
/// Those of [`Module::read`]. Everything else lands in [`Inspected::problems`].
pub fn inspect(bytes: &[u8], options: &Options) -> Result<Inspected> {
    let module = Module::read(bytes)?;
    let mut found = Inspected {
        kind: kind(bytes, &module),
        sites: SiteMap::default(),
        records: Records::default(),
        stack: None,
        data: None,
        alignment: 16,
        heap: Heap {
            base: 0,
            end: 0,
            claim: Claim::None,
        },
        table: None,
        guessed: 0,
        init_memory: false,
        converted: Converted::default(),
        problems: Vec::new(),
        warnings: Vec::new(),
        module,
    };
    refuse(bytes, &mut found);
    if !found.problems.is_empty() {
        return Ok(found);
    }
    let read = match found.kind {
        Kind::Relocs => read_relocs(bytes, options, &mut found),
        Kind::Pic => pic::read(bytes, options, &mut found),
        Kind::Dylink | Kind::None => read_none(bytes, &mut found),
    };
    if let Err(problem) = read {
        found.problems.push(*problem);
    }
    Ok(found)
}

/// What kind of module it is, by what it carries.
fn kind(bytes: &[u8], module: &Module) -> Kind {
    let mut customs = module.customs(bytes);
    if module.sections.first().is_some_and(|s| s.id == id::CUSTOM)
        && customs
            .next()
            .is_some_and(|(_, name, _)| name == b"dylink.0" || name == b"dylink")
        // A static link with `--unresolved-symbols=import-dynamic` has one too, and its own addresses.
        && (module.custom(bytes, "linking").is_none()
            || module.imports.iter().any(|i| &bytes[i.name.clone()] == b"__memory_base"))
    {
        return Kind::Dylink;
    }
    if module.custom(bytes, "linking").is_some() {
        Kind::Relocs
    } else if module.customs(bytes).any(|c| c.1.starts_with(b"reloc.")) {
        // Its symbols were removed: it is not for guessing.
        Kind::None
    } else if pic::is_pic(bytes, module) {
        Kind::Pic
    } else {
        Kind::None
    }
}

/// Refuses what no reader can handle.
fn refuse(bytes: &[u8], found: &mut Inspected) {
    let module = &found.module;
    let mut problems = Vec::new();
    let mut say = |code: Code, message: Text, hint: Text| {
        problems.push(*Problem::new(code, text!("Cannot move the module: {}", message)).hint(hint));
    };
    let imports = |name: &str| module.imports.iter().any(|i| text(bytes, &i.name) == name);
    if imports("__linear_memory") {
        say(
            Code::ObjectFile,
            text!("it is an object file, not a linked module"),
            text!("Link it: wasm-ld --emit-relocs … (without -r)"),
        );
    } else if found.kind == Kind::Relocs
        && module.section(id::EXPORT).is_none()
        && module.start.is_none()
    {
        say(
            Code::ObjectFile,
            text!("it exports nothing, so it is what wasm-ld -r makes: still an object file"),
            text!("Link it: wasm-ld --emit-relocs … (without -r), and export what is to be called"),
        );
    } else if found.kind == Kind::Dylink {
        say(
            Code::SideModule,
            text!("it is a side module (dylink.0)"),
            text!("Link it statically instead: without -shared or -pie, with -Wl,--emit-relocs"),
        );
    } else if module.memories.len() > 1 {
        say(
            Code::MultipleMemories,
            text!("it has more than one memory"),
            text!("Link with one memory (no --multi-memory)"),
        );
    } else if let Some(memory) = module.memories.first() {
        if memory.ty.wide {
            say(
                Code::Memory64,
                text!("its memory is addressed with 64 bits"),
                text!("Build for wasm32"),
            );
        } else if memory.ty.shared {
            say(
                Code::SharedMemory,
                text!("its memory is shared between threads"),
                text!("Build without -pthread, -matomics and --shared-memory"),
            );
        } else if memory.ty.page.is_some_and(|log| log != 16) {
            say(
                Code::UnsupportedMemory,
                text!("its pages are not 64 KiB"),
                text!("Link without --page-size"),
            );
        }
    }
    if module.segments.iter().any(|s| s.passive) {
        say(
            Code::PassiveSegments,
            text!("it has passive data segments, and where memory.init puts them is unknown"),
            text!("Link without --shared-memory, and without hand-written passive segments"),
        );
    } else if module.segments.iter().any(|s| s.address.is_none()) {
        say(
            Code::MalformedModule,
            text!("the offset of a data segment is not an i32.const"),
            text!("Link statically, without -pie"),
        );
    }
    problems.truncate(1);
    found.problems = problems;
}

/// A module that nothing is known about is accepted only if it has nothing that moves.
fn read_none(bytes: &[u8], found: &mut Inspected) -> Result<()> {
    let module = &found.module;
    found.table = None;
    if module.memories.is_empty() && module.segments.is_empty() {
        return Ok(());
    }
    if let Ok(names) = Names::read(bytes, module, &Symbols::default())
        && let Some(base) = exported(module, &names, "__heap_base")
    {
        found.heap.base = base as u64;
    }
    if let Some((_, _, section)) = module.customs(bytes).find(|c| c.1.starts_with(b"reloc.")) {
        let name = text(bytes, &section.name);
        return Err(Problem::new(
            Code::IncompleteRelocations,
            text!(
                "Cannot read {}: the linking section, which holds its symbols, was removed",
                name
            ),
        )
        .hint(text!(
            "Use the linker's own output, before strip or wasm-opt"
        ))
        .at(name, section.header));
    }
    if module.custom(bytes, STAMP).is_some() {
        return Err(Problem::new(
            Code::NoRelocations,
            text!("Cannot move the module: it was placed by wasm-share before, and its relocation records were dropped"),
        )
        .hint(text!("Give the module that the linker wrote, or combine it with strip: false first")));
    }
    Err(Problem::new(
        Code::NoRelocations,
        text!("Cannot move the module: it carries no relocation records, so its addresses are unknown"),
    )
    .hint(
        text!("Link with --emit-relocs (Rust: RUSTFLAGS=\"-C link-arg=--emit-relocs\"; clang: --no-wasm-opt -Wl,--emit-relocs) \
         and run wasm-share before wasm-opt, wasm-bindgen or strip"),
    ))
}

fn read_relocs(bytes: &[u8], options: &Options, found: &mut Inspected) -> Result<()> {
    let module = &found.module;
    let Some(section) = module.custom(bytes, "linking") else {
        return Ok(());
    };
    if let Some((_, _, second)) = module.customs(bytes).filter(|c| c.1 == b"linking").nth(1) {
        let what = text!("there are two linking sections");
        return Err(relocs::stale(what, "linking", second.header));
    }
    let symbols = Symbols::read(bytes, module, section)?;
    let converted = Converted::read(bytes, &symbols);
    linker_functions(bytes, &symbols)?;
    let table = symbols.find(bytes, SymbolKind::Table, slots::TABLE_NAME.as_bytes());
    let mut others: Vec<u32> = symbols
        .list
        .iter()
        .filter(|s| s.kind == SymbolKind::Table && !s.name.is_empty())
        .filter(|s| text(bytes, &s.name) != slots::TABLE_NAME)
        .map(|s| s.value)
        .collect();
    sort::by_key(&mut others, |table| *table);
    let slots = Slots::read(bytes, module, table.map(|s| s.value), &others)?;
    table_can_be_imported(found, slots.as_ref())?;

    let mut records = Records::default();
    let prover = Prover {
        bytes,
        module,
        symbols: &symbols,
        slots: slots.as_ref(),
    };
    let mut code = None;
    let mut data = None;
    for (_, _, section) in module
        .customs(bytes)
        .filter(|(_, name, _)| name.starts_with(b"reloc."))
    {
        let reloc = RelocSection::open(bytes, section)?;
        let proved = prover.section(&reloc, &mut records)?;
        match module.sections[proved.target.ix()].id {
            id::CODE => code = Some(proved),
            id::DATA => data = Some(proved),
            _ => {}
        }
    }
    sort::by_key(&mut records.sites, |s| s.section.0);
    let expected = !converted.has(COMPLETE);
    if expected {
        complete::code(bytes, module, code.as_ref(), &mut records)?;
        complete::data(bytes, module, &symbols, data.as_ref(), &mut records);
    }
    let missing = data.as_ref().is_none_or(|data| data.missing > 0);
    if missing && !options.assume_no_data_pointers && records.unlisted_words > 0 {
        let at = records.first_unlisted.unwrap_or(0);
        return Err(Problem::new(
            Code::IncompleteRelocations,
            text!("Cannot find every address: {}, and {} words in data look like addresses", match data {
                    None => text!("there is no section reloc.DATA"),
                    Some(_) => text!("reloc.DATA holds fewer records than it counts"),
                }, records.unlisted_words),
        )
        .hint(text!("Use the linker's own output; if these words are plain numbers, set assumeNoDataPointers for this module"))
        .at("data", at));
    }
    let table = slots.as_ref().filter(|_| expected);
    if let Some((slot, function)) = table.and_then(|s| s.unnamed(&records.slots)) {
        return Err(Problem::new(
            Code::IncompleteRelocations,
            text!("Cannot find every address: slot {} of the table holds function {}, and no record names it", slot, function),
        )
        .hint(text!("A relocation record was removed: use the linker's own output, linked with --emit-relocs"))
        .at("element", module.section(id::ELEMENT).map_or(0, |(_, s)| s.header)));
    }
    if options.verify
        && let Some((at, _)) = module.section(id::CODE)
    {
        let sites = records.sites.iter().find(|s| s.section == at);
        complete::verify(bytes, module, sites.map_or(&[], |s| &s.sites))?;
    }

    let data = relocs::data_range(module).map(|(low, high)| Span::new(low.0 as u64, high));
    let memory_end = module
        .memories
        .first()
        .map_or(0, |m| m.ty.initial.saturating_mul(PAGE));
    absolute_symbols(bytes, &symbols, data, memory_end)?;
    let names = Names::read(bytes, module, &symbols)?;
    let mut problems = Vec::new();
    let attached = converted.has(ATTACHED);
    let globals = globals::classify(
        bytes,
        module,
        &symbols,
        &names,
        &records.got,
        attached,
        &mut problems,
    );
    let symbol = |name: &str| {
        symbols
            .find(bytes, SymbolKind::Data, name.as_bytes())
            .filter(|s| !s.is_undefined_data())
            .map(|s| s.value)
    };
    let stack_pointer = globals
        .iter()
        .find(|g| g.class == Class::StackHigh)
        .and_then(|g| match module.global(g.index.0)?.init {
            Init::I32(value) => Some(value),
            _ => None,
        });
    let stack = stack(
        stack_pointer.or(symbol("__stack_high")),
        symbol("__stack_low"),
        data,
    )?;
    let heap_base = symbol("__heap_base")
        .or_else(|| exported(module, &names, "__heap_base"))
        .map(u64::from)
        .unwrap_or_else(|| default_heap_base(data, stack));
    let heap_end = symbol("__heap_end")
        .or_else(|| exported(module, &names, "__heap_end"))
        .map_or(memory_end.max(heap_base), u64::from);
    let got = |class: Class| records.got.contains(&Some(class)) as u32;
    let base_refs = records.heap_base_refs + got(Class::HeapBase);
    let end_refs = records.heap_end_refs + got(Class::HeapEnd);
    found.heap = Heap {
        base: heap_base,
        end: heap_end,
        claim: match (base_refs > 0, end_refs > 0) {
            (false, false) => Claim::None,
            (true, false) => Claim::All,
            (_, true) => Claim::Piece,
        },
    };
    if attached {
        // Where its heap begins is not known, only that it lies in what moves with the data.
        let end = data.map_or(0, |d| d.end);
        found.heap = Heap {
            base: end,
            end,
            claim: match growth::growth(bytes, module)? {
                growth if growth.sizes == 0 && growth.built_on == growth.grows => Claim::None,
                _ => Claim::All,
            },
        };
    }
    found.converted = converted;
    found.sites = SiteMap {
        sections: core::mem::take(&mut records.sites),
        globals,
        zero_sites: records.zero_sites,
    };
    found.stack = stamped_stack(bytes, module, stack, data).or(stack);
    found.data = data;
    found.alignment = symbols.alignment.max(16).max(converted.align());
    let bare = module
        .customs(bytes)
        .find(|(at, name, _)| *name == b".debug_info" && !records.has(*at));
    if let Some((_, _, section)) = bare {
        found.warnings.push(
            *Problem::new(
                Code::StaleDebugInfo,
                text!("The debug information has no relocation records: what it says of code stays true, the addresses of variables do not"),
            )
            .hint(text!("Use the linker's own output, linked with --emit-relocs, or drop the debug information (--strip-debug)"))
            .at(".debug_info", section.header),
        );
    }
    found.records = records;
    found.table = slots;
    found.problems.append(&mut problems);
    Ok(())
}

/// A symbol with a fixed address inside the module's memory that the linker does not make: what it means
/// after a move is not known. (Names can be changed after the link, too.)
fn absolute_symbols(
    bytes: &[u8],
    symbols: &Symbols,
    data: Option<Span>,
    memory_end: u64,
) -> Result<()> {
    let Some(data) = data else { return Ok(()) };
    let own = Span::new(data.start, memory_end.max(data.end) + 1);
    for symbol in &symbols.list {
        let fixed = symbol.kind == SymbolKind::Data && symbol.class == Class::Fixed;
        let name = &bytes[symbol.name.clone()];
        if fixed
            && !symbol.is_undefined_data()
            && own.has(Addr(symbol.value))
            && linking::linker_made(name).is_none()
            && name != converted::MARK.as_bytes()
        {
            return Err(Problem::new(
                Code::UnclassifiedSymbol,
                text!("Cannot tell whether the absolute symbol \"{}\" with the value {:#x} is an address of the module's memory", text(bytes, &symbol.name), symbol.value),
            )
            .hint(text!("Define it by a variable or a constant, not as an absolute symbol"))
            .at("linking", symbol.name.start));
        }
    }
    Ok(())
}

/// An exported or named address.
pub(crate) fn exported(module: &Module, names: &Names<'_>, name: &str) -> Option<u32> {
    match names.find(module, name)?.1.init {
        Init::I32(value) => Some(value),
        _ => None,
    }
}

/// Where the heap begins if no symbol says so: after data and stack, aligned to 16.
pub(crate) fn default_heap_base(data: Option<Span>, stack: Option<Span>) -> u64 {
    let end = data.map_or(0, |d| d.end).max(stack.map_or(0, |s| s.end));
    (end + 15) & !15
}

/// The stack from its upper end: below the data, or between the data and the heap.
pub(crate) fn stack(
    high: Option<u32>,
    low: Option<u32>,
    data: Option<Span>,
) -> Result<Option<Span>> {
    let Some(high) = high else { return Ok(None) };
    let low = match (low, data) {
        (Some(low), _) => low as u64,
        (None, Some(data)) if high as u64 >= data.end => {
            Addr(0).align_up(1).max((data.end + 15) & !15)
        }
        (None, _) => 0,
    };
    let span = Span::new(low, high as u64);
    if low > high as u64 || data.is_some_and(|d| d.overlaps(span)) {
        return Err(Problem::new(
            Code::MalformedModule,
            text!(
                "Cannot find the stack: __stack_pointer starts at {:#x}, inside the module's data",
                high
            ),
        )
        .hint(text!("Use the linker's own output")));
    }
    Ok(Some(span))
}

/// The stack of a module that was moved before: its section says where the stack begins, which no symbol
/// does. Believed only if it ends where the stack pointer starts.
fn stamped_stack(
    bytes: &[u8],
    module: &Module,
    stack: Option<Span>,
    data: Option<Span>,
) -> Option<Span> {
    let section = module.custom(bytes, STAMP)?;
    const KEY: &[u8] = b"\"stack\":[";
    let body = &bytes[section.body.clone()];
    let mut rest = body[body.windows(KEY.len()).position(|w| w == KEY)? + KEY.len()..].iter();
    // Two numbers, the first up to a comma, the second up to a bracket.
    let mut number = |end: u8| {
        let mut value = 0u64;
        for byte in rest.by_ref().take(11) {
            match byte {
                b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
                byte => return (*byte == end).then_some(value),
            }
        }
        None
    };
    let span = Span::new(number(b',')?, number(b']')?);
    let fits = span.start <= span.end
        && span.end == stack?.end
        && data.is_none_or(|data| !data.overlaps(span));
    fits.then_some(span)
}

/// Functions that wasm-ld writes without records and that hold addresses.
fn linker_functions(bytes: &[u8], symbols: &Symbols) -> Result<()> {
    const MADE: [&[u8]; 4] = [
        b"__wasm_init_memory",
        b"__wasm_apply_data_relocs",
        b"__wasm_apply_global_relocs",
        b"__wasm_init_tls",
    ];
    for symbol in symbols.reserved() {
        let made = MADE.contains(&&bytes[symbol.name.clone()]);
        if made && symbol.kind == SymbolKind::Function {
            let name = text(bytes, &symbol.name);
            return Err(Problem::new(
                Code::LinkerFunction,
                text!("Cannot move the module: the linker's function \"{}\" holds addresses without records", name),
            )
            .hint(text!("Link without --shared-memory, -shared and -pie"))
            .at("linking", symbol.name.start));
        }
    }
    Ok(())
}

/// A defined table becomes an import, and imports come first in the index space.
fn table_can_be_imported(found: &Inspected, slots: Option<&Slots>) -> Result<()> {
    let Some(slots) = slots else { return Ok(()) };
    let tables = &found.module.tables;
    let table = &tables[slots.table as usize];
    if table.ty.wide {
        return Err(Problem::new(
            Code::Memory64,
            text!("Cannot share the table: it is indexed with 64 bits"),
        )
        .hint(text!("Build for wasm32")));
    }
    let imported = tables.iter().filter(|t| t.import.is_some()).count() as u32;
    if table.import.is_none() && slots.table != imported {
        let at = found.module.section(id::TABLE).map_or(0, |(_, s)| s.header);
        return Err(Problem::new(
            Code::TableRenumbering,
            text!(
                "Cannot share the table: it is table {}, and as an import it would become table {}",
                slots.table,
                imported
            ),
        )
        .hint(text!(
            "Link with --import-table, or so that __indirect_function_table is the first table"
        ))
        .at("table", at));
    }
    Ok(())
}
