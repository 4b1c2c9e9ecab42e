//! The only file that knows wasm-bindgen. Bytes cross once each way; everything else is JSON text.
//! Errors cross as data: every call returns `{"ok": …}` or `{"problems": […]}`.

use crate::emit::Parts;
use crate::error::Problem;
use crate::inspect::{self, pic::Pointers};
use crate::job::{self, Job, ModuleOptions, Options};
use crate::model::Span;
use crate::plan;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer<T: Serialize> {
    Ok(T),
    Problems(Vec<Problem>),
}

fn answer<T: Serialize>(result: Result<T, Vec<Problem>>) -> String {
    let answer = match result {
        Ok(value) => Answer::Ok(value),
        Err(problems) => Answer::Problems(problems),
    };
    serde_json::to_string(&answer).unwrap_or_default()
}

/// Options of one module. Numbers below 0 mean that there is none.
#[wasm_bindgen(js_name = ModuleOptions)]
#[derive(Clone, Copy, Default)]
pub struct JsModuleOptions(ModuleOptions);

#[wasm_bindgen(js_class = ModuleOptions)]
impl JsModuleOptions {
    /// `pointers`: 0 guess, 1 error, 2 ignore. Sizes and addresses in bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(
        additional_stack: u32,
        stack: f64,
        base: f64,
        heap: f64,
        align: u32,
        pointers: u8,
        flags: u8,
    ) -> Self {
        let number = |value: f64| (value >= 0.0).then_some(value as u32);
        Self(ModuleOptions {
            inspect: inspect::Options {
                pointers: match pointers {
                    0 => Pointers::Guess,
                    1 => Pointers::Error,
                    _ => Pointers::Ignore,
                },
                assume_no_data_pointers: flags & 1 != 0,
                verify: flags & 4 != 0,
            },
            plan: plan::ModuleOptions {
                additional_stack,
                stack: number(stack),
                base: number(base),
                heap: number(heap),
                own_table: flags & 8 != 0,
                align,
                stack_guard: flags & 16 != 0,
                shares_stack: flags & 32 != 0,
                no_heap: flags & 64 != 0,
                no_stage: flags & 128 != 0,
            },
            keep_relocations: flags & 2 != 0,
        })
    }
}

/// A module, or why there is none.
#[wasm_bindgen]
pub struct Emitted {
    module: Parts,
    report: String,
}

#[wasm_bindgen]
impl Emitted {
    /// Address and length of each part of the module, in order, as long as this lives; none if the report has
    /// problems.
    pub fn parts(&self) -> Vec<u32> {
        let place = |part: &[u8]| [part.as_ptr() as u32, part.len() as u32];
        self.module.iter().flat_map(place).collect()
    }

    /// `{"ok": …}` or `{"problems": […]}`.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }
}

/// A run.
#[wasm_bindgen(js_name = Job)]
#[derive(Default)]
pub struct JsJob(Job);

#[wasm_bindgen(js_class = Job)]
impl JsJob {
    /// An empty run.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a module; its facts.
    pub fn add(&mut self, name: String, bytes: Vec<u8>, options: JsModuleOptions) -> String {
        answer(self.0.add(name, bytes, options.0).map_err(|p| vec![*p]))
    }

    /// Plans; the layout, the build id and warnings. `maximum_pages` is 0 for none, `reserved` holds starts and
    /// sizes, `memory_import` module and field with a line feed between, or nothing. `shared_stack` is 0 for what
    /// the modules need, `salt` is whatever else tells builds apart, `owner_map` a size in bytes or 0.
    pub fn plan(
        &mut self,
        initial_pages: u32,
        maximum_pages: u32,
        reserved: Vec<u32>,
        memory_import: String,
        shared_stack: u32,
        salt: String,
        owner_map: u32,
    ) -> String {
        let span = |pair: &[u32]| Span::new(pair[0].into(), pair[0] as u64 + pair[1] as u64);
        let line = memory_import.bytes().position(|byte| byte == b'\n');
        let names = |at| {
            [
                memory_import[..at].to_string(),
                memory_import[at + 1..].to_string(),
            ]
        };
        answer(self.0.plan(Options {
            maximum_pages: (maximum_pages > 0).then_some(maximum_pages),
            initial_pages,
            reserved: reserved.chunks_exact(2).map(span).collect(),
            memory_import: line.map(names),
            shared_stack: (shared_stack > 0).then_some(shared_stack),
            salt,
            owner_map,
        }))
    }

    /// Writes one module, once.
    pub fn emit(&mut self, index: usize) -> Emitted {
        let module = self.0.take(index).map_err(|p| vec![*p]);
        emitted(module.map(|module| (module, ())))
    }
}

/// What is said about a module moved as a whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    warnings: Vec<Problem>,
    transforms: Vec<&'static str>,
}

/// Moves one module as a whole. `heap_base` is negative for none.
#[wasm_bindgen]
pub fn relocate(
    name: &str,
    bytes: Vec<u8>,
    options: JsModuleOptions,
    offset: f64,
    heap_base: f64,
) -> Emitted {
    let heap_base = (heap_base >= 0.0).then_some(heap_base as u32);
    let moved = job::relocate_parts(name, bytes, options.0, offset as i64, heap_base);
    emitted(moved.map(|(module, warnings, init_memory)| {
        let transforms = if init_memory {
            vec!["init_memory"]
        } else {
            Vec::new()
        };
        (
            module,
            Moved {
                warnings,
                transforms,
            },
        )
    }))
}

fn emitted<T: Serialize>(result: Result<(Parts, T), Vec<Problem>>) -> Emitted {
    let (module, said) = match result {
        Ok((module, ok)) => (module, Ok(ok)),
        Err(problems) => (Parts::default(), Err(problems)),
    };
    Emitted {
        module,
        report: answer(said),
    }
}
