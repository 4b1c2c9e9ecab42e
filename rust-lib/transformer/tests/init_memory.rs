//! The pass `init_memory`: what it moves, and what it refuses.

use wasm_share_transformer::request::Report;

/// No pass here looks at the module before the move.
fn transform(module: &[u8], request: &str) -> (Vec<u8>, Report) {
    wasm_share_transformer::transform(module, module, request)
}

const FILL: &str = "(i32.const 65632) (i32.const 0) (i32.const 260) memory.fill";

/// A module whose start function has this body.
fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "env" "memory" (memory 3))
            (import "env" "log" (func $log (param i32)))
            (global $base i32 (i32.const 0))
            (func $__wasm_init_memory (local i32) {body})
            (func $helper (i32.const 65700) (i32.const 0) (i32.const 4) memory.fill)
            (func $user (export "user") (result i32) (i32.load (i32.const 65632)))
            (start $__wasm_init_memory)
            (data $.rodata (i32.const 65536) "abcd")
            (data $.tdata "efgh")
            (@custom "wasm-share" "stamp")
            (@producers (language "C11" ""))
        )"#
    );
    wat::parse_str(text).unwrap()
}

fn request(delta: i64) -> String {
    format!(r#"{{"passes":[{{"pass":"init_memory","delta":{delta},"low":65536,"high":65892}}]}}"#)
}

fn run(body: &str, delta: i64) -> (Vec<u8>, Report) {
    transform(&module(body), &request(delta))
}

/// The report's only problem: code, message, offset.
fn problem(body: &str, delta: i64) -> (&'static str, String, Option<usize>) {
    let (bytes, report) = run(body, delta);
    assert!(bytes.is_empty());
    assert_eq!(report.problems.len(), 1);
    let problem = &report.problems[0];
    (problem.code, problem.message.clone(), problem.offset)
}

/// Every `i32.const` in front of a `memory.fill` or `memory.init`, in order: the destinations.
fn destinations(module: &[u8]) -> Vec<i32> {
    use wasmparser::{Operator, Parser, Payload};
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload.unwrap() else {
            continue;
        };
        let mut constants = Vec::new();
        for operator in body.get_operators_reader().unwrap() {
            match operator.unwrap() {
                Operator::I32Const { value } => constants.push(value),
                Operator::MemoryFill { .. } | Operator::MemoryInit { .. } => {
                    found.push(constants[constants.len() - 3]);
                }
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found
}

fn custom<'a>(module: &'a [u8], name: &str) -> Option<&'a [u8]> {
    wasmparser::Parser::new(0)
        .parse_all(module)
        .find_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) if section.name() == name => {
                Some(section.data())
            }
            _ => None,
        })
}

#[test]
fn moves_fill_and_leaves_the_rest() {
    let (bytes, report) = run(FILL, 1 << 20);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.passes[0].changed, 1);
    // `helper` is not called by the start function: it is none of the linker's.
    assert_eq!(destinations(&bytes), [65700, 65632 + (1 << 20)]);
    wasmparser::validate(&bytes).unwrap();
}

#[test]
fn moves_every_destination_in_blocks_and_helpers() {
    let body = format!(
        "{FILL} (i32.const 65536) (i32.const 0) (i32.const 4) memory.init $.tdata
         data.drop $.tdata (block {FILL}) call $helper return"
    );
    let (bytes, report) = run(&body, -64);
    assert_eq!(report.passes[0].changed, 4);
    assert_eq!(
        destinations(&bytes),
        [65536 - 64, 65632 - 64, 65632 - 64, 65700 - 64]
    );
}

#[test]
fn finds_the_function_without_names() {
    let named = module(FILL);
    let stripped = without_custom(&named);
    let (bytes, report) = transform(&stripped, &request(16));
    assert_eq!(report.passes[0].changed, 1);
    assert_eq!(destinations(&bytes), [65648, 65700]);
    assert!(custom(&bytes, "name").is_none());
}

#[test]
fn finds_the_function_by_name_without_start() {
    let module = wat::parse_str(
        r#"(module (memory 2)
            (func $__wasm_init_memory (i32.const 65600) (i32.const 0) (i32.const 8) memory.fill)
            (func (export "_initialize") call 0))"#,
    )
    .unwrap();
    let (bytes, report) = transform(&module, &request(65536));
    assert_eq!(report.passes[0].changed, 1);
    assert_eq!(destinations(&bytes), [131136]);
}

#[test]
fn is_content_with_no_function() {
    let module = wat::parse_str("(module (memory 1))").unwrap();
    let (bytes, report) = transform(&module, &request(16));
    assert_eq!((report.passes[0].changed, bytes.is_empty()), (0, false));
}

#[test]
fn keeps_custom_sections_and_drops_stale_ones() {
    let mut input = module(FILL);
    for name in [".debug_info", "linking", "reloc.CODE", "sourceMappingURL"] {
        let size = u8::try_from(name.len()).unwrap();
        input.extend_from_slice(&[0, size + 3, size]);
        input.extend_from_slice(name.as_bytes());
        // Garbage on purpose: nobody may look at it.
        input.extend_from_slice(&[0xff, 0xff]);
    }
    let (bytes, report) = transform(&input, &request(16));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(
        report.dropped,
        [".debug_info", "linking", "reloc.CODE", "sourceMappingURL"]
    );
    assert_eq!(custom(&bytes, "wasm-share"), Some(b"stamp".as_slice()));
    assert_eq!(custom(&bytes, "producers"), custom(&input, "producers"));
    assert!(custom(&bytes, "producers").is_some() && custom(&bytes, "name").is_some());
    assert!(custom(&bytes, ".debug_info").is_none());
    assert_eq!(
        bytes,
        transform(&input, &request(16)).0,
        "not deterministic"
    );
}

#[test]
fn refuses_a_computed_destination() {
    let body = "global.get $base i32.const 65632 i32.add (i32.const 0) (i32.const 4) memory.fill";
    let (code, message, offset) = problem(body, 16);
    assert_eq!(code, "linker_function");
    assert!(
        message.contains("\"__wasm_init_memory\": it contains \"GlobalGet\""),
        "{message}"
    );
    // The offset is that of the instruction in the file: `global.get 0`.
    assert_eq!(module(body)[offset.unwrap()..][..2], [0x23, 0]);
}

#[test]
fn refuses_what_it_does_not_understand() {
    for body in [
        "(call $log (i32.const 65632))",
        "(i32.store (i32.const 65632) (i32.const 1))",
        "(drop (i32.load (i32.const 65632)))",
        "(local.set 0 (i32.const 65632))",
        "(loop (br 0))",
        "i32.const 65632 i32.const 0 block (result i32) i32.const 4 end memory.fill",
    ] {
        let (code, _, offset) = problem(&format!("{FILL} {body}"), 16);
        assert_eq!(code, "linker_function", "{body}");
        assert!(offset.is_some(), "{body}");
    }
}

#[test]
fn refuses_destinations_outside_of_the_data() {
    for (start, size) in [(65535, 4), (65890, 4), (-1, 2)] {
        let body = format!("(i32.const {start}) (i32.const 0) (i32.const {size}) memory.fill");
        assert_eq!(problem(&body, 16).0, "linker_function");
    }
}

#[test]
fn refuses_overflow_on_both_sides() {
    for delta in [1 << 32, (1 << 32) - 65632 - 100, -65633, i64::MAX, i64::MIN] {
        assert_eq!(problem(FILL, delta).0, "address_overflow", "{delta}");
    }
    // The last address that fits.
    assert!(run(FILL, (1 << 32) - 65632 - 260).1.problems.is_empty());
}

#[test]
fn refuses_requests_and_modules_that_are_none() {
    let bad_pass = r#"{"passes":[{"pass":"unknown"}]}"#;
    assert_eq!(
        transform(&module(""), bad_pass).1.problems[0].code,
        "internal_error"
    );
    for bytes in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0\x0b\xff", b"<html>"] {
        let (_, report) = transform(bytes, &request(16));
        assert_eq!(report.problems[0].code, "malformed_module");
    }
}

fn without_custom(module: &[u8]) -> Vec<u8> {
    let mut bytes = module[..8].to_vec();
    let mut end = 8;
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload.unwrap();
        let range = match &payload {
            wasmparser::Payload::CodeSectionStart { range, .. } => range.clone(),
            other => match other.as_section() {
                Some((_, range)) => range,
                None => continue,
            },
        };
        if !matches!(payload, wasmparser::Payload::CustomSection(_)) {
            bytes.extend_from_slice(&module[end..range.end]);
        }
        end = range.end;
    }
    bytes
}
