//! The pass `foreign_free`: which functions get a check, what the check is, and what becomes of `memory.grow`.

use wasm_share_transformer::request::{Frees, Report};
use wasm_share_transformer::symbols::Symbols;
use wasm_share_transformer::transform;
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload, Validator};

const OPTIONS: &str = r#""pass":"foreign_free","module":"it","number":2,"map":4096,
    "heap":[70000,80000],"others":[
        {"module":"a","number":1,"spans":[[1024,2048],[90000,4294967296]]},
        {"module":"b","number":3,"spans":[]}]"#;

fn request(wide: bool) -> String {
    format!(r#"{{"passes":[{{{OPTIONS},"wide":{wide}}}]}}"#)
}

fn module(functions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "env" "free" (func $env.free (param i32)))
            (import "env" "log" (func $env.log (param i32)))
            (import "env" "now" (func $env.now (result i32)))
            (memory (export "memory") 2)
            {functions}
        )"#
    );
    wat::parse_str(text).unwrap()
}

fn run(functions: &str) -> (Vec<u8>, Report, Frees) {
    let input = module(functions);
    let (bytes, mut report) = transform(&input, &input, &request(false));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    Validator::new().validate_all(&bytes).unwrap();
    let frees = report.passes[0].frees.take().unwrap();
    (bytes, report, frees)
}

/// What the pass says of functions with these names, each of which writes to the memory.
fn checked(list: &[(&str, &str)]) -> Vec<String> {
    let body = "(i32.store (i32.const 8) (i32.const 1)) unreachable";
    let functions: String = list
        .iter()
        .map(|(name, ty)| format!("(func (export \"{name}\") {ty} {body})"))
        .collect();
    run(&functions).2.checked
}

/// The operators of the function of this name.
fn body<'a>(bytes: &'a [u8], name: &str) -> Vec<Operator<'a>> {
    let index = function_names(bytes)
        .into_iter()
        .find(|(_, is)| is == name)
        .unwrap_or_else(|| panic!("no function is called {name}"))
        .0;
    let mut at = 3;
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            if at == index {
                let reader = body.get_operators_reader().unwrap();
                return reader.into_iter().map(Result::unwrap).collect();
            }
            at += 1;
        }
    }
    panic!("{name} has no body");
}

fn function_names(bytes: &[u8]) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CustomSection(custom) = payload.unwrap()
            && let KnownCustom::Name(names) = custom.as_known()
        {
            for name in names {
                if let Name::Function(map) = name.unwrap() {
                    let each = map.into_iter().map(Result::unwrap);
                    found.extend(each.map(|n| (n.index, n.name.to_string())));
                }
            }
        }
    }
    found
}

#[test]
fn the_block_is_checked_before_anything_else() {
    let (bytes, report, frees) =
        run("(func $free (export \"free\") (param i32) (i32.store (local.get 0) (i32.const 0)))");
    assert_eq!(frees.checked, ["free"]);
    assert_eq!((report.passes[0].changed, frees.grows), (1, 0));
    let text = format!("{:?}", &body(&bytes, "free")[..2]);
    assert!(
        text.starts_with("[LocalGet { local_index: 0 }, Call"),
        "{text}"
    );
    let check = format!("{:?}", body(&bytes, "wasm-share.check_block"));
    for part in [
        "I32Const { value: 70000 }, I32Sub, I32Const { value: 10000 }, I32LtU, BrIf",
        "I32Const { value: 16 }, I32ShrU, I32Load8U",
        "offset: 4096, memory: 0",
        "I32Const { value: 2 }, I32Eq, BrIf",
    ] {
        assert!(check.contains(part), "{part} in {check}");
    }
    let find = format!("{:?}", body(&bytes, "wasm-share.find_owner"));
    for part in [
        "I32Const { value: 1024 }, I32Sub, I32Const { value: 1024 }, I32LtU",
        "I32Const { value: 90000 }, I32Sub, I32Const { value: -90000 }, I32LtU",
        "I32Const { value: 3 }, I32Eq",
    ] {
        assert!(find.contains(part), "{part} in {find}");
    }
    for other in ["a", "b"] {
        let name = format!("free_in_it_of_a_block_of_{other}");
        assert_eq!(body(&bytes, &name), [Operator::Unreachable, Operator::End]);
    }
}

#[test]
fn two_bytes_a_page() {
    let input = module(
        "(func $free (export \"free\") (param i32) (i32.store (local.get 0) (memory.grow (i32.const 1))))",
    );
    let (bytes, _) = transform(&input, &input, &request(true));
    Validator::new().validate_all(&bytes).unwrap();
    let check = format!("{:?}", body(&bytes, "wasm-share.check_block"));
    assert!(
        check.contains("I32ShrU, I32Const { value: 1 }, I32Shl, I32Load16U"),
        "{check}"
    );
    let grow = format!("{:?}", body(&bytes, "wasm-share.grow_and_note"));
    assert!(
        grow.contains("I32Const { value: 1 }, I32Shl, I32Const { value: 2 }, I32Store16"),
        "{grow}"
    );
}

#[test]
fn names_of_c_cpp_and_rust() {
    let free = "(param i32)";
    let resize = "(param i32 i32) (result i32)";
    let found = checked(&[
        ("free", free),
        ("dlfree", free),
        ("realloc", resize),
        ("_ZdlPvm", "(param i32 i32)"),
        ("operator delete[](void*)", free),
        (
            "_RNvCsfgHYwM92fyn_7___rustc14___rust_dealloc",
            "(param i32 i32 i32)",
        ),
        (
            "_RNvCsfgHYwM92fyn_7___rustc13___rdl_realloc",
            "(param i32 i32 i32 i32) (result i32)",
        ),
        ("__rustc[1234]::__rg_dealloc", "(param i32 i32 i32)"),
        ("__rust_dealloc", "(param i32 i32 i32)"),
    ]);
    assert_eq!(found.len(), 9, "{found:?}");
}

#[test]
fn other_names_and_other_types_are_left_alone() {
    let found = checked(&[
        ("freeze", "(param i32)"),
        ("my_free", "(param i32)"),
        ("sqlite3_free", "(param i32)"),
        ("_RNvCs1_3app14my_rust_dealloc", "(param i32 i32 i32)"),
        ("_ZN3app4freeEPv", "(param i32)"),
        // Types that no such function has.
        ("free", "(param i64)"),
        ("cfree", ""),
        ("dlfree", "(param i32) (result i32)"),
        ("realloc", "(param i32 i32)"),
        ("reallocarray", "(param i32) (result i32)"),
    ]);
    assert_eq!(found, [""; 0]);
}

/// `free` and `realloc` of the crate `dlmalloc`, in the mangling of today, of before, and in plain words.
const DLMALLOC: [&str; 3] = [
    "_RNvMs0_NtCs7yCtJlgtPuD_8dlmalloc8dlmallocINtB5_8DlmallocNtNtB7_3sys6SystemE4freeCs2cIxhcoVjai_3std",
    "_ZN8dlmalloc8dlmalloc17Dlmalloc$LT$A$GT$4free17h0123456789abcdefE",
    "<dlmalloc::dlmalloc::Dlmalloc<dlmalloc::sys::System>>::free",
];

#[test]
fn the_allocator_of_rust_without_its_shell() {
    for name in DLMALLOC {
        let to = if name.ends_with("free") {
            "free"
        } else {
            "4free"
        };
        let resize = name.replace(
            to,
            &to.replace("4free", "7realloc").replace("free", "realloc"),
        );
        // With and without the allocator as first parameter.
        for (ty, get) in [("(param i32)", 0), ("(param i32 i32)", 1)] {
            let (bytes, _, frees) = run(&format!(
                r#"(func $f (export "{name}") {ty} (i32.store (local.get 0) (i32.const 0)))
                (func $r (export "{resize}") (param i32) {ty} (result i32)
                    (i32.store (local.get 0) (i32.const 0)) (local.get 0))"#
            ));
            assert_eq!(frees.checked, [name, &resize], "{ty}");
            for function in ["f", "r"] {
                let text = format!("{:?}", &body(&bytes, function)[..2]);
                assert!(
                    text.starts_with(&format!("[LocalGet {{ local_index: {get} }}, Call")),
                    "{text}"
                );
            }
        }
        // No type of it.
        assert_eq!(checked(&[(name, "(param i32 i32 i32)")]), [""; 0]);
        assert_eq!(checked(&[(name, "")]), [""; 0]);
    }
    let other = DLMALLOC[0].replace("E4free", "E13dispose_chunk");
    assert_eq!(checked(&[(&other, "(param i32 i32)")]), [""; 0]);
    assert_eq!(
        checked(&[("_RNvMs_NtCs1_3app3app8Dlmalloc4free", "(param i32)")]),
        [""; 0]
    );
}

#[test]
fn what_only_calls_another_is_left_to_that_one() {
    let (_, _, frees) = run(
        r#"(func $inner (export "dlfree") (param i32) (i32.store (local.get 0) (i32.const 0)))
        (func $free (export "free") (param i32) (call $inner (local.get 0)))
        (func (export "_ZdlPv") (param i32) (call $free (local.get 0)) (return))
        (func (export "_ZdaPv") (param i32) (return_call $free (local.get 0)))
        (func (export "cfree") (param i32) (call $free (i32.const 8)))
        (func (export "__libc_free") (param i32)
            (call $free (local.get 0)) (i32.store (i32.const 0) (i32.const 0)))"#,
    );
    assert_eq!(frees.checked, ["dlfree", "cfree", "__libc_free"]);
    // The block is another parameter there.
    let (_, _, frees) = run(&format!(
        r#"(func $inner (export "{}") (param i32 i32) (i32.store (local.get 1) (i32.const 0)))
        (func (export "free") (param i32) (call $inner (local.get 0) (local.get 0)))"#,
        DLMALLOC[0]
    ));
    assert_eq!(frees.checked, [DLMALLOC[0], "free"]);
}

#[test]
fn a_circle_is_checked() {
    let (_, _, frees) = run(
        r#"(func $a (export "free") (param i32) (call $b (local.get 0)))
        (func $b (export "dlfree") (param i32) (call $a (local.get 0)))
        (func $c (export "cfree") (param i32) (call $c (local.get 0)))
        (func $d (export "mi_free") (param i32) (call $e (local.get 0)))
        (func $e (param i32) (i32.store (i32.const 0) (i32.const 0)))"#,
    );
    // Those of the circle write nothing, so they free nothing.
    assert_eq!(frees.checked, ["mi_free"]);
    assert!(frees.found && frees.unknown.is_empty());
    let (_, _, frees) = run(r#"(table 1 funcref) (type $t (func))
        (func $a (export "free") (param i32) (call $b (local.get 0)) (call_indirect (type $t) (i32.const 0)))
        (func $b (export "dlfree") (param i32) (call $c (local.get 0)))
        (func $c (export "cfree") (param i32) (call $b (local.get 0)))"#);
    assert_eq!(frees.checked, ["free"]);
}

#[test]
fn what_an_import_frees_is_left_to_it() {
    let count = "(i32.store (i32.const 8) (i32.const 1))";
    let (_, _, frees) = run(&format!(
        r#"(func (export "free") (param i32) {count} (call $env.free (local.get 0)))
        (func (export "dlfree") (param i32))"#
    ));
    assert_eq!(
        (frees.checked.len(), frees.unknown.len(), frees.found),
        (0, 0, true)
    );
    // What this import does is not known.
    for text in [
        format!("{count} (call $env.log (local.get 0))"),
        "(call $env.log (local.get 0))".to_string(),
    ] {
        let (_, _, frees) = run(&format!(r#"(func (export "free") (param i32) {text})"#));
        assert_eq!(frees.unknown, ["free"], "{text}");
        assert!(frees.checked.is_empty());
    }
    // It is not given the block.
    let text = format!("{count} (drop (call $env.now)) (call $env.log (i32.const 1))");
    let (_, _, frees) = run(&format!(r#"(func (export "free") (param i32) {text})"#));
    assert_eq!((frees.checked.len(), frees.unknown.len()), (1, 0));
}

#[test]
fn every_growth_is_noted() {
    let (bytes, report, frees) = run(
        r#"(func $one (export "one") (result i32) (memory.grow (i32.const 1)))
        (func $two (export "two") (param i32) (result i32)
            (block (result i32) (loop (br_if 0 (memory.grow (local.get 0)))) (memory.grow (i32.const 2))))"#,
    );
    assert_eq!(
        (frees.grows, frees.found, report.passes[0].changed),
        (3, false, 3)
    );
    for name in ["one", "two"] {
        let found = body(&bytes, name);
        assert!(
            !found
                .iter()
                .any(|o| matches!(o, Operator::MemoryGrow { .. })),
            "{name}"
        );
    }
    let grow = body(&bytes, "wasm-share.grow_and_note");
    let text = format!("{grow:?}");
    assert!(text.contains("MemoryGrow { mem: 0 }"), "{text}");
    assert!(text.contains("I32Const { value: 2 }, I32Store8"), "{text}");
    // There is nothing to check, so there is nothing that traps.
    assert!(
        !function_names(&bytes)
            .iter()
            .any(|(_, name)| name.starts_with("free_in"))
    );
}

#[test]
fn what_the_size_of_its_own_grows_is_noted_too() {
    let input = module("(func (export \"f\") (result i32) (memory.grow (i32.const 1)))");
    let both = format!(
        r#"{{"passes":[{{"pass":"memory_view","pages":2,"limit":null}},{{{OPTIONS},"wide":false}}]}}"#
    );
    let (bytes, report) = transform(&input, &input, &both);
    Validator::new().validate_all(&bytes).unwrap();
    assert_eq!(report.passes[1].frees.as_ref().unwrap().grows, 1);
    let view = body(&bytes, "wasm-share.memory.grow");
    assert!(
        !view
            .iter()
            .any(|o| matches!(o, Operator::MemoryGrow { .. }))
    );
    // In a region that was set aside it takes nothing.
    let inside = both.replace(r#""limit":null"#, r#""limit":4"#);
    let (_, report) = transform(&input, &input, &inside);
    assert_eq!(report.passes[1].frees.as_ref().unwrap().grows, 0);
}

#[test]
fn names_come_from_the_module_before_the_move() {
    let with =
        module("(func (export \"free\") (param i32) (i32.store (local.get 0) (i32.const 0)))");
    let without =
        module("(func (export \"give\") (param i32) (i32.store (local.get 0) (i32.const 0)))");
    let (_, report) = transform(&without, &with, &request(false));
    assert_eq!(report.passes[0].frees.as_ref().unwrap().checked, ["free"]);
    let (_, report) = transform(&without, &without, &request(false));
    assert!(!report.passes[0].frees.as_ref().unwrap().found);
}

/// A custom section `linking` with two symbols for one function, and one for an import.
fn linking() -> Vec<u8> {
    let symbols = [
        vec![0, 0, 3, 4, b'f', b'r', b'e', b'e'],
        vec![0, 2, 3, 6, b'd', b'l', b'f', b'r', b'e', b'e'],
        // Undefined: its name is that of the import.
        vec![0, 0x10, 1],
        vec![0, 0x50, 0, 1, b'g'],
    ];
    let table: Vec<u8> = [vec![symbols.len() as u8], symbols.concat()].concat();
    let content = [vec![2, 8, table.len() as u8], table].concat();
    let name = [vec![7], b"linking".to_vec()].concat();
    [vec![0, (name.len() + content.len()) as u8], name, content].concat()
}

#[test]
fn symbols_name_functions_by_all_their_names() {
    let plain =
        module("(func (export \"give\") (param i32) (i32.store (local.get 0) (i32.const 0)))");
    let bytes = [plain.clone(), linking()].concat();
    let names = |bytes: &[u8], index: u32| -> Vec<String> {
        let symbols = Symbols::read(bytes);
        let known = symbols.known().into_iter();
        known
            .filter(|(at, _)| *at == index)
            .map(|(_, name)| name.to_string())
            .collect()
    };
    // The linker's names, not that of the export.
    assert_eq!(names(&bytes, 3), ["free", "dlfree"]);
    assert_eq!(names(&plain, 3), ["give"]);
    let (_, report) = transform(&plain, &bytes, &request(false));
    assert_eq!(report.passes[0].frees.as_ref().unwrap().checked.len(), 1);
    // What cannot be read has no names, and nothing else happens.
    for cut in 1..linking().len() {
        let broken = &bytes[..bytes.len() - cut];
        let _ = Symbols::read(broken);
    }
}

#[test]
fn the_same_again_byte_by_byte_and_nothing_without_a_memory() {
    let input = module(
        "(func (export \"free\") (param i32) (i32.store (local.get 0) (memory.grow (i32.const 1))))",
    );
    let run = || transform(&input, &input, &request(false)).0;
    assert_eq!(run(), run());
    let bare = wat::parse_str("(module (func (export \"free\") (param i32)))").unwrap();
    let (_, report) = transform(&bare, &bare, &request(false));
    assert_eq!(report.passes[0].changed, 0);
}
