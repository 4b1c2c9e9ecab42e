//! The pass `stack_guard`: which sets of the stack pointer get a check, and what the check is.

use wasm_share_transformer::request::Report;
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload, Validator};

/// No pass here looks at the module before the move.
fn transform(module: &[u8], request: &str) -> (Vec<u8>, Report) {
    wasm_share_transformer::transform(module, module, request)
}

/// A module with two imported globals in front of its own, and with one function.
fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "env" "first" (global $first i32))
            (import "env" "memory" (memory 2))
            (import "env" "second" (global $second (mut i32)))
            (global $before (mut i32) (i32.const 7))
            (global $__stack_pointer (mut i32) (i32.const 8192))
            (global $after (mut i32) (i32.const 9))
            (func $f (export "f") (param i32) (local i32) {body})
        )"#
    );
    wat::parse_str(text).unwrap()
}

fn request(passes: &str, low: u32) -> String {
    let guard = r#""pass":"stack_guard","global":3,"high":8192,"module":"it""#;
    format!(r#"{{"passes":[{passes}{{{guard},"low":{low}}}]}}"#)
}

fn run(body: &str, low: u32) -> (Vec<u8>, Report) {
    let (bytes, report) = transform(&module(body), &request("", low));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    Validator::new().validate_all(&bytes).unwrap();
    (bytes, report)
}

/// The operators of all functions, in order.
fn operators(bytes: &[u8]) -> Vec<Operator<'_>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            found.extend(
                body.get_operators_reader()
                    .unwrap()
                    .into_iter()
                    .map(Result::unwrap),
            );
        }
    }
    found
}

fn function_names(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CustomSection(custom) = payload.unwrap() else {
            continue;
        };
        let KnownCustom::Name(names) = custom.as_known() else {
            continue;
        };
        for name in names {
            if let Name::Function(map) = name.unwrap() {
                found.extend(map.into_iter().map(|n| n.unwrap().name.to_string()));
            }
        }
    }
    found
}

const FRAME: &str = "(global.get $__stack_pointer) (i32.const 16) i32.sub";

#[test]
fn a_frame_is_checked_before_it_is_taken() {
    let body = format!("{FRAME} (local.tee 1) (global.set $__stack_pointer)");
    let (bytes, report) = run(&body, 1024);
    assert_eq!(report.passes[0].changed, 1);
    let all = operators(&bytes);
    let at = all
        .iter()
        .position(|o| matches!(o, Operator::GlobalSet { .. }))
        .unwrap();
    let text = format!("{:?}", &all[at - 10..=at]);
    for part in [
        "LocalTee { local_index: 1 }",
        "I32Const { value: 1024 }",
        "I32Sub",
        "I32Const { value: 7168 }",
        "I32GtU",
        "If",
        "Call",
        "LocalGet { local_index: 1 }",
        "GlobalSet { global_index: 3 }",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn the_trap_is_named_after_the_module() {
    let body = format!("{FRAME} (global.set $__stack_pointer)");
    let (bytes, _) = run(&body, 1024);
    assert!(function_names(&bytes).contains(&"stack_overflow_in_it".to_string()));
    // Without a name section, too.
    let bare = wasm_without_names(&module(&body));
    assert!(function_names(&bare).is_empty());
    let (bytes, _) = transform(&bare, &request("", 1024));
    assert_eq!(function_names(&bytes), ["stack_overflow_in_it"]);
}

fn wasm_without_names(module: &[u8]) -> Vec<u8> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(custom) = payload.unwrap()
            && custom.name() == "name"
        {
            // The header: the id, and a length of at most two bytes.
            let start = custom.range().start;
            let header = if custom.range().len() < 128 { 2 } else { 3 };
            assert_eq!(module[start - header], 0);
            return module[..start - header].to_vec();
        }
    }
    module.to_vec()
}

#[test]
fn what_frees_a_frame_is_not_checked() {
    let freed = "(local.get 0) (i32.const 16) i32.add (global.set $__stack_pointer)";
    let (bytes, report) = run(freed, 1024);
    assert_eq!(report.passes[0].changed, 0);
    assert!(
        !operators(&bytes)
            .iter()
            .any(|o| matches!(o, Operator::If { .. }))
    );
}

#[test]
fn what_may_lower_it_is_checked() {
    for value in [
        "(local.get 0)",
        "(local.get 0) (i32.const -16) i32.add",
        "(local.get 0) (local.get 1) i32.add",
        "(i32.load (i32.const 0)) (i32.const 16) i32.add",
        "(local.get 0) (local.get 1) i32.sub (i32.const -16) i32.and",
    ] {
        let (_, report) = run(&format!("{value} (global.set $__stack_pointer)"), 1024);
        assert_eq!(report.passes[0].changed, 1, "{value}");
    }
}

#[test]
fn sets_in_blocks_are_checked_and_other_globals_are_not() {
    let set = format!("{FRAME} (global.set $__stack_pointer)");
    let (_, report) = run(
        &format!(
            "(block (loop (if (local.get 0) (then {set}) (else {set} {set})) (br_if 0 (local.get 0)))) {set}
             (global.set $after (local.get 0)) (global.set $before (local.get 0))
             (global.set $second (local.get 0))"
        ),
        1024,
    );
    assert_eq!(report.passes[0].changed, 4);
}

#[test]
fn a_stack_at_address_0_needs_no_subtraction() {
    let frame = format!("{FRAME} (local.tee 1) (global.set $__stack_pointer)");
    let (bytes, report) = run(&frame, 0);
    assert_eq!(report.passes[0].changed, 1);
    let subtractions = |bytes: &[u8]| {
        let all = operators(bytes);
        all.iter().filter(|o| matches!(o, Operator::I32Sub)).count()
    };
    assert_eq!(subtractions(&bytes), 1, "that of the frame");
    assert_eq!(subtractions(&run(&frame, 1024).0), 2);
}

#[test]
fn what_leaf_functions_use_below_it_is_kept() {
    let low_of = |leaf: &str| {
        let text = format!(
            r#"(module (memory 1) (global $__stack_pointer (mut i32) (i32.const 8192))
                (func (export "f") (local i32) {FRAME} (local.tee 0) (global.set $__stack_pointer))
                (func (export "leaf") (local i32) {leaf}))"#
        );
        let given = request("", 1024).replace("\"global\":3", "\"global\":0");
        let (bytes, _) = transform(&wat::parse_str(text).unwrap(), &given);
        let all = operators(&bytes);
        let at = all
            .iter()
            .position(|o| matches!(o, Operator::I32GtU))
            .unwrap();
        let Operator::I32Const { value: size } = all[at - 1] else {
            panic!("no size")
        };
        8192 - size
    };
    assert_eq!(low_of(""), 1024);
    assert_eq!(
        low_of("(global.get 0) (i32.const 48) i32.sub (local.set 0)"),
        1024 + 48
    );
    assert_eq!(low_of("(local.set 0 (global.get 0))"), 1024 + 128);
}

#[test]
fn passes_that_add_globals_do_not_move_it() {
    let body = format!(
        "{FRAME} (local.tee 1) (global.set $__stack_pointer) (drop (memory.size)) (drop (memory.grow (local.get 0)))"
    );
    let view = r#"{"pass":"memory_view","pages":2,"limit":3},"#;
    let (bytes, report) = transform(&module(&body), &request(view, 1024));
    Validator::new().validate_all(&bytes).unwrap();
    let changed: Vec<_> = report.passes.iter().map(|p| (p.pass, p.changed)).collect();
    assert_eq!(changed, [("memory_view", 2), ("stack_guard", 1)]);
}

#[test]
fn a_global_that_is_no_stack_pointer_is_refused() {
    for wrong in ["0", "99"] {
        let given = request("", 1024).replace("\"global\":3", &format!("\"global\":{wrong}"));
        let (bytes, report) = transform(&module(""), &given);
        assert!(bytes.is_empty());
        assert_eq!(report.problems[0].code, "internal_error");
    }
}

#[test]
fn room_that_a_leaf_takes_without_setting_it_is_checked() {
    let size = "(local.get 0) (i32.const 15) i32.add (i32.const -16) i32.and";
    let take = |from: &str| format!("{from} {size} i32.sub (local.set 1)");
    let pointer = "(global.get $__stack_pointer)";
    let keep = "(local.set 1 (global.get $__stack_pointer))";
    let held = take("(local.get 1)");
    for (body, checks) in [
        (take(pointer), 1),
        (format!("{keep} {held} {held}"), 2),
        (format!("{keep} (block (br_if 0 (local.get 0)) {held})"), 1),
        (
            format!("{pointer} (local.get 0) (i32.const 4) i32.shl i32.sub drop"),
            1,
        ),
        (format!("{pointer} (i32.const 4096) i32.sub drop"), 1),
        (format!("{pointer} (i32.const 128) i32.sub drop"), 0),
        // Differences of addresses, and what is no size.
        (
            format!("{keep} (local.get 0) (local.get 1) i32.sub drop"),
            0,
        ),
        (
            format!("{keep} (local.get 1) (local.get 0) i32.sub drop"),
            0,
        ),
        // Locals that hold something else by then, or may.
        (format!("{keep} (local.set 1 (i32.const 5)) {held}"), 0),
        (
            format!("{keep} (block (br_if 0 (local.get 0)) (local.set 1 (i32.const 5))) {held}"),
            0,
        ),
        (
            format!("{keep} (if (local.get 0) (then (local.set 1 (i32.const 5))) (else)) {held}"),
            0,
        ),
        (
            format!("{keep} (loop {held} (local.set 1 (i32.const 5)) (br_if 0 (local.get 0)))"),
            0,
        ),
    ] {
        let (_, report) = run(&body, 1024);
        assert_eq!(report.passes[0].changed, checks, "{body}");
    }
}

#[test]
fn an_original_with_other_functions_is_refused() {
    let other = wat::parse_str("(module (import \"env\" \"g\" (func)) (func))").unwrap();
    let (bytes, report) =
        wasm_share_transformer::transform(&module(""), &other, &request("", 1024));
    assert!(bytes.is_empty());
    let problem = &report.problems[0];
    assert_eq!(problem.code, "internal_error");
    assert!(problem.message.contains("1 functions, and had 2"));
}
