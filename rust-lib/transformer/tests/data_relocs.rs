//! The pass `data_relocs`: what it moves, and what it refuses. And what `started` sees.

use wasm_share_transformer::request::Report;
use wasm_share_transformer::{started, transform};

/// A module whose function that fills in pointers has this body.
fn module(body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "env" "memory" (memory 4))
            (import "GOT.mem" "x" (global $x (mut i32)))
            (import "GOT.func" "f" (global $f (mut i32)))
            (func (export "__wasm_apply_data_relocs") (local i32) {body})
            (func (export "user") (result i32) i32.const 65540)
            (data (i32.const 65536) "abcdabcdabcd"))"#
    ))
    .unwrap()
}

fn run(body: &str, delta: i64) -> (Vec<u8>, Report) {
    let options = format!(r#""delta":{delta},"low":65536,"high":65548"#);
    let request = format!(r#"{{"passes":[{{"pass":"data_relocs",{options}}}]}}"#);
    let module = module(body);
    transform(&module, &module, &request)
}

/// All constants, sorted.
fn constants(module: &[u8]) -> Vec<i32> {
    use wasmparser::{Operator, Parser, Payload};
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            for operator in body.get_operators_reader().unwrap() {
                if let Operator::I32Const { value } = operator.unwrap() {
                    found.push(value);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

const BOTH: &str = "i32.const 65540 global.get $x i32.store
    i32.const 65544 global.get $f i32.const 8 i32.add i32.store";

#[test]
fn moves_the_places_and_leaves_addends_and_other_functions() {
    for delta in [1 << 20, 16, -1024] {
        let (bytes, report) = run(BOTH, delta);
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert_eq!(report.passes[0].changed, 2);
        let moved = [65540, 65544].map(|place| place + i32::try_from(delta).unwrap());
        let mut wanted = vec![8, 65540, moved[0], moved[1]];
        wanted.sort_unstable();
        assert_eq!(constants(&bytes), wanted);
        wasmparser::validate(&bytes).unwrap();
    }
    assert_eq!(run("", 16).1.passes[0].changed, 0);
}

#[test]
fn refuses_what_it_does_not_understand() {
    for (body, why) in [
        ("i32.const 65532 global.get $x i32.store", "0xfffc, outside"),
        (
            "i32.const 65545 global.get $x i32.store",
            "0x10009, outside",
        ),
        ("i32.const 65540 global.get $x i32.store offset=4", "Store"),
        ("i32.const 65540 global.get $x i32.store8", "Store"),
        ("i32.const 65540 i32.const 65536 i32.store", "no address"),
        ("i32.const 65540 local.get 0 i32.store", "LocalGet"),
        (
            "i32.const 65540 i32.const 4 i32.add global.get $x i32.store",
            "no addend",
        ),
        ("block i32.const 65540 global.get $x i32.store end", "Block"),
        ("unreachable", "Unreachable"),
    ] {
        let (bytes, report) = run(body, 16);
        assert!(bytes.is_empty(), "{body}");
        assert_eq!(report.problems[0].code, "linker_function", "{body}");
        assert!(
            report.problems[0].message.contains(why),
            "{:?}",
            report.problems[0]
        );
    }
    let (_, report) = run(BOTH, -70000);
    assert_eq!(report.problems[0].code, "address_overflow");
    let without = wat::parse_str("(module (func (export \"user\")))").unwrap();
    let request = r#"{"passes":[{"pass":"data_relocs","delta":16,"low":0,"high":16}]}"#;
    let (_, report) = transform(&without, &without, request);
    assert!(report.problems[0].message.contains("not exported"));
}

#[test]
fn started_follows_direct_calls() {
    let module = |start: &str| {
        wat::parse_str(format!(
            r#"(module
                (func $ctors (export "__wasm_call_ctors"))
                (func $init (export "_initialize") (block (call $ctors)))
                (func $tail return_call $init)
                (func $none (export "none"))
                {start})"#
        ))
        .unwrap()
    };
    let started = |module: &[u8]| started(module).unwrap();
    assert_eq!(started(&module("")), Vec::<String>::new());
    assert_eq!(started(&module("(start $none)")), ["none"]);
    assert_eq!(started(&module("(start $ctors)")), ["__wasm_call_ctors"]);
    assert_eq!(
        started(&module("(start $tail)")),
        ["__wasm_call_ctors", "_initialize"]
    );
}

#[test]
fn started_knows_nothing_of_what_it_cannot_read() {
    assert_eq!(started(b"no module"), None);
}
