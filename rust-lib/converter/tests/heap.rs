//! What a module does with the memory above its data, as far as its code says it.

use wasm_share_converter::twin;
use wasm_share_relocator::inspect::inspect;
use wasm_share_relocator::job::{Job, ModuleOptions, Options};
use wasm_share_relocator::model::Claim;

fn twins(text: &str) -> Vec<u8> {
    let link = |base: u32| {
        let pages = base / 0x10000 + 1;
        let text = text
            .replace("BASE", &base.to_string())
            .replace("PAGES", &pages.to_string());
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
    };
    let [base, near, far] = [0x10000, 0x20000, 0x7ffe_0000].map(link);
    twin::convert(&base, &[&near, &far])
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .bytes
}

fn module(code: &str) -> Vec<u8> {
    twins(&format!(
        r#"(module (memory (export "memory") PAGES) (func (export "run") (param i32) (result i32) (local i32 i32)
          (drop (i32.load (i32.const BASE))) {code}) (data (i32.const BASE) "data"))"#
    ))
}

/// What the relocator says of the heap.
fn claim(bytes: &[u8]) -> Claim {
    inspect(bytes, &Default::default()).unwrap().heap.claim
}

/// The codes with which it is refused beside a module that grows the memory.
fn beside_a_grower(bytes: Vec<u8>) -> Vec<String> {
    let grower = module("(i32.shl (memory.grow (local.get 0)) (i32.const 16))");
    let mut job = Job::default();
    for (name, bytes) in [("it", bytes), ("grower", grower)] {
        job.add(name.into(), bytes, ModuleOptions::default())
            .unwrap();
    }
    match job.plan(Options::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|p| format!("{:?}", p.code)).collect(),
    }
}

#[test]
fn what_takes_what_grow_returns_has_no_claim() {
    let bytes = module("(i32.shl (memory.grow (local.get 0)) (i32.const 16))");
    assert_eq!(claim(&bytes), Claim::None);
    assert_eq!(beside_a_grower(bytes), [""; 0]);
}

#[test]
fn an_allocator_with_an_idea_of_its_own_of_the_end_is_refused() {
    // It grows and looks neither at the result nor at the size.
    let bytes = module("(drop (memory.grow (i32.const 1))) (i32.const 0)");
    assert_eq!(claim(&bytes), Claim::All);
    assert_eq!(beside_a_grower(bytes), ["HeapConflict"]);
}

#[test]
fn a_minimum_is_one_only_if_the_memory_has_it() {
    let grow_to = |pages: u32| {
        module(&format!(
            "(local.set 1 (memory.size)) (drop (memory.grow (i32.sub (i32.const {pages}) (local.get 1)))) \
             (i32.shl (memory.size) (i32.const 16))"
        ))
    };
    assert_eq!(beside_a_grower(grow_to(256)), ["HeapConflict"]);
    // Two pages are what it has: it never grows.
    assert_eq!(beside_a_grower(grow_to(2)), [""; 0]);
}

#[test]
fn between_two_sizes_is_believed_of_known_allocators_only() {
    let code = "(local.set 1 (memory.size)) (drop (memory.grow (local.get 0))) \
                (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.shl (local.get 1) (i32.const 16)))";
    assert_eq!(beside_a_grower(module(code)), ["HeapConflict"]);
    let known = twins(&format!(
        r#"(module (memory (export "memory") PAGES) (func (export "__new") (param i32 i32) (result i32) (local i32)
          {} (drop (i32.load (i32.const BASE))))
          (func (export "__collect")) (data (i32.const BASE) "data"))"#,
        code.replace("1 (memory.size)", "2 (memory.size)")
            .replace("(local.get 1)", "(local.get 2)")
    ));
    assert_eq!(beside_a_grower(known), [""; 0]);
}

#[test]
fn equal_table_bases_keep_their_own_table_when_read_again() {
    let bytes = twins(
        r#"(module (memory (export "memory") PAGES) (table 2 funcref) (elem (i32.const 1) $f)
          (func $f (result i32) (i32.load (i32.const BASE))) (type $t (func (result i32)))
          (func (export "call") (result i32) (call_indirect (type $t) (i32.const 1)))
          (data (i32.const BASE) "data"))"#,
    );
    let read = inspect(&bytes, &Default::default()).unwrap();
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    assert!(read.table.is_some() && !read.shares_table());
}
