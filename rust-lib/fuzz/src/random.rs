//! Whole final modules by chance, and all that the core must find in them.
//!
//! In: [`Dice`]. Out: [`Made`]: a valid module with the expected stack, data, heap, table slots, moving
//! globals and counts. Everything here follows the order in which a linker knows things: first what
//! there is, then where it lies, then code and data that refer to it.

use crate::build::{
    Custom, Element, Fate, Final, Function, Global, Init, Named, Of, Part, Record, Segment, Symbol,
    flag,
};
use crate::code;
use crate::dice::Dice;
use wasm_encoder::{
    Encode, EntityType, ExportKind, GlobalType, MemoryType, RefType, TableType, TagKind, TagType,
    ValType,
};
use wasm_share_relocator::model::{Claim, Class, Span};

/// The table that is shared.
const TABLE: &str = "__indirect_function_table";

/// A module and what must be found in it.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The module.
    pub module: Final,
    /// Globals that move.
    pub globals: Vec<(u32, Class)>,
    /// The stack.
    pub stack: Option<Span>,
    /// Data.
    pub data: Option<Span>,
    /// `__heap_base` and `__heap_end`.
    pub heap: (u64, u64),
    /// The size of the memory in bytes.
    pub pages_end: u64,
    /// Who owns what is above.
    pub claim: Option<Claim>,
    /// Largest alignment.
    pub alignment: u32,
    /// Index, first slot, number of slots.
    pub table: Option<(u32, u32, u32)>,
    /// Functions by slot, from slot 0 on.
    pub slots: Vec<Option<u32>>,
    /// Whatever it does with the memory's size, it builds on what `memory.grow` returns.
    pub builds_on: bool,
    /// Aligned words without a record that look like addresses.
    pub unlisted: u32,
    /// Imported functions.
    pub imported_functions: u32,
    /// Types of all functions.
    pub function_types: Vec<u32>,
    /// Types of all tags.
    pub tag_types: Vec<u32>,
    /// Types of all globals, and what they are initialised with.
    pub global_types: Vec<GlobalType>,
    /// Element types of all tables.
    pub table_types: Vec<RefType>,
}

impl Made {
    /// The first slot of a function.
    pub fn slot(&self, function: u32) -> Option<u32> {
        self.slots
            .iter()
            .position(|f| *f == Some(function))
            .map(|slot| slot as u32)
    }

    /// What moves a data symbol.
    pub fn class(&self, symbol: &Symbol) -> Class {
        class_of(symbol)
    }

    /// Symbols for which something holds.
    pub fn symbols(&self, wanted: impl Fn(&Symbol) -> bool) -> Vec<u32> {
        (0u32..)
            .zip(&self.module.symbols)
            .filter(|(_, symbol)| wanted(symbol))
            .map(|(at, _)| at)
            .collect()
    }

    /// A record of a type, for a symbol by chance; `None` if there is nothing for it to refer to.
    pub fn record(&self, ty: u8, dice: &mut Dice<'_>) -> Option<Record> {
        let of = |index, addend, stored, fate| {
            Some(Record {
                at: 0,
                ty,
                index,
                addend,
                stored,
                fate,
            })
        };
        let symbols = &self.module.symbols;
        match ty {
            0 | 26 => {
                let at = dice.pick(&self.symbols(|s| matches!(s.of, Of::Function(_))))?;
                self.function_record(ty, at)
            }
            1 | 2 | 12 => {
                let at = dice.pick(&self.symbols(|s| matches!(s.of, Of::Function(_))))?;
                self.slot_record(ty, at, dice)
            }
            3 | 4 | 5 | 11 => {
                let list = self.symbols(|s| matches!(s.of, Of::Data(..) | Of::Undefined));
                let at = dice.pick(&list)?;
                let symbol = &symbols[at as usize];
                let addend = addend(dice);
                if matches!(symbol.of, Of::Undefined) {
                    return of(at, addend, 0, Fate::Stays(0));
                }
                let stored = self.module.address(symbol).wrapping_add(addend as u32);
                of(
                    at,
                    addend,
                    stored,
                    match class_of(symbol) {
                        Class::Fixed => Fate::Stays(2),
                        class => Fate::Moves(class),
                    },
                )
            }
            6 => {
                let ty = dice.below(self.module.types.len()) as u32;
                of(ty, 0, ty, Fate::Index)
            }
            7 | 13 => {
                let at = dice.pick(&self.symbols(|s| matches!(s.of, Of::Global(_))))?;
                let Of::Global(global) = symbols[at as usize].of else {
                    return None;
                };
                of(at, 0, global, Fate::Index)
            }
            10 => {
                let at = dice.pick(&self.symbols(|s| matches!(s.of, Of::Tag(_))))?;
                let Of::Tag(tag) = symbols[at as usize].of else {
                    return None;
                };
                of(at, 0, tag, Fate::Index)
            }
            20 => {
                let at = dice.pick(&self.symbols(|s| matches!(s.of, Of::Table(_))))?;
                let Of::Table(table) = symbols[at as usize].of else {
                    return None;
                };
                of(at, 0, table, Fate::Index)
            }
            21 => {
                let list = self.symbols(|s| {
                    matches!(s.of, Of::Data(..) | Of::Undefined) && s.flags & flag::ABSOLUTE == 0
                });
                let at = dice.pick(&list)?;
                let addend = addend(dice);
                // All thread-local data is one segment, and its start is the base.
                let stored = match symbols[at as usize].of {
                    Of::Data(_, offset, _) => offset.wrapping_add(addend as u32),
                    _ => 0,
                };
                of(at, addend, stored, Fate::Stays(4))
            }
            _ => None,
        }
    }

    /// A record of a slot of a function.
    pub fn slot_record(&self, ty: u8, at: u32, dice: &mut Dice<'_>) -> Option<Record> {
        let Of::Function(function) = self.module.symbols.get(at as usize)?.of else {
            return None;
        };
        let own: Vec<u32> = (0u32..)
            .zip(&self.slots)
            .filter(|(_, f)| **f == Some(function))
            .map(|(slot, _)| slot)
            .collect();
        let (stored, fate) = match (dice.pick(&own), ty) {
            // From the base on, which moves.
            (Some(slot), 12) => (slot - self.table.map_or(0, |t| t.1), Fate::Stays(7)),
            (Some(slot), _) => (slot, Fate::Moves(Class::Slot)),
            (None, _) => (0, Fate::Stays(1)),
        };
        Some(Record {
            at: 0,
            ty,
            index: at,
            addend: 0,
            stored,
            fate,
        })
    }

    /// The function whose slot a record names.
    pub fn names(&self, record: &Record) -> Option<u32> {
        let slot = matches!(
            record.fate,
            Fate::Moves(Class::Slot) | Fate::Got(_, Class::Slot) | Fate::Stays(7)
        );
        match self.module.symbols.get(record.index as usize)?.of {
            Of::Function(function) if slot => Some(function),
            _ => None,
        }
    }

    /// All records.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let m = &self.module;
        let code = m.functions.iter().map(|f| &f.code);
        let data = m.segments.iter().map(|s| &s.part);
        let customs = m.customs.iter().map(|c| &c.part);
        code.chain(data).chain(customs).flat_map(|p| &p.records)
    }

    /// Functions in the table that no record names, in the order of their slots.
    pub fn unnamed(&self) -> Vec<u32> {
        let named: Vec<u32> = self.records().filter_map(|r| self.names(r)).collect();
        let mut list: Vec<u32> = self.slots.iter().flatten().copied().collect();
        list.retain(|function| !named.contains(function));
        list.dedup();
        list
    }

    /// Addresses at which nobody can tell whether an absolute symbol is one of the module's memory.
    pub fn own_memory(&self) -> Option<Span> {
        let data = self.data?;
        Some(Span::new(data.start, data.end.max(self.pages_end) + 1))
    }

    /// Whether a stack could end at an address: below the data or above it.
    pub fn is_stack_top(&self, value: u32) -> bool {
        let data = self.data.unwrap_or_default();
        let value = value as u64;
        value != 0 && value.is_multiple_of(16) && (value == data.start || value > data.end)
    }

    /// A record `FUNCTION_INDEX` for a symbol.
    pub fn function_record(&self, ty: u8, at: u32) -> Option<Record> {
        let Of::Function(function) = self.module.symbols.get(at as usize)?.of else {
            return None;
        };
        Some(Record {
            at: 0,
            ty,
            index: at,
            addend: 0,
            stored: function,
            fate: Fate::Index,
        })
    }

    /// The symbol of something that has one.
    pub fn symbol_of(&self, wanted: impl Fn(&Of) -> bool) -> Option<u32> {
        let at = self.module.symbols.iter().position(|s| wanted(&s.of))?;
        Some(at as u32)
    }

    /// A record for a global that holds the address of a symbol: the GOT entry of position independent
    /// code. The name of the global says whose.
    pub fn got_record(&self, ty: u8, global: u32) -> Option<Record> {
        let name = &self.module.global_names.iter().find(|n| n.0 == global)?.1;
        let name = name
            .strip_prefix("GOT.data.internal.")
            .or_else(|| name.strip_prefix("GOT.func.internal."))?;
        let symbols = &self.module.symbols;
        let at = symbols.iter().position(|s| s.name == name)?;
        let class = match symbols[at].of {
            Of::Data(..) => class_of(&symbols[at]),
            Of::Function(function) => match self.slot(function) {
                Some(_) => Class::Slot,
                None => Class::Fixed,
            },
            Of::Undefined => Class::Fixed,
            _ => return None,
        };
        let defined = global - (self.global_types.len() - self.module.globals.len()) as u32;
        Some(Record {
            at: 0,
            ty,
            index: at as u32,
            addend: 0,
            stored: global,
            fate: Fate::Got(defined, class),
        })
    }
}

/// What moves a data symbol: wasm-ld makes these names itself, as absolute symbols.
fn class_of(symbol: &Symbol) -> Class {
    match symbol.of {
        Of::Data(..) if symbol.flags & flag::ABSOLUTE == 0 => Class::Data,
        Of::Data(..) => match symbol.name.as_str() {
            "__heap_base" => Class::HeapBase,
            "__heap_end" => Class::HeapEnd,
            "__stack_low" => Class::StackLow,
            "__stack_high" => Class::StackHigh,
            "__data_end" | "__global_base" | "__dso_handle" => Class::Data,
            "__table_base" => Class::Slot,
            name if name.starts_with("__start_") || name.starts_with("__stop_") => Class::Data,
            _ => Class::Fixed,
        },
        _ => Class::Fixed,
    }
}

fn addend(dice: &mut Dice<'_>) -> i32 {
    match dice.below(8) {
        0..=3 => 0,
        4 => dice.below(64) as i32,
        5 => -(dice.below(32) as i32),
        6 => (dice.word() & 0xf_ffff) as i32,
        _ => dice.word() as i32,
    }
}

const VALUES: [ValType; 7] = [
    ValType::I32,
    ValType::I64,
    ValType::F32,
    ValType::F64,
    ValType::V128,
    ValType::FUNCREF,
    ValType::EXTERNREF,
];

fn values(dice: &mut Dice<'_>, most: usize) -> Vec<ValType> {
    (0..dice.below(most + 1))
        .filter_map(|_| dice.pick(&VALUES))
        .collect()
}

fn i32_type(mutable: bool) -> GlobalType {
    GlobalType {
        val_type: ValType::I32,
        mutable,
        shared: false,
    }
}

/// Makes a module.
pub fn make(dice: &mut Dice<'_>) -> Made {
    let mut made = Made {
        alignment: 16,
        ..Made::default()
    };
    made.builds_on = dice.one_in(2);
    signatures(&mut made, dice);
    layout(&mut made, dice);
    symbols(&mut made, dice);
    globals(&mut made, dice);
    debug_sections(&mut made, dice);
    section_symbols(&mut made, dice);
    for at in 0..made.module.functions.len() {
        let (locals, code) = code::body(&made, at, dice);
        made.module.functions[at].locals = locals;
        made.module.functions[at].code = code;
    }
    data(&mut made, dice);
    debug_records(&mut made, dice);
    name_slots(&mut made, dice);
    allocator(&mut made, dice);
    unwritten(&mut made, dice);
    exports(&mut made, dice);
    made.module.names_last = dice.one_in(2);
    made.unlisted = unlisted(&made, None);
    expect_heap(&mut made);
    made
}

/// A record for every function in the table: the linker puts there only what something refers to.
fn name_slots(made: &mut Made, dice: &mut Dice<'_>) {
    for function in made.unnamed() {
        let Some(at) = made.symbol_of(|of| matches!(of, Of::Function(f) if *f == function)) else {
            continue;
        };
        let way = dice.below(4);
        let ty = [1, 12, 2, 2][way];
        let Some(record) = made.slot_record(ty, at, dice) else {
            continue;
        };
        let free = |part: &Part, at: usize| {
            at + 4 <= part.bytes.len() && part.records.iter().all(|r| r.at.abs_diff(at) >= 4)
        };
        let m = &mut made.module;
        if way == 2 && !m.segments.is_empty() {
            let segment = dice.below(m.segments.len());
            let part = &mut m.segments[segment].part;
            let place = dice.below(part.bytes.len());
            if free(part, place) {
                part.site_at(place, record);
                continue;
            }
        }
        let debug = m.customs.iter_mut().find(|c| c.name != "producers");
        if let (3, Some(custom)) = (way, debug) {
            custom.part.site(record);
            continue;
        }
        let record = match ty {
            2 => Record { ty: 1, ..record },
            _ => record,
        };
        let to = dice.below(m.functions.len());
        m.functions[to].code.prepend(&[0x41], Some(record), &[0x1a]);
    }
}

/// An allocator that takes what lies above `__heap_base`, and grows the memory.
fn allocator(made: &mut Made, dice: &mut Dice<'_>) {
    let base = made.symbols(|s| s.name == "__heap_base");
    let (Some(at), true) = (base.first(), dice.one_in(2)) else {
        return;
    };
    let record = Record {
        at: 0,
        ty: 4,
        index: *at,
        addend: 0,
        stored: made.module.address(&made.module.symbols[*at as usize]),
        fate: Fate::Moves(Class::HeapBase),
    };
    let m = &mut made.module;
    let to = dice.below(m.functions.len());
    let grow: &[u8] = &[
        0x1a, 0x3f, 0x00, 0x1a, 0x41, 0x00, 0x40, 0x00, 0x41, 0x10, 0x74, 0x1a,
    ];
    let grow = if dice.one_in(3) { &grow[..1] } else { grow };
    m.functions[to].code.prepend(&[0x41], Some(record), grow);
}

/// Records that the linker counts and does not write: it leaves a padded zero for each. And a module
/// without any record in code holds nothing there that a linker relocates.
fn unwritten(made: &mut Made, dice: &mut Dice<'_>) {
    let m = &mut made.module;
    if dice.one_in(8) {
        m.missing = dice.below(5) as u32;
    }
    if m.functions.iter().all(|f| f.code.records.is_empty()) {
        for function in &mut m.functions {
            function.code.bytes = vec![0x00, 0x0b];
        }
    }
    for _ in 0..m.missing {
        let to = dice.below(m.functions.len());
        let zero = [0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a];
        m.functions[to].code.prepend(&zero, None, &[]);
    }
}

/// Types, imports, functions, tables, tags, element segments.
fn signatures(made: &mut Made, dice: &mut Dice<'_>) {
    let m = &mut made.module;
    m.types = vec![
        (vec![], vec![]),
        (vec![ValType::I32], vec![ValType::I32]),
        (vec![ValType::I32], vec![]),
    ];
    for _ in 0..dice.below(4) {
        m.types.push((values(dice, 3), values(dice, 2)));
    }
    let tag_types: Vec<u32> = (0u32..)
        .zip(&m.types)
        .filter(|(_, ty)| ty.1.is_empty())
        .map(|(at, _)| at)
        .collect();
    let shares = !dice.one_in(8);
    let imports_table = shares && dice.one_in(3);
    let mut table_named = false;
    for at in 0..dice.below(6) {
        let ty = match dice.below(5) {
            0 | 1 => {
                let ty = dice.below(m.types.len()) as u32;
                made.function_types.push(ty);
                made.imported_functions += 1;
                EntityType::Function(ty)
            }
            2 => {
                let ty = GlobalType {
                    val_type: dice.pick(&VALUES).unwrap_or(ValType::I32),
                    mutable: dice.one_in(2),
                    shared: false,
                };
                made.global_types.push(ty);
                EntityType::Global(ty)
            }
            3 => {
                let ty = dice.pick(&tag_types).unwrap_or(0);
                made.tag_types.push(ty);
                EntityType::Tag(TagType {
                    kind: TagKind::Exception,
                    func_type_idx: ty,
                })
            }
            _ => {
                made.table_types.push(RefType::EXTERNREF);
                EntityType::Table(table_type(RefType::EXTERNREF, 4, None))
            }
        };
        let name = match ty {
            EntityType::Function(_) if dice.one_in(16) => "emscripten_resize_heap".into(),
            _ => format!("i{at}"),
        };
        m.imports.push(("env".into(), name, ty));
    }
    for at in 0..1 + dice.below(5) as u32 {
        // The first two could be malloc and free.
        let ty = match at < 2 && dice.one_in(2) {
            true => 1 + at,
            false => dice.below(m.types.len()) as u32,
        };
        made.function_types.push(ty);
        m.functions.push(Function {
            ty,
            locals: vec![],
            code: Part::default(),
        });
    }
    let functions = made.function_types.len();
    if shares {
        let table = made.table_types.len() as u32;
        made.table_types.push(RefType::FUNCREF);
        // One or two segments; a linker writes one.
        let mut slots: Vec<Option<u32>> = Vec::new();
        for _ in 0..dice.below(3) {
            let first = slots.len().max(1) + if dice.one_in(4) { dice.below(9) } else { 0 };
            let expressions = dice.one_in(4);
            let list: Vec<Option<u32>> = (0..dice.below(6))
                .map(|_| match dice.below(functions + 1) {
                    at if at < functions => Some(at as u32),
                    _ if expressions => None,
                    _ => Some(0),
                })
                .collect();
            slots.resize(first, None);
            slots.extend(&list);
            let named = table > 0 || dice.one_in(4);
            m.elements.push(Element {
                flags: if named { 2 } else { 0 } | if expressions { 4 } else { 0 },
                table,
                offset: Init::I32(first as u32),
                functions: list,
            });
        }
        let first = m.elements.iter().filter_map(|e| match e.offset {
            Init::I32(at) => Some(at),
            Init::Raw(_) => None,
        });
        let first = first.min();
        let initial = slots.len() + dice.below(3);
        let first = first.unwrap_or(initial as u32);
        made.table = Some((table, first, initial.max(slots.len()) as u32 - first));
        made.slots = slots;
        let maximum = dice
            .one_in(2)
            .then_some(initial as u64 + dice.below(3) as u64);
        let ty = table_type(RefType::FUNCREF, initial as u64, maximum);
        if imports_table {
            let at = m.imports.len();
            table_named = dice.one_in(2);
            let name = if table_named {
                TABLE.into()
            } else {
                format!("t{at}")
            };
            m.imports.push(("env".into(), name, EntityType::Table(ty)));
        } else {
            m.tables.push(ty);
        }
    }
    for _ in 0..dice.below(3) {
        // Another table of functions could be the shared one, unless that one has a name.
        let ty = match dice.one_in(2) && shares {
            true => RefType::FUNCREF,
            false => RefType::EXTERNREF,
        };
        made.table_types.push(ty);
        m.tables
            .push(table_type(ty, 5, dice.one_in(2).then_some(9)));
    }
    if let Some((table, ..)) = made.table {
        let symbol = Symbol {
            of: Of::Table(table),
            flags: if imports_table {
                flag::UNDEFINED | flag::EXPLICIT_NAME
            } else {
                0
            },
            name: TABLE.into(),
        };
        if !table_named && dice.one_in(4) {
            m.exports.push((TABLE.into(), ExportKind::Table, table));
        } else if !table_named || dice.one_in(2) {
            m.symbols.push(symbol);
        }
        // A segment of a table of the user's own.
        let own = (0u32..)
            .zip(&made.table_types)
            .filter(|(at, ty)| *at != table && **ty == RefType::FUNCREF)
            .map(|(at, _)| at);
        if let Some(own) = dice.pick(&own.collect::<Vec<_>>())
            && dice.one_in(2)
        {
            m.elements.push(Element {
                flags: 2,
                table: own,
                offset: Init::I32(dice.below(3) as u32),
                functions: vec![Some(0)],
            });
        }
    }
    // ref.func needs a declaration; wasm-ld writes this segment too.
    m.elements.push(Element {
        flags: 3,
        table: 0,
        offset: Init::I32(0),
        functions: (0..functions as u32).map(Some).collect(),
    });
    for _ in 0..dice.below(3) {
        let ty = dice.pick(&tag_types).unwrap_or(0);
        made.tag_types.push(ty);
        m.tags.push(ty);
    }
}

fn table_type(element_type: RefType, minimum: u64, maximum: Option<u64>) -> TableType {
    TableType {
        element_type,
        table64: false,
        minimum,
        maximum,
        shared: false,
    }
}

/// Stack, data segments and memory.
fn layout(made: &mut Made, dice: &mut Dice<'_>) {
    let has_stack = !dice.one_in(5);
    let stack_first = dice.one_in(2);
    let size = 16 * (1 + dice.below(300)) as u32;
    let mut at = match dice.below(4) {
        0 => 1024,
        1 => 65536,
        2 => 1 << 20,
        _ => 1024 + 16 * dice.below(10_000) as u32,
    };
    let mut stack = None;
    if has_stack && stack_first {
        stack = Some(Span::new(0, size as u64));
        at = at.max(size);
    }
    let m = &mut made.module;
    let count = dice.below(5);
    for _ in 0..count {
        let power = dice.below(6) as u32;
        at = at.next_multiple_of(1 << power);
        let size = match dice.below(6) {
            0..=2 => dice.below(64),
            3 => dice.below(200),
            4 => 0,
            _ => dice.below(900),
        };
        m.alignments.push(power);
        made.alignment = made.alignment.max(1 << power);
        m.segments.push(Segment {
            address: at,
            explicit: dice.one_in(8),
            part: Part {
                bytes: vec![0; size],
                records: vec![],
            },
        });
        at += size as u32;
        if dice.one_in(4) {
            at += dice.below(80) as u32;
        }
        if size > 8 && dice.one_in(24) {
            // Two segments that overlap: the later one wins.
            at -= 5;
        }
    }
    if count > 1 && dice.one_in(16) {
        m.segments.swap(0, 1);
        m.alignments.swap(0, 1);
    }
    m.data_count = dice.one_in(8);
    let ends = m
        .segments
        .iter()
        .map(|s| s.address + s.part.bytes.len() as u32);
    let end = ends.max();
    let starts = m.segments.iter().filter(|s| !s.part.bytes.is_empty());
    let start = starts.map(|s| s.address).min();
    if let (Some(start), Some(end)) = (start, end) {
        made.data = Some(Span::new(start as u64, end as u64));
    }
    let mut top = end.unwrap_or(0).max(at);
    if has_stack && !stack_first {
        let low = made.data.map_or(0, |d| (d.end + 15) & !15);
        let high = low.max(16) + size as u64;
        // Without data nothing says where the stack begins.
        stack = Some(Span::new(low, high));
        top = top.max(high as u32);
    }
    made.stack = stack;
    let pages = (top as u64 + dice.below(100_000) as u64)
        .div_ceil(65536)
        .max(1);
    let ty = MemoryType {
        minimum: pages,
        maximum: dice.one_in(4).then_some(pages + dice.below(4) as u64),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    if dice.one_in(3) {
        m.imports
            .push(("env".into(), "memory".into(), EntityType::Memory(ty)));
    } else {
        m.memory = Some(ty);
    }
    made.pages_end = pages * 65536;
    made.heap = (0, made.pages_end);
}

/// The symbol table but for sections and globals.
fn symbols(made: &mut Made, dice: &mut Dice<'_>) {
    let own = made.own_memory();
    let m = &mut made.module;
    let function_count = made.function_types.len() as u32;
    for function in 0..function_count {
        if dice.one_in(6) && !made.slots.contains(&Some(function)) {
            continue;
        }
        let imported = function < made.imported_functions;
        let (flags, name) = match (imported, dice.below(8)) {
            (true, 0) => (
                flag::UNDEFINED | flag::EXPLICIT_NAME,
                format!("f{function}"),
            ),
            (true, _) => (flag::UNDEFINED, String::new()),
            (false, 0) => (flag::LOCAL, format!("undefined_weak:f{function}")),
            (false, _) => (0, format!("f{function}")),
        };
        m.symbols.push(Symbol {
            of: Of::Function(function),
            flags,
            name,
        });
    }
    for tag in 0..made.tag_types.len() as u32 {
        if !dice.one_in(4) {
            m.symbols.push(Symbol {
                of: Of::Tag(tag),
                flags: 0,
                name: format!("t{tag}"),
            });
        }
    }
    for at in 0..m.segments.len() {
        let size = m.segments[at].part.bytes.len();
        for _ in 0..dice.below(4) {
            // Anywhere, one inside another: the linker merges tails of strings.
            let offset = dice.below(size + 1) as u32;
            let length = if dice.one_in(4) {
                0
            } else {
                dice.below(size - offset as usize + 1)
            };
            let name = format!("d{}", m.symbols.len());
            let of = Of::Data(at as u32, offset, length as u32);
            let flags = dice.below(3) as u32 * 2;
            let tls = if dice.one_in(3) { flag::TLS } else { 0 };
            m.symbols.push(Symbol {
                of,
                flags: flags | tls,
                name,
            });
        }
    }
    if dice.one_in(3) {
        let flags = flag::UNDEFINED | flag::WEAK;
        m.symbols.push(Symbol {
            of: Of::Undefined,
            flags,
            name: "weak".into(),
        });
    }
    for at in 0..dice.below(3) {
        let address = dice.word() >> dice.below(24);
        // Elsewhere than in the module's own memory.
        let address = match own {
            Some(own) if (own.start..own.end).contains(&(address as u64)) => {
                address % own.start as u32
            }
            _ => address,
        };
        let of = Of::Data(0, address, dice.below(8) as u32);
        m.symbols.push(Symbol {
            of,
            flags: flag::ABSOLUTE,
            name: format!("absolute{at}"),
        });
    }
    let data = made.data.unwrap_or_default();
    let stack = made.stack;
    let heap = ((data.end.max(stack.map_or(0, |s| s.end)) + 15) & !15) as u32;
    let pages_end = made.pages_end as u32;
    let mut linker = |name: &str, address: u32, dice: &mut Dice<'_>| {
        if dice.one_in(if name == "__heap_base" { 2 } else { 3 }) {
            m.symbols.push(Symbol {
                of: Of::Data(0, address, 0),
                flags: flag::ABSOLUTE | 4,
                name: name.into(),
            });
        }
    };
    linker("__heap_base", heap, dice);
    linker("__heap_end", pages_end.max(heap), dice);
    if let Some(stack) = stack {
        linker("__stack_low", stack.start as u32, dice);
        linker("__stack_high", stack.end as u32, dice);
    }
    linker("__data_end", data.end as u32, dice);
    linker("__global_base", data.start as u32, dice);
    linker("__dso_handle", data.start as u32, dice);
    linker("__start_abc", data.start as u32, dice);
    linker("__stop_abc", data.end as u32, dice);
    linker("__memory_base", 0, dice);
    linker("__table_base", 1, dice);
    linker("__wasm_first_page_end", 65536, dice);
    if dice.one_in(2) {
        // The order of symbols is nobody's business, but for names that two of them have.
        let at = dice.below(m.symbols.len());
        m.symbols.rotate_left(at);
    }
}

/// Globals of every kind, their names, and which of them move.
fn globals(made: &mut Made, dice: &mut Dice<'_>) {
    let data = made.data;
    let imported = made.global_types.len() as u32;
    let mut list: Vec<Global> = Vec::new();
    let index = |list: &Vec<Global>| imported + list.len() as u32;
    let mut nameless_stack = made.stack.is_none();
    if let Some(stack) = made.stack {
        // A stack between data and heap needs no symbol for its low end; elsewhere it starts at 0.
        let at = index(&list);
        match dice.below(6) {
            0 | 1 => made
                .module
                .global_names
                .push((at, "__stack_pointer".into())),
            // Without a name it is the only global that the linker makes mutable.
            2 => nameless_stack = true,
            _ => made.module.symbols.push(Symbol {
                of: Of::Global(at),
                flags: 4,
                name: "__stack_pointer".into(),
            }),
        }
        made.globals.push((at, Class::StackHigh));
        list.push(Global {
            ty: i32_type(true),
            init: Init::I32(stack.end as u32),
        });
    }
    for _ in 0..dice.below(4) {
        let (ty, mut init) = user_global(made, dice);
        // With the value of a stack pointer it could be one that lost its name.
        if let (Init::I32(value), true) = (&mut init, nameless_stack && ty.mutable)
            && made.is_stack_top(*value)
        {
            *value |= 1;
        }
        let at = index(&list);
        let flags = if dice.one_in(4) { flag::LOCAL } else { 0 };
        made.module.symbols.push(Symbol {
            of: Of::Global(at),
            flags,
            name: format!("user{at}"),
        });
        list.push(Global { ty, init });
    }
    for symbol in made.symbols(|s| matches!(s.of, Of::Data(..) | Of::Undefined)) {
        let symbol = made.module.symbols[symbol as usize].clone();
        let value = made.module.address(&symbol);
        let class = class_of(&symbol);
        let at = index(&list);
        match dice.below(8) {
            0 | 1 if !matches!(symbol.of, Of::Undefined) => {
                made.module
                    .exports
                    .push((symbol.name.clone(), ExportKind::Global, at));
            }
            2 => {
                let name = format!("GOT.data.internal.{}", symbol.name);
                made.module.global_names.push((at, name));
            }
            _ => continue,
        }
        if class != Class::Fixed {
            made.globals.push((at, class));
        }
        list.push(Global {
            ty: i32_type(false),
            init: Init::I32(value),
        });
    }
    for symbol in made.symbols(|s| matches!(s.of, Of::Function(_)) && !s.name.is_empty()) {
        let symbol = made.module.symbols[symbol as usize].clone();
        let Of::Function(function) = symbol.of else {
            continue;
        };
        if !dice.one_in(5) {
            continue;
        }
        let at = index(&list);
        let slot = made.slot(function);
        made.module
            .global_names
            .push((at, format!("GOT.func.internal.{}", symbol.name)));
        if slot.is_some() {
            made.globals.push((at, Class::Slot));
        }
        list.push(Global {
            ty: i32_type(false),
            init: Init::I32(slot.unwrap_or(0)),
        });
    }
    if let Some(data) = data {
        if dice.one_in(4) {
            let at = index(&list);
            made.module.global_names.push((at, "__tls_base".into()));
            let inside = data.start as u32 + dice.below(data.size() as usize) as u32;
            let value = if dice.one_in(3) { 0 } else { inside };
            if value != 0 {
                made.globals.push((at, Class::Data));
            }
            list.push(Global {
                ty: i32_type(false),
                init: Init::I32(value),
            });
        }
        if dice.one_in(4) {
            let at = index(&list);
            made.module.global_names.push((at, "__tls_size".into()));
            list.push(Global {
                ty: i32_type(false),
                init: Init::I32(data.start as u32),
            });
        }
    }
    if dice.one_in(3) {
        // Nameless, and outside of the data.
        let value = dice.word();
        if !data.is_some_and(|d| (d.start..d.end).contains(&(value as u64))) {
            list.push(Global {
                ty: i32_type(dice.one_in(2) && !nameless_stack),
                init: Init::I32(value),
            });
        }
    }
    made.global_types.extend(list.iter().map(|g| g.ty));
    made.module.globals = list;
}

/// A global of the user's own: any type, any value, addresses too.
fn user_global(made: &Made, dice: &mut Dice<'_>) -> (GlobalType, Init) {
    let val_type = dice.pick(&VALUES).unwrap_or(ValType::I32);
    let ty = GlobalType {
        val_type,
        mutable: dice.one_in(2),
        shared: false,
    };
    let mut raw = Vec::new();
    match val_type {
        ValType::I32 if dice.one_in(4) => raw.extend([0x41, 1, 0x41, 2, 0x6a]),
        ValType::I32 => {
            let inside = made
                .data
                .map_or(0, |d| d.start as u32 + dice.below(8) as u32);
            return (
                ty,
                Init::I32(if dice.one_in(2) { inside } else { dice.word() }),
            );
        }
        ValType::I64 => {
            raw.push(0x42);
            (dice.word() as i64).encode(&mut raw);
        }
        ValType::F32 => raw.extend([0x43, 0x80, 0x80, 0x80, 0x80]),
        ValType::F64 => raw.extend([0x44, 0x41, 0x80, 0x80, 0x80, 0x80, 0, 0, 0]),
        ValType::V128 => {
            raw.extend([0xfd, 0x0c]);
            raw.extend([0x80; 16]);
        }
        ValType::Ref(RefType::EXTERNREF) => raw.extend([0xd0, 0x6f]),
        ValType::Ref(_) if dice.one_in(2) => raw.extend([0xd0, 0x70]),
        ValType::Ref(_) => {
            raw.push(0xd2);
            (dice.below(made.function_types.len()) as u32).encode(&mut raw);
        }
    }
    (ty, Init::Raw(raw))
}

/// Content of the data segments: noise, words, zeros.
fn data(made: &mut Made, dice: &mut Dice<'_>) {
    for at in 0..made.module.segments.len() {
        let size = made.module.segments[at].part.bytes.len();
        let mut part = Part {
            bytes: vec![0; size],
            records: vec![],
        };
        if !dice.one_in(4) {
            let noise = dice.take(size.min(24));
            let from = if dice.one_in(2) {
                0
            } else {
                size - noise.len()
            };
            part.bytes[from..from + noise.len()].copy_from_slice(noise);
        }
        // Words without a record: numbers that look like addresses.
        if let (Some(data), true) = (made.data, dice.one_in(3)) {
            for _ in 0..dice.below(3) {
                let value = data.start as u32 + dice.below(data.size() as usize + 1) as u32;
                let place = dice.below(size);
                for (to, from) in part.bytes[place..].iter_mut().zip(value.to_le_bytes()) {
                    *to = from;
                }
            }
        }
        let mut place = 0;
        for _ in 0..dice.below(8) {
            place += match dice.below(4) {
                0 | 1 => 0,
                2 => dice.below(9),
                _ => dice.below(120),
            };
            if place + 4 > size {
                break;
            }
            let here = made.module.segments[at].address.wrapping_add(place as u32);
            if let Some(record) = data_record(made, here, dice) {
                part.site_at(place, record);
            }
            place += 4;
        }
        made.module.segments[at].part = part;
    }
}

fn data_record(made: &Made, here: u32, dice: &mut Dice<'_>) -> Option<Record> {
    let ty = dice.pick(&[5, 5, 5, 2, 23, 26, 13])?;
    if ty != 23 {
        return match (ty, dice.one_in(3)) {
            (13, true) => got(made, 13, dice),
            _ => made.record(ty, dice),
        };
    }
    // The distance from here to something that moves along.
    let list = made.symbols(|s| matches!(s.of, Of::Data(..)) && class_of(s) == Class::Data);
    let at = dice.pick(&list)?;
    let symbol = &made.module.symbols[at as usize];
    let addend = addend(dice);
    let stored = made
        .module
        .address(symbol)
        .wrapping_add(addend as u32)
        .wrapping_sub(here);
    Some(Record {
        at: 0,
        ty,
        index: at,
        addend,
        stored,
        fate: Fate::Stays(5),
    })
}

/// A record for a GOT entry by chance.
pub fn got(made: &Made, ty: u8, dice: &mut Dice<'_>) -> Option<Record> {
    let list = made
        .module
        .global_names
        .iter()
        .filter(|n| n.1.starts_with("GOT."));
    let list: Vec<u32> = list.map(|n| n.0).collect();
    made.got_record(ty, dice.pick(&list)?)
}

fn debug_sections(made: &mut Made, dice: &mut Dice<'_>) {
    for name in [".debug_info", ".debug_line", "producers"] {
        if dice.one_in(3) {
            let part = Part {
                bytes: dice.take(40).to_vec(),
                records: vec![],
            };
            made.module.customs.push(Custom {
                name: name.into(),
                part,
            });
        }
    }
}

fn section_symbols(made: &mut Made, dice: &mut Dice<'_>) {
    let m = &mut made.module;
    let mut named: Vec<Named> = (0..m.customs.len()).map(Named::Custom).collect();
    named.push(Named::Code);
    if !m.segments.is_empty() {
        named.push(Named::Data);
    }
    for of in named {
        if dice.one_in(3) {
            m.symbols.push(Symbol {
                of: Of::Section(of),
                flags: flag::LOCAL,
                name: String::new(),
            });
        }
    }
}

/// Records in debug sections, some of them of things that the linker dropped.
fn debug_records(made: &mut Made, dice: &mut Dice<'_>) {
    for at in 0..made.module.customs.len() {
        let mut part = made.module.customs[at].part.clone();
        if part.bytes.is_empty() || made.module.customs[at].name == "producers" {
            continue;
        }
        for _ in 0..dice.below(5) {
            let Some(ty) = dice.pick(&[5, 8, 9, 2, 13, 26]) else {
                continue;
            };
            let record = match ty {
                8 | 9 => debug_offset(made, ty, dice),
                13 if dice.one_in(2) => got(made, 13, dice),
                _ => made.record(ty, dice),
            };
            let Some(mut record) = record else { continue };
            let symbol = made.module.symbols.get(record.index as usize);
            if let (5, Some(symbol)) = (ty, symbol)
                && let Of::Data(_, offset, _) = symbol.of
                && symbol.flags & flag::TLS != 0
                && !dice.one_in(3)
            {
                // Where a thread-local variable lies in its segment.
                let offset = offset.wrapping_add(record.addend as u32);
                if offset != record.stored {
                    record.fate = Fate::Stays(if offset >= u32::MAX - 1 { 6 } else { 4 });
                    record.stored = offset;
                }
                part.site(record);
                continue;
            }
            let tombstone = if dice.one_in(2) {
                u32::MAX
            } else {
                u32::MAX - 1
            };
            let address = matches!(ty, 5 | 2);
            if address && record.stored != 0 && record.stored < u32::MAX - 1 && dice.one_in(6) {
                (record.stored, record.fate) = (tombstone, Fate::Stays(6));
            } else if dice.one_in(16) {
                // Nor is the symbol in the table any more.
                record.index = made.module.symbols.len() as u32 + dice.below(3) as u32;
                record.stored = if dice.one_in(2) { 0 } else { tombstone };
                record.fate = Fate::Stays(6);
            }
            part.site(record);
            part.raw(dice.take(3));
        }
        made.module.customs[at].part = part;
    }
}

fn debug_offset(made: &Made, ty: u8, dice: &mut Dice<'_>) -> Option<Record> {
    let list = made.symbols(|s| match ty {
        8 => matches!(s.of, Of::Function(_)),
        _ => matches!(s.of, Of::Section(_)),
    });
    let index = dice.pick(&list)?;
    let stored = dice.word() >> dice.below(32);
    let dropped = stored >= u32::MAX - 1;
    let fate = Fate::Stays(if dropped { 6 } else { 3 });
    Some(Record {
        at: 0,
        ty,
        index,
        addend: addend(dice),
        stored,
        fate,
    })
}

fn exports(made: &mut Made, dice: &mut Dice<'_>) {
    let m = &mut made.module;
    // A final module exports something; an object file does not.
    m.exports.push(("memory".into(), ExportKind::Memory, 0));
    for function in 0..made.function_types.len() as u32 {
        if dice.one_in(3) {
            m.exports
                .push((format!("export{function}"), ExportKind::Func, function));
        }
    }
    let mut allocator = |name: &str, ty: u32| {
        let found = made.function_types.iter().position(|t| *t == ty);
        if let (Some(at), true) = (found, !dice.one_in(3)) {
            m.exports.push((name.into(), ExportKind::Func, at as u32));
        }
    };
    allocator("malloc", 1);
    allocator("free", 2);
    let start = made.function_types.iter().position(|ty| *ty == 0);
    if let (Some(start), true) = (start, dice.one_in(12)) {
        m.exports
            .push(("_start".into(), ExportKind::Func, start as u32));
    }
    if dice.one_in(6) {
        m.start = start.map(|at| at as u32);
    }
}

/// Counts aligned data words without a record that look like addresses. Without the section's records
/// only those count that point into a symbol.
pub fn unlisted(made: &Made, without: Option<usize>) -> u32 {
    let Some(data) = made.data else { return 0 };
    let m = &made.module;
    let extents: Vec<(u64, u64)> = m
        .symbols
        .iter()
        .filter_map(|s| match s.of {
            Of::Data(_, _, size) if class_of(s) == Class::Data => {
                let start = m.address(s) as u64;
                Some((start, start + size.max(1) as u64))
            }
            _ => None,
        })
        .collect();
    let mut count = 0;
    let mut number = 0;
    for segment in &m.segments {
        let bytes = &segment.part.bytes;
        // The number of a record among all records of data, in the order of the file.
        let mut listed: Vec<usize> = segment.part.records.iter().map(|r| r.at).collect();
        listed.sort_unstable();
        let records = listed.len();
        if let Some(gone) = without {
            let mut at = number;
            listed.retain(|_| {
                at += 1;
                gone != usize::MAX && at - 1 != gone
            });
        }
        number += records;
        let all_gone = without == Some(usize::MAX);
        let mut at = (segment.address.wrapping_neg() & 3) as usize;
        while at + 4 <= bytes.len() {
            let word = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            let value = word as u64;
            let free = listed.iter().all(|place| place.abs_diff(at) >= 4);
            let points = (data.start..data.end).contains(&value);
            let covered = extents.iter().any(|e| (e.0..e.1).contains(&value));
            if free && points && (!all_gone || covered) {
                count += 1;
            }
            at += 4;
        }
    }
    count
}

/// Where the heap is, and who claims what: by the references that records make.
fn expect_heap(made: &mut Made) {
    let m = &made.module;
    let find = |name: &str| {
        m.symbols
            .iter()
            .find(|s| s.name == name)
            .map(|s| m.address(s) as u64)
    };
    let end = made
        .data
        .map_or(0, |d| d.end)
        .max(made.stack.map_or(0, |s| s.end));
    let base = find("__heap_base").unwrap_or((end + 15) & !15);
    let heap_end = find("__heap_end").unwrap_or(made.heap.1.max(base));
    made.heap = (base, heap_end);
    let parts = m
        .functions
        .iter()
        .map(|f| &f.code)
        .chain(m.segments.iter().map(|s| &s.part));
    let mut refers = [false; 2];
    // A GOT entry counts wherever its record is.
    let customs = m.customs.iter().map(|c| (&c.part, true));
    for (part, debug) in parts.map(|p| (p, false)).chain(customs) {
        for record in &part.records {
            match record.fate {
                Fate::Moves(Class::HeapBase) if !debug => refers[0] = true,
                Fate::Moves(Class::HeapEnd) if !debug => refers[1] = true,
                Fate::Got(_, Class::HeapBase) => refers[0] = true,
                Fate::Got(_, Class::HeapEnd) => refers[1] = true,
                _ => {}
            }
        }
    }
    made.claim = Some(match refers {
        [false, false] => Claim::None,
        [true, false] => Claim::All,
        [_, true] => Claim::Piece,
    });
}
