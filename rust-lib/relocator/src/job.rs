//! One run: modules in, a layout, moved modules out. What `bindings.rs` exposes, without wasm-bindgen,
//! so that native tests and tools use the same path.

use crate::emit::{self, Move, Parts};
use crate::error::{Code, Problem, Result};
use crate::facts::{self, Facts};
use crate::inspect::{self, Inspected};
use crate::model::Span;
pub use crate::plan::Options;
use crate::plan::{self, Input, Layout};
use crate::text::text;
use serde::Serialize;
use xxhash_rust::xxh64::Xxh64;

/// Version of the format of the custom section.
const STAMP_VERSION: u32 = 1;

/// Options of one module, as they cross from TypeScript: those of each phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModuleOptions {
    /// How it is read.
    pub inspect: inspect::Options,
    /// Where it is placed.
    pub plan: plan::ModuleOptions,
    /// Keep `linking` and `reloc.*`.
    pub keep_relocations: bool,
}

/// One module of a run.
pub struct Entry {
    name: String,
    bytes: Vec<u8>,
    options: ModuleOptions,
    found: Inspected,
}

/// A run.
#[derive(Default)]
pub struct Job {
    entries: Vec<Entry>,
    planned: Option<Planned>,
}

struct Planned {
    layout: Layout,
    build: String,
}

/// The plan and what came with it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// Hash of the layout and of all inputs.
    pub build_id: &'a str,
    /// Worth knowing.
    pub warnings: Vec<Problem>,
}

impl Job {
    /// Adds a module and inspects it.
    ///
    /// # Errors
    /// Those of [`inspect::inspect`]; what makes a module unusable otherwise is in its facts.
    pub fn add(
        &mut self,
        name: String,
        bytes: Vec<u8>,
        options: ModuleOptions,
    ) -> Result<Facts<'_>> {
        self.insert(name, bytes, options)?;
        let entry = &self.entries[self.entries.len() - 1];
        facts::facts(&entry.name, &entry.bytes, &entry.found).map_err(|p| p.of(&entry.name))
    }

    fn insert(&mut self, name: String, bytes: Vec<u8>, options: ModuleOptions) -> Result<()> {
        let mut found = inspect::inspect(&bytes, &options.inspect).map_err(|p| p.of(&name))?;
        for problem in found.problems.iter_mut().chain(&mut found.warnings) {
            problem.module.clone_from(&name);
        }
        // A plan is for the modules that were there.
        self.planned = None;
        self.entries.push(Entry {
            name,
            bytes,
            options,
            found,
        });
        Ok(())
    }

    /// Plans one address space for all modules. What is said of them is said once: after problems of modules there
    /// is nothing left to plan.
    ///
    /// # Errors
    /// All problems of all modules, or all problems of the plan.
    pub fn plan(&mut self, options: Options) -> core::result::Result<Plan<'_>, Vec<Problem>> {
        self.planned = None;
        let mut problems = Vec::new();
        let mut warnings = Vec::new();
        if self.entries.iter().any(|entry| entry.bytes.is_empty()) {
            return Err(vec![*absent()]);
        }
        for entry in &mut self.entries {
            problems.append(&mut entry.found.problems);
            warnings.append(&mut entry.found.warnings);
        }
        for (at, entry) in self.entries.iter().enumerate() {
            let name = &entry.name;
            if self.entries[..at].iter().any(|other| other.name == *name) {
                problems.push(
                    *Problem::new(
                        Code::DuplicateName,
                        text!("Two modules have the name \"{}\"", name),
                    )
                    .hint(text!("Give each module a name of its own"))
                    .of(name),
                );
            }
        }
        if !problems.is_empty() {
            self.entries.clear();
            return Err(problems);
        }
        let inputs: Vec<Input<'_>> = self
            .entries
            .iter()
            .map(|e| Input {
                name: &e.name,
                bytes: &e.bytes,
                found: &e.found,
                options: e.options.plan,
            })
            .collect();
        let layout = plan::plan(&inputs, &options, &mut warnings)?;
        let build = build_id(&self.entries, &layout, &options.salt);
        let planned = self.planned.insert(Planned { layout, build });
        Ok(Plan {
            layout: &planned.layout,
            build_id: &planned.build,
            warnings,
        })
    }

    /// Writes one module of the plan.
    ///
    /// # Errors
    /// `internal_error`.
    pub fn emit(&self, index: usize) -> Result<Vec<u8>> {
        let file = self.entries.get(index).map(|e| e.bytes.clone());
        self.parts(index, file.unwrap_or_default())
            .map(|parts| parts.concat())
    }

    /// Writes one module of the plan into its own file. Once: the module is no longer there after that.
    ///
    /// # Errors
    /// `internal_error`.
    pub fn take(&mut self, index: usize) -> Result<Parts> {
        let file = self
            .entries
            .get_mut(index)
            .map(|e| core::mem::take(&mut e.bytes));
        self.parts(index, file.unwrap_or_default())
    }

    fn parts(&self, index: usize, file: Vec<u8>) -> Result<Parts> {
        let (Some(planned), Some(entry), false) =
            (&self.planned, self.entries.get(index), file.is_empty())
        else {
            return Err(absent());
        };
        let placed = &planned.layout.modules[index];
        let stamp = stamp(&planned.build, index, placed);
        let table = placed.table.filter(|t| t.shared).map(|t| t.span.end as u32);
        let to = Move {
            deltas: placed.deltas,
            memory: placed
                .memory_import
                .as_ref()
                .map(|names| (names, placed.min_pages)),
            table: placed.table_import.as_ref().zip(table),
            strip: !entry.options.keep_relocations,
            trim: true,
            stamp: Some(&stamp),
        };
        emit::emit_parts(file, &entry.found, &to).map_err(|p| p.of(&entry.name))
    }
}

/// A module that is not there, or no longer.
#[cold]
fn absent() -> Box<Problem> {
    Problem::new(
        Code::InternalError,
        text!("There is no plan yet, or no such module"),
    )
}

/// Moves one module as a whole.
///
/// # Errors
/// Problems of the module, and those of [`plan::rigid`].
pub fn relocate(
    name: &str,
    bytes: Vec<u8>,
    options: ModuleOptions,
    offset: i64,
    heap_base: Option<u32>,
) -> core::result::Result<(Vec<u8>, Vec<Problem>, bool), Vec<Problem>> {
    let (parts, warnings, init_memory) = relocate_parts(name, bytes, options, offset, heap_base)?;
    Ok((parts.concat(), warnings, init_memory))
}

/// Moves one module as a whole, in its own file.
///
/// # Errors
/// Problems of the module, and those of [`plan::rigid`].
pub fn relocate_parts(
    name: &str,
    bytes: Vec<u8>,
    options: ModuleOptions,
    offset: i64,
    heap_base: Option<u32>,
) -> core::result::Result<(Parts, Vec<Problem>, bool), Vec<Problem>> {
    let mut job = Job::default();
    job.insert(name.into(), bytes, options)
        .map_err(|p| vec![*p])?;
    let file = core::mem::take(&mut job.entries[0].bytes);
    let entry = &mut job.entries[0];
    if !entry.found.problems.is_empty() {
        return Err(core::mem::take(&mut entry.found.problems));
    }
    let warnings = core::mem::take(&mut entry.found.warnings);
    let fail = |p: Box<Problem>| vec![*p.of(name)];
    let rigid = plan::rigid(&entry.found, offset, heap_base).map_err(fail)?;
    let input = Input {
        name,
        bytes: &file,
        found: &entry.found,
        options: plan::ModuleOptions::default(),
    };
    let (memory, table) = plan::import_names(&input);
    let slots = entry
        .found
        .table
        .as_ref()
        .filter(|_| entry.found.shares_table())
        .map(|t| t.first + t.slots);
    // No symbol says where the stack begins, so a module that can be moved again carries it.
    let moved = |address: u64| address as i64 + offset;
    let stamp = entry
        .found
        .stack
        .filter(|_| options.keep_relocations)
        .map(|s| {
            let (start, end) = (moved(s.start), moved(s.end));
            format!("{{\"v\":{STAMP_VERSION},\"stack\":[{start},{end}]}}")
        });
    let to = Move {
        deltas: rigid.deltas,
        memory: memory.as_ref().map(|names| (names, rigid.min_pages)),
        table: table.as_ref().zip(slots),
        strip: !options.keep_relocations,
        trim: false,
        stamp: stamp.as_deref(),
    };
    let out = emit::emit_parts(file, &entry.found, &to).map_err(fail)?;
    Ok((out, warnings, entry.found.init_memory))
}

/// Hash of the layout and of all inputs: 32 hexadecimal digits (XXH64 of the inputs, and of all else and that). It
/// tells builds apart; it is no signature.
fn build_id(entries: &[Entry], layout: &Layout, salt: &str) -> String {
    let mut inputs = Xxh64::new(0);
    for entry in entries {
        inputs.update(&(entry.bytes.len() as u64).to_le_bytes());
        inputs.update(&entry.bytes);
        inputs.update(&[
            entry.options.keep_relocations as u8,
            entry.options.inspect.pointers as u8,
        ]);
    }
    let inputs = inputs.digest();
    let mut all = Xxh64::new(1);
    all.update(env!("CARGO_PKG_VERSION").as_bytes());
    all.update(salt.as_bytes());
    all.update(&serde_json::to_vec(layout).unwrap_or_default());
    all.update(&inputs.to_le_bytes());
    format!("{:016x}{inputs:016x}", all.digest())
}

/// The content of the custom section (`BuildStamp` in `src/core/types.ts`).
#[derive(Serialize)]
struct Stamp<'a> {
    v: u32,
    build: &'a str,
    module: &'a str,
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heap: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<[u64; 2]>,
}

fn stamp(build: &str, index: usize, placed: &plan::Placed) -> String {
    let pair = |span: Option<Span>| span.filter(|s| s.size() > 0).map(|s| [s.start, s.end]);
    let stamp = Stamp {
        v: STAMP_VERSION,
        build,
        module: &placed.name,
        index,
        stack: pair(placed.stack),
        data: pair(placed.data),
        heap: pair(Some(placed.heap.span)),
        table: pair(placed.table.filter(|t| t.shared).map(|t| t.span)),
    };
    serde_json::to_string(&stamp).unwrap_or_default()
}
