//! Facts and options in, a layout out.
//!
//! In: the inspected modules in order, and options. Out: a [`Layout`]: plain data, every region named,
//! with start, end, alignment and owner. (`src/set/layout.ts` looks at the result alone and knows
//! nothing of how it was made.) Order of regions: what has a fixed base; the stack that modules share;
//! then module by module, data followed by its stack (so that an overflow hits its own data first),
//! except that the first stack of all lies at address 0, where an overflow traps; then heaps.

mod heap;
mod rigid;
mod space;
mod table;

pub use rigid::{Rigid, rigid};

use crate::error::{Code, Problem};
use crate::inspect::converted::ATTACHED;
use crate::inspect::{Inspected, PAGE, slots};
use crate::model::{Claim, Class, Deltas, Kind, Span};
use crate::text::text;
use crate::wasm::text;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use space::{Space, aligned_like};

/// Addresses below this are never given to data or heaps: a null pointer with a small offset must
/// not hit anything.
pub const FIRST_ADDRESS: u64 = 1024;

/// The size of the address space.
pub const ADDRESS_SPACE: u64 = 1 << 32;

/// Owner of the owner map: no name of a module holds a colon.
pub const OWNER_MAP: &str = "checks: foreignFree";

/// Alignment of stacks and heaps.
pub const ALIGN: u32 = 16;

/// Options of one module.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModuleOptions {
    /// Stack size instead of the linker's.
    pub stack: Option<u32>,
    /// Bytes to add to the stack.
    pub additional_stack: u32,
    /// Address of the data.
    pub base: Option<u32>,
    /// All the memory that the module's allocator gets, in bytes.
    pub heap: Option<u32>,
    /// It keeps a table of its own.
    pub own_table: bool,
    /// What its data is aligned to, a power of two, if it does not ask for more.
    pub align: u32,
    /// Check the stack pointer wherever it is lowered.
    pub stack_guard: bool,
    /// It runs on the stack that others run on, too.
    pub shares_stack: bool,
    /// It allocates with the functions of another module.
    pub no_heap: bool,
    /// A loader cannot make it alone, so that its allocator cannot be started before others grow the memory.
    pub no_stage: bool,
}

impl Input<'_> {
    /// What its data is aligned to, relative to where the linker put it.
    fn align(&self) -> u32 {
        self.found.alignment.max(self.options.align)
    }

    /// What it does with the memory above its data.
    fn claim(&self) -> Claim {
        match self.options.no_heap {
            true => Claim::None,
            false => self.found.heap.claim,
        }
    }

    /// Whether its heap lies in its data, so that what is above the data belongs to it.
    fn is_attached(&self) -> bool {
        self.found.converted.has(ATTACHED)
            && (self.claim() == Claim::All || self.options.heap.is_some())
    }

    /// Whether its table slots lie in the shared table.
    pub fn shares_table(&self) -> bool {
        self.found.shares_table() && !self.options.own_table
    }
}

/// One module of a run.
pub struct Input<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its file.
    pub bytes: &'a [u8],
    /// What is known about it.
    pub found: &'a Inspected,
    /// Its options.
    pub options: ModuleOptions,
}

/// A region of the shared memory.
#[derive(Clone, Debug)]
pub struct Region {
    /// The owner; nobody has a name that is empty, the owner map that of [`OWNER_MAP`].
    pub module: String,
    /// `stack`, `data`, `heap` or `reserved`.
    pub kind: &'static str,
    /// The alignment it was placed to.
    pub align: u32,
    /// Where it is.
    pub span: Span,
}

/// A module's heap.
#[derive(Clone, Copy, Debug)]
pub struct PlannedHeap {
    /// `[__heap_base, __heap_end)`.
    pub span: Span,
    /// What the module does with it.
    pub claim: Claim,
}

/// A module's table slots.
#[derive(Clone, Copy, Debug)]
pub struct PlannedTable {
    /// In the shared table.
    pub shared: bool,
    /// In slots.
    pub span: Span,
}

/// Where one module lives.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// What kind of input it is.
    pub kind: Kind,
    /// Its stack.
    pub stack: Option<Span>,
    /// Its data.
    pub data: Option<Span>,
    /// Its heap.
    pub heap: PlannedHeap,
    /// By how much the data moves.
    pub data_delta: i64,
    /// Its part of the table.
    pub table: Option<PlannedTable>,
    /// Import names of the memory.
    pub memory_import: Option<[String; 2]>,
    /// Import names of the table.
    pub table_import: Option<[String; 2]>,
    /// Passes of the transformer.
    pub transforms: Vec<&'static str>,
    /// What `memory.size` and `memory.grow` of the module see, if not the memory.
    pub memory_view: Option<MemoryView>,
    /// Where the stack pointer is checked, if it is.
    pub stack_guard: Option<StackGuard>,
    /// Index of the stack pointer, if it becomes an import, so that others have the same.
    pub shared_stack: Option<u32>,
    /// By how much each class of sites moves.
    #[serde(skip)]
    pub deltas: Deltas,
    /// Pages that the module's own regions need.
    #[serde(skip)]
    pub min_pages: u32,
}

/// What `memory.size` and `memory.grow` of a module see instead of the memory.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MemoryView {
    /// The size at the start, in pages.
    pub pages: u32,
    /// Growing goes no further than this and takes nothing from the memory; without it, it grows the memory.
    pub limit: Option<u32>,
}

/// The stack pointer of a module and the addresses that it may have.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StackGuard {
    /// Index of the global.
    pub global: u32,
    /// The lowest address.
    pub low: u64,
    /// The highest address: the stack is empty.
    pub high: u64,
}

impl Placed {
    fn view(&mut self, view: MemoryView) {
        self.memory_view = Some(view);
        self.transforms.push("memory_view");
    }
}

/// A step after instantiation.
#[derive(Clone, Debug, Serialize)]
pub struct Startup {
    /// Whose.
    pub module: String,
    /// What.
    pub action: &'static str,
    /// The exported allocation function.
    pub malloc: String,
    /// The exported deallocation function.
    pub free: String,
    /// Size of the memory at this step, in pages.
    pub pages: u32,
}

/// The plan.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Initial pages.
    pub needed_pages: u32,
    /// Maximum pages.
    pub maximum_pages: Option<u32>,
    /// Initial slots of the shared table.
    pub table_size: u32,
    /// First address above everything.
    pub end: u64,
    /// Sorted by start.
    pub regions: Vec<Region>,
    /// In input order.
    pub modules: Vec<Placed>,
    /// Steps after instantiation.
    pub startup: Vec<Startup>,
}

/// Options of the whole run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Maximum size of the memory in pages.
    pub maximum_pages: Option<u32>,
    /// Size of the memory at the start in pages, if that is more than the modules need.
    pub initial_pages: u32,
    /// Where no region may lie.
    pub reserved: Vec<Span>,
    /// Import names of the memory instead of those of each module.
    pub memory_import: Option<[String; 2]>,
    /// Size of the stack that modules share in bytes, a multiple of [`ALIGN`], instead of the sum of theirs.
    pub shared_stack: Option<u32>,
    /// What tells builds apart beside layout and inputs.
    pub salt: String,
    /// Size of the map in which modules note which pages are theirs, in bytes; 0 for none.
    pub owner_map: u32,
}

/// Plans one address space for all modules.
///
/// # Errors
/// Every problem of the plan: `invalid_option`, `misaligned_offset`, `layout_overlap`,
/// `address_overflow`, `memory_limit`, `table_limit`, `heap_conflict`.
pub fn plan(
    inputs: &[Input<'_>],
    options: &Options,
    warnings: &mut Vec<Problem>,
) -> core::result::Result<Layout, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut regions = Vec::new();
    let mut modules: Vec<Placed> = inputs.iter().map(placed).collect();
    if let Some(names) = &options.memory_import {
        for module in modules.iter_mut().filter(|m| m.memory_import.is_some()) {
            module.memory_import = Some(names.clone());
        }
    }
    let mut space = Space::default();
    reserve(options, &mut space, &mut regions, &mut problems);
    place_fixed(
        inputs,
        &mut modules,
        &mut space,
        &mut regions,
        &mut problems,
    );
    let mut first = !share_stack(
        inputs,
        options,
        &mut modules,
        &mut space,
        &mut regions,
        &mut problems,
    );
    for (input, module) in inputs.iter().zip(&mut modules) {
        place_module(
            core::mem::take(&mut first),
            input,
            module,
            &mut space,
            &mut regions,
            &mut problems,
        );
    }
    if options.owner_map > 0 {
        // Below the heaps: the last of them may own all that follows.
        let start = space.place(options.owner_map.into(), ALIGN, 0);
        let span = Span::new(start, start + options.owner_map as u64);
        put(&mut regions, OWNER_MAP, "reserved", ALIGN, span);
    }
    let mut startup = Vec::new();
    let top = heap::place(
        inputs,
        &mut modules,
        &mut space,
        &mut regions,
        &mut startup,
        warnings,
        &mut problems,
    );
    let table_size = table::place(inputs, &mut modules, warnings, &mut problems);

    let pages = top.div_ceil(PAGE).max(options.initial_pages.into());
    // The end of the last region is an address, too.
    if top >= ADDRESS_SPACE {
        problems.push(
            *Problem::new(
                Code::AddressOverflow,
                text!("Cannot place the modules: they need {} bytes, and a memory has less than 4 GiB", top),
            )
            .hint(text!("Lower the bases that are set, reduce the stacks (stack, additionalStack), or split the set")),
        );
    } else if let Some(maximum) = options.maximum_pages.filter(|m| (*m as u64) < pages) {
        problems.push(
            *Problem::new(
                Code::MemoryLimit,
                text!(
                    "Cannot place the modules: they need {} pages, memory.maximum allows {}",
                    pages,
                    maximum
                ),
            )
            .hint(text!(
                "Set memory.maximum to {} or more, lower the bases that are set, or reduce the stacks",
                pages
            )),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for (input, module) in inputs.iter().zip(&mut modules) {
        finish(input.found, module);
        stack_passes(input, module);
    }
    let regions = sorted(regions);
    Ok(Layout {
        needed_pages: pages as u32,
        maximum_pages: options.maximum_pages,
        table_size,
        end: top,
        regions,
        modules,
        startup,
    })
}

/// Regions by address. Most come in order, so each is put in its place.
fn sorted(regions: Vec<Region>) -> Vec<Region> {
    let mut list: Vec<Region> = Vec::with_capacity(regions.len());
    for region in regions {
        let at = list.partition_point(|other| other.span <= region.span);
        list.insert(at, region);
    }
    list
}

/// Under which names a module imports its memory and its table: those of the input, or wasm-ld's.
pub fn import_names(input: &Input<'_>) -> (Option<[String; 2]>, Option<[String; 2]>) {
    let found = input.found;
    let module = &found.module;
    let names = |at: Option<usize>, name: &str| match at {
        Some(at) => {
            let import = &module.imports[at];
            [
                text(input.bytes, &import.module).into(),
                text(input.bytes, &import.name).into(),
            ]
        }
        None => ["env".into(), name.into()],
    };
    let own_table = found
        .table
        .as_ref()
        .and_then(|t| module.tables[t.table as usize].import);
    (
        (!module.memories.is_empty()).then(|| names(found.memory_import(), "memory")),
        (input.shares_table() || own_table.is_some()).then(|| names(own_table, slots::TABLE_NAME)),
    )
}

fn placed(input: &Input<'_>) -> Placed {
    let (memory_import, table_import) = import_names(input);
    Placed {
        name: input.name.into(),
        kind: input.found.kind,
        stack: None,
        data: None,
        heap: PlannedHeap {
            span: Span::default(),
            claim: input.claim(),
        },
        data_delta: 0,
        table: None,
        memory_import,
        table_import,
        transforms: if input.found.init_memory {
            vec!["init_memory"]
        } else {
            Vec::new()
        },
        memory_view: None,
        stack_guard: None,
        shared_stack: None,
        deltas: Deltas::default(),
        min_pages: 0,
    }
}

/// Ranges that the options keep free.
fn reserve(
    options: &Options,
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) {
    for span in &options.reserved {
        match space.fix(*span) {
            Ok(()) => regions.push(Region {
                module: String::new(),
                kind: "reserved",
                align: 1,
                span: *span,
            }),
            Err(other) => problems.push(
                *Problem::new(
                    Code::LayoutOverlap,
                    text!(
                        "Cannot reserve {:#x}..{:#x}: it overlaps the reserved range {:#x}..{:#x}",
                        span.start,
                        span.end,
                        other.start,
                        other.end
                    ),
                )
                .hint(text!("Give one range for both")),
            ),
        }
    }
}

/// Data at the addresses that the options name.
fn place_fixed(
    inputs: &[Input<'_>],
    modules: &mut [Placed],
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) {
    for (input, module) in inputs.iter().zip(modules) {
        let Some(base) = input.options.base else {
            continue;
        };
        let Some(data) = input.found.data else {
            problems.push(
                *Problem::new(
                    Code::InvalidOption,
                    text!("Cannot use base {:#x}: the module has no data", base),
                )
                .hint(text!("Remove base"))
                .of(input.name),
            );
            continue;
        };
        let align = input.align();
        if (base as u64) < FIRST_ADDRESS {
            problems.push(
                *Problem::new(
                    Code::InvalidOption,
                    text!(
                        "Cannot place the data at {:#x}: addresses below {} are kept free",
                        base,
                        FIRST_ADDRESS
                    ),
                )
                .hint(text!(
                    "Set base to {:#x} or higher",
                    aligned_like(FIRST_ADDRESS, data.start, align)
                ))
                .of(input.name),
            );
            continue;
        }
        if (base as u64).wrapping_sub(data.start) % align as u64 != 0 {
            let up = aligned_like(base as u64, data.start, align);
            // Below the next one, where that is no address any more.
            let up = if up < ADDRESS_SPACE {
                up
            } else {
                up - align as u64
            };
            problems.push(
                *Problem::new(
                    Code::MisalignedOffset,
                    text!("Cannot place the data at {:#x}: it must differ from {:#x} by a multiple of {}", base, data.start, align),
                )
                .hint(text!("Set base to {:#x}", up))
                .of(input.name),
            );
            continue;
        }
        let span = Span::new(base as u64, base as u64 + data.size());
        match space.fix(span) {
            Ok(()) => put_data(align, module, span, regions),
            Err(other) => {
                let owner = regions
                    .iter()
                    .find(|r| r.span == other)
                    .map_or("", |r| r.module.as_str());
                problems.push(
                    *Problem::new(
                        Code::LayoutOverlap,
                        text!("Cannot place module \"{}\" at {:#x}: {} bytes overlap module \"{}\" ({:#x}..{:#x})", input.name, base, span.size(), owner, other.start, other.end),
                    )
                    .hint(text!("Set its base to {:#x}, or remove it to place automatically", aligned_like(other.end, data.start, align)))
                    .of(input.name),
                );
            }
        }
    }
}

fn put_data(align: u32, module: &mut Placed, span: Span, regions: &mut Vec<Region>) {
    module.data = Some(span);
    put(regions, &module.name, "data", align, span);
}

fn put_stack(owner: &str, span: Span, regions: &mut Vec<Region>) -> Option<Span> {
    put(regions, owner, "stack", ALIGN, span);
    Some(span)
}

/// Lists a region, if there is something in it.
fn put(regions: &mut Vec<Region>, module: &str, kind: &'static str, align: u32, span: Span) {
    if span.size() > 0 {
        regions.push(Region {
            module: module.into(),
            kind,
            align,
            span,
        });
    }
}

/// One stack for the modules that share it. It is as large as all of theirs together: whatever calls
/// whatever, no chain of calls that fits on separate stacks overflows it. Returns whether there is one.
fn share_stack(
    inputs: &[Input<'_>],
    options: &Options,
    modules: &mut [Placed],
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) -> bool {
    let sharers = || {
        inputs.iter().enumerate().filter(|(_, i)| {
            i.options.shares_stack && i.found.stack.is_some() && stack_pointer(i.found).is_some()
        })
    };
    let all = sharers()
        .map(|(_, input)| stack_size(input, problems))
        .sum();
    let size = options.shared_stack.map_or(all, u64::from);
    if all == 0 {
        return false;
    }
    let mut span = Span::new(0, size);
    if space.is_free(span) {
        space.skip_to(size);
    } else {
        let start = space.place(size, ALIGN, 0);
        span = Span::new(start, start + size);
    }
    let span = put_stack("", span, regions);
    for (at, _) in sharers() {
        modules[at].stack = span;
    }
    true
}

/// Data and stack of one module.
fn place_module(
    first: bool,
    input: &Input<'_>,
    module: &mut Placed,
    space: &mut Space,
    regions: &mut Vec<Region>,
    problems: &mut Vec<Problem>,
) {
    let own_stack = input.found.stack.is_some() && module.stack.is_none();
    let size = if own_stack {
        stack_size(input, problems)
    } else {
        0
    };
    let low = first
        .then_some(Span::new(0, size))
        .filter(|span| size > 0 && space.is_free(*span));
    if let Some(span) = low {
        space.skip_to(span.end);
        module.stack = put_stack(&module.name, span, regions);
    }
    if let (Some(data), None, false) = (input.found.data, module.data, input.is_attached()) {
        let align = input.align();
        let start = space.place(data.size(), align, data.start);
        put_data(
            align,
            module,
            Span::new(start, start + data.size()),
            regions,
        );
    }
    if low.is_none() && own_stack {
        let start = space.place(size, ALIGN, 0);
        module.stack = put_stack(&module.name, Span::new(start, start + size), regions);
    }
}

/// The stack that a module gets, in bytes.
fn stack_size(input: &Input<'_>, problems: &mut Vec<Problem>) -> u64 {
    let Some(stack) = input.found.stack else {
        return 0;
    };
    let own = match input.options.stack {
        Some(size) if size % ALIGN != 0 => {
            problems.push(
                *Problem::new(
                    Code::InvalidOption,
                    text!("Cannot give the module a stack of {} bytes: the size is not a multiple of {}", size, ALIGN),
                )
                .hint(text!("Set stack to {}", (size as u64).next_multiple_of(ALIGN as u64)))
                .of(input.name),
            );
            size as u64
        }
        Some(size) => size as u64,
        None => stack.size(),
    };
    let size = (own + input.options.additional_stack as u64).next_multiple_of(ALIGN as u64);
    if size == 0 {
        problems.push(
            *Problem::new(
                Code::InvalidOption,
                text!("Cannot give the module a stack of 0 bytes: it has a __stack_pointer and would overwrite its data"),
            )
            .hint(text!("Remove stack, or set it to what the module needs (1024 or more)"))
            .of(input.name),
        );
    }
    size
}

/// What follows from the placement: deltas and the pages a module needs.
fn finish(found: &Inspected, module: &mut Placed) {
    let mut deltas = Deltas::default();
    if let (Some(old), Some(new)) = (found.data, module.data) {
        module.data_delta = new.start as i64 - old.start as i64;
    }
    deltas.set(Class::Data, module.data_delta as u32);
    if let (Some(old), Some(new)) = (found.stack, module.stack) {
        deltas.set(Class::StackLow, new.start.wrapping_sub(old.start) as u32);
        deltas.set(Class::StackHigh, new.end.wrapping_sub(old.end) as u32);
    }
    deltas.set(
        Class::HeapBase,
        module.heap.span.start.wrapping_sub(found.heap.base) as u32,
    );
    deltas.set(
        Class::HeapEnd,
        module.heap.span.end.wrapping_sub(found.heap.end) as u32,
    );
    if let (Some(table), Some(new)) = (&found.table, module.table)
        && new.shared
    {
        deltas.set(
            Class::Slot,
            (new.span.start as u32).wrapping_sub(table.first),
        );
    }
    module.deltas = deltas;
    let end = [module.stack, module.data]
        .into_iter()
        .flatten()
        .map(|s| s.end)
        .max()
        .unwrap_or(0);
    let end = if module.heap.span.size() > 0 {
        end.max(module.heap.span.end)
    } else {
        end
    };
    module.min_pages = end.div_ceil(PAGE) as u32;
}

/// The global that is the stack pointer.
fn stack_pointer(found: &Inspected) -> Option<u32> {
    // `__stack_high` moves alike, and cannot be set.
    let pointer = found.sites.globals.iter().find(|g| {
        let global = found.module.global(g.index.0);
        g.class == Class::StackHigh && global.is_some_and(|g| g.ty.mutable)
    });
    pointer.map(|g| g.index.0)
}

/// Asks for what changes the use of the stack pointer. A module without one has nothing to change.
fn stack_passes(input: &Input<'_>, module: &mut Placed) {
    let (Some(global), Some(stack)) = (stack_pointer(input.found), module.stack) else {
        return;
    };
    if input.options.stack_guard {
        module.stack_guard = Some(StackGuard {
            global,
            low: stack.start,
            high: stack.end,
        });
        module.transforms.push("stack_guard");
    }
    if input.options.shares_stack {
        module.shared_stack = Some(global);
        module.transforms.push("share_stack");
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Region", 6)?;
        object.serialize_field("module", &self.module)?;
        object.serialize_field("kind", &self.kind)?;
        self.span.fields(&mut object)?;
        object.serialize_field("align", &self.align)?;
        object.end()
    }
}

impl Serialize for PlannedHeap {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("PlannedHeap", 4)?;
        self.span.fields(&mut object)?;
        object.serialize_field("claim", &self.claim)?;
        object.end()
    }
}

impl Serialize for PlannedTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("PlannedTable", 4)?;
        object.serialize_field("shared", &self.shared)?;
        self.span.fields(&mut object)?;
        object.end()
    }
}
