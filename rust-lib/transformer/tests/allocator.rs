//! The passes `give_allocator` and `take_allocator` on modules that are known to the last instruction. What real
//! modules do with them is tested in TypeScript, where they run.

use wasm_share_transformer::request::Report;
use wasm_share_transformer::{allocation_of, transform};
use wasmparser::{ExternalKind, Parser, Payload, Validator};

/// A module with Rust's two functions that a linker always keeps, and one that calls them.
const RUST: &str = r#"(module
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func $__rust_alloc (param i32 i32) (result i32)
        (global.set $next (i32.add (global.get $next) (local.get 0))) (global.get $next))
    (func $__rust_dealloc (param i32 i32 i32))
    (func (export "use") (result i32)
        (call $__rust_alloc (i32.const 8) (i32.const 4))))"#;

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn run(module: &[u8], request: &str) -> (Vec<u8>, Report) {
    let (bytes, report) = transform(module, module, request);
    if report.problems.is_empty() {
        Validator::new().validate_all(&bytes).unwrap();
    }
    (bytes, report)
}

fn exports(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::ExportSection(section) = payload.unwrap() {
            let functions = section.into_iter().map(Result::unwrap);
            let functions = functions.filter(|export| export.kind == ExternalKind::Func);
            found.extend(functions.map(|export| export.name.to_string()));
        }
    }
    found
}

fn give(c_over_rust: bool, entries: &str) -> String {
    format!(
        r#"{{"passes":[{{"pass":"give_allocator","c_over_rust":{c_over_rust},"rust_over_c":false,"exports":[{entries}]}}]}}"#
    )
}

#[test]
fn what_the_linker_left_out_of_rust_is_made() {
    let all = r#""__rust_alloc","__rust_dealloc","__rust_realloc","__rust_alloc_zeroed""#;
    let (bytes, report) = run(&wat(RUST), &give(false, all));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let wanted = [
        "use",
        "wasm-share.__rust_alloc",
        "wasm-share.__rust_dealloc",
    ];
    let wanted = wanted.into_iter().map(String::from);
    let more = [
        "wasm-share.__rust_realloc",
        "wasm-share.__rust_alloc_zeroed",
    ]
    .map(String::from);
    assert_eq!(exports(&bytes), wanted.chain(more).collect::<Vec<_>>());
}

#[test]
fn functions_of_c_are_made_over_those_of_rust() {
    let all = r#""malloc","free","calloc","realloc","aligned_alloc","memalign","posix_memalign","malloc_usable_size""#;
    let (bytes, report) = run(&wat(RUST), &give(true, all));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(exports(&bytes).len(), 9);
}

#[test]
fn what_a_module_does_not_have_it_cannot_give() {
    let (bytes, report) = run(&wat(RUST), &give(false, r#""malloc""#));
    assert!(bytes.is_empty());
    assert!(
        report.problems[0]
            .message
            .contains("it has no malloc to give")
    );
}

#[test]
fn an_inner_function_that_others_call_too_is_refused() {
    let text = RUST.replace(
        "(func (export",
        r#"(func $__rdl_alloc (param i32 i32) (result i32) (local.get 0))
        (func (export "past") (result i32) (call $__rdl_alloc (i32.const 8) (i32.const 4)))
        (func (export"#,
    );
    let (bytes, report) = run(&wat(&text), &give(true, r#""malloc""#));
    assert!(bytes.is_empty());
    assert!(
        report.problems[0]
            .message
            .contains("calls its inner functions")
    );
}

#[test]
fn a_function_with_another_type_is_not_what_its_name_says() {
    let text = r#"(module (memory 1) (func $malloc (param i64) (result i32) (i32.const 0)))"#;
    let (_, report) = run(&wat(text), &give(false, r#""malloc""#));
    assert_eq!(report.problems[0].code, "allocator_partial");
    assert!(report.problems[0].message.contains("has another type"));
}

#[test]
fn without_records_nothing_is_taken() {
    let request =
        r#"{"passes":[{"pass":"take_allocator","from":"a","exports":{"malloc":"malloc"}}]}"#;
    let (bytes, report) = run(&wat(RUST), request);
    assert!(bytes.is_empty());
    assert!(report.problems[0].message.contains("no relocation records"));
}

#[test]
fn the_functions_of_a_module_are_found() {
    let text = r#"(module
        (import "env" "malloc" (func (param i32) (result i32)))
        (import "env" "log" (func))
        (memory 1)
        (func $__libc_free (export "give_back") (param i32))
        (func $__rust_alloc (param i32 i32) (result i32) (call $dlmalloc (local.get 0)))
        (func $dlmalloc (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let found = allocation_of(&wat(text)).unwrap();
    let found = serde_json::to_string(&found).unwrap();
    assert_eq!(
        found,
        r#"{"entries":{"malloc":null,"free":"give_back","__rust_alloc":null},"imports":["malloc"],"rustCallsC":true,"claims":true}"#
    );
    assert!(allocation_of(b"no module").is_err());
}
