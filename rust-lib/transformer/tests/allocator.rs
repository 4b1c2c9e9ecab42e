//! The passes `give_allocator` and `take_allocator` on modules that are known to the last instruction. What real
//! modules do with them is tested in TypeScript, where they run.

use wasm_share_transformer::request::Report;
use wasm_share_transformer::{allocation_of, transform};
use wasmparser::{ExternalKind, Parser, Payload, Validator};

/// A module with Rust's two functions that a linker always keeps, and one that calls them.
const RUST: &str = r#"(module
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func $__rust_alloc (export "__rust_alloc") (param i32 i32) (result i32)
        (global.set $next (i32.add (global.get $next) (local.get 0))) (global.get $next))
    (func $__rust_dealloc (export "__rust_dealloc") (param i32 i32 i32))
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
        r#"{{"passes":[{{"pass":"give_allocator","c_over_rust":{c_over_rust},"rust_over_c":false,"malloc_align":8,"exports":[{entries}]}}]}}"#
    )
}

#[test]
fn what_the_linker_left_out_of_rust_is_made() {
    let all = r#""__rust_alloc","__rust_dealloc","__rust_realloc","__rust_alloc_zeroed""#;
    let (bytes, report) = run(&wat(RUST), &give(false, all));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let found = exports(&bytes);
    for entry in ["alloc", "dealloc", "realloc", "alloc_zeroed"] {
        let name = format!("wasm-share.__rust_{entry}");
        assert!(found.contains(&name), "{name} in {found:?}");
    }
}

#[test]
fn without_records_no_function_of_c_is_made_over_those_of_rust() {
    let (bytes, report) = run(&wat(RUST), &give(true, r#""malloc""#));
    assert!(bytes.is_empty());
    assert!(report.problems[0].message.contains("no relocation records"));
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
fn without_records_nothing_is_taken() {
    let request = r#"{"passes":[{"pass":"take_allocator","from":"a","malloc_align":8,"exports":{"__rust_alloc":"a","__rust_dealloc":"b"}}]}"#;
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
        (func $free (export "free") (param i32))
        (func $libc (export "__libc_malloc") (param i32) (result i32) (call $rust (local.get 0) (i32.const 1)))
        (func $rust (export "__rust_alloc") (param i32 i32) (result i32) (memory.grow (local.get 0))))"#;
    let found = allocation_of(&wat(text)).unwrap();
    let found = serde_json::to_string(&found).unwrap();
    assert_eq!(
        found,
        r#"{"entries":{"malloc":"__libc_malloc","free":"free","__rust_alloc":"__rust_alloc"},"imports":["malloc"],"cCallsRust":true,"ownNew":false,"mallocAlign":8,"claims":true}"#
    );
    assert_eq!(
        allocation_of(b"no module").unwrap_err().code,
        "malformed_module"
    );
}

#[test]
fn functions_with_another_type_are_not_what_their_names_say() {
    let own =
        r#"(module (memory 1) (func (export "malloc") (param i64) (result i32) (i32.const 0)))"#;
    let problem = allocation_of(&wat(own)).unwrap_err();
    assert_eq!(problem.code, "allocator_partial");
    assert!(problem.message.contains("its malloc has another type"));
    let imported = r#"(module (import "env" "free" (func (param i32 i32))) (memory 1))"#;
    let problem = allocation_of(&wat(imported)).unwrap_err();
    assert_eq!(problem.code, "signature_mismatch");
}
