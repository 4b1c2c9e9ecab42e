//! The pass `share_stack`: a stack pointer of a module's own becomes an import, and everything that uses it
//! uses that.

use wasm_share_transformer::transform;
use wasmparser::{Operator, Parser, Payload, TypeRef, Validator};

fn module(pointer: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "env" "memory" (memory 2))
            (import "env" "first" (global $first i32))
            {pointer}
            (global $after (mut i32) (i32.const 9))
            (export "sp" (global $__stack_pointer))
            (func (export "f") (result i32)
                (global.set $after (i32.const 1))
                (global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (i32.const 16)))
                (global.get $after)))"#
    );
    wat::parse_str(text).unwrap()
}

fn request(global: usize) -> String {
    let options = r#""import":["env","__stack_pointer"]"#;
    format!(r#"{{"passes":[{{"pass":"share_stack","global":{global},{options}}}]}}"#)
}

/// The imported globals, and the indices that the code uses.
fn globals(bytes: &[u8]) -> (Vec<(String, bool)>, Vec<u32>) {
    let (mut imports, mut used) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.unwrap();
                    if let TypeRef::Global(ty) = import.ty {
                        imports.push((import.name.to_string(), ty.mutable));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().unwrap() {
                    if let Operator::GlobalGet { global_index }
                    | Operator::GlobalSet { global_index } = operator.unwrap()
                    {
                        used.push(global_index);
                    }
                }
            }
            _ => {}
        }
    }
    (imports, used)
}

#[test]
fn a_defined_stack_pointer_becomes_an_import() {
    let given = module("(global $__stack_pointer (mut i32) (i32.const 8192))");
    let (bytes, report) = transform(&given, &given, &request(1));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    Validator::new().validate_all(&bytes).unwrap();
    assert_eq!(report.passes[0].changed, 1);
    let (imports, used) = globals(&bytes);
    assert_eq!(
        imports,
        [("first".into(), false), ("__stack_pointer".into(), true)]
    );
    // `after`, the stack pointer twice, `after`.
    assert_eq!(used, [2, 1, 1, 2]);
}

#[test]
fn an_imported_one_stays() {
    let given = module(r#"(import "env" "__stack_pointer" (global $__stack_pointer (mut i32)))"#);
    let (bytes, report) = transform(&given, &given, &request(1));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.passes[0].changed, 0);
    assert_eq!(globals(&bytes).0.len(), 2);
}

#[test]
fn another_global_is_none() {
    let given = module("(global $__stack_pointer (mut i32) (i32.const 8192))");
    for global in [0, 7] {
        let (bytes, report) = transform(&given, &given, &request(global));
        assert!(bytes.is_empty());
        assert_eq!(report.problems[0].code, "internal_error");
    }
}
