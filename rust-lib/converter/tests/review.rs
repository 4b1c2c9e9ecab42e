//! What a review found: each is a module that was moved wrongly in silence, or refused for no reason.

use wasm_share_converter::twin::{self, Found, stack::Stack};
use wasm_share_relocator::inspect::{self, Inspected, growth};
use wasm_share_relocator::model::Claim;

const NEAR: u32 = 0x10000;
const FAR: u32 = 0x7ffd_0000;

/// A module and two twins; `text` says the module with its addresses that many bytes higher.
fn convert(text: impl Fn(u32) -> String) -> Result<Found, Vec<String>> {
    let list = [0, NEAR, FAR].map(|distance| wat::parse_str(text(distance)).unwrap());
    let [base, near, far] = &list;
    twin::convert(base, &[near, far])
        .map_err(|list| list.iter().map(|problem| problem.code()).collect())
}

/// Whether what lies below the data is not taken for free.
fn is_safe(found: &Result<Found, Vec<String>>) -> bool {
    match found {
        Err(codes) => codes == &["twin_stack"],
        Ok(found) => !matches!(found.report.stack, Stack::None),
    }
}

fn inspected(found: &Found) -> Result<Inspected, String> {
    let options = inspect::Options::default();
    inspect::inspect(&found.bytes, &options).map_err(|problem| format!("{problem:?}"))
}

fn pages(distance: u32) -> u32 {
    distance / 0x10000
}

/// R1: a leaf with an array, as clang -O2 and wasm-opt -O3 make it: the stack pointer is never set and became a
/// constant, and there is no data.
#[test]
fn a_constant_stack_without_data_is_not_overlooked() {
    let found = convert(|d| {
        format!(
            "(module (memory {}) (func (param i32) (result i32)
               (i32.store (i32.const 65520) (local.get 0)) (i32.load (i32.const 65520))))",
            2 + pages(d)
        )
    });
    assert!(is_safe(&found), "{:?}", found.map(|found| found.report));
}

/// R2: the same with the stack below 2 KiB.
#[test]
fn a_small_constant_stack_is_not_overlooked() {
    let found = convert(|d| {
        format!(
            r#"(module (memory {}) (func (param i32) (result i32)
               (i32.store (i32.const 2016) (local.get 0)) (i32.load (i32.const {})))
               (data (i32.const {1}) "text"))"#,
            1 + pages(d),
            2032 + d
        )
    });
    assert!(is_safe(&found), "{:?}", found.map(|found| found.report));
}

/// A program that uses a stack at 65536, and `table[i - 4000]` of a table at the start of its data.
fn negative_index(d: u32, with_stack: bool) -> String {
    let frame = match with_stack {
        true => {
            "(global.set 0 (local.tee 1 (i32.sub (global.get 0) (i32.const 16))))
             (i32.store (local.get 1) (local.get 0)) (call 0)
             (global.set 0 (i32.add (local.get 1) (i32.const 16)))"
        }
        false => "(i32.store (i32.const 65520) (local.get 0))",
    };
    format!(
        r#"(module (import "h" "call_back" (func)) (memory {}) (global (mut i32) (i32.const 65536))
           (func (param i32) (local i32) {frame})
           (func (param i32) (result i32) (i32.load (i32.add (local.get 0) (i32.const {}))))
           (data (i32.const {}) "text"))"#,
        2 + pages(d),
        65536 + d - 16000,
        65536 + d,
    )
}

/// R3: an address below the stack's end does not make the stack pointer a number.
#[test]
fn a_stack_pointer_above_an_address_is_no_number() {
    let found = convert(|d| negative_index(d, true));
    let is_right = match &found {
        Err(codes) => codes == &["twin_stack"],
        Ok(found) => matches!(found.report.stack, Stack::Apart { top: 65536, .. }),
    };
    assert!(is_right, "{:?}", found.map(|found| found.report));
}

/// R3: and what is kept free reaches up to the data.
#[test]
fn what_is_kept_free_reaches_up_to_the_data() {
    let found = convert(|d| negative_index(d, false));
    let is_right = match &found {
        Err(codes) => codes == &["twin_stack"],
        Ok(found) => matches!(found.report.stack, Stack::Below { top } if top >= 65536),
    };
    assert!(is_right, "{:?}", found.map(|found| found.report));
}

/// R6: `let cursor = memory.data(4096, 16)` of AssemblyScript, `cursor += 16`.
#[test]
fn a_pointer_to_data_is_no_stack_pointer() {
    let found = convert(|d| {
        format!(
            "(module (memory {}) (global (mut i32) (i32.const {}))
               (func (param i32) (i32.store (global.get 0) (local.get 0))
                 (global.set 0 (i32.add (global.get 0) (i32.const 16)))))",
            2 + pages(d),
            65536 + d
        )
    });
    let stack = found.map(|found| found.report.stack);
    assert!(!matches!(stack, Ok(Stack::Apart { .. })), "{stack:?}");
}

/// R7: `const left = budget - 16; budget = left; visit(); budget = left + 16` of AssemblyScript.
#[test]
fn a_guard_of_recursion_is_no_stack_pointer() {
    let found = convert(|d| {
        format!(
            r#"(module (import "h" "visit" (func)) (memory {}) (global (mut i32) (i32.const 4096))
               (func (result i32) (local i32)
                 (global.set 0 (local.tee 0 (i32.sub (global.get 0) (i32.const 16))))
                 (call 0)
                 (global.set 0 (i32.add (local.get 0) (i32.const 16)))
                 (local.get 0))
               (func (result i32) (i32.load (i32.const {})))
               (data (i32.const {1}) "text"))"#,
            2 + pages(d),
            65536 + d
        )
    });
    let stack = found.map(|found| found.report.stack);
    assert!(!matches!(stack, Ok(Stack::Apart { .. })), "{stack:?}");
}

/// An allocator at 2048, and what it does when its memory is used up.
fn allocator(d: u32, grow: &str) -> String {
    format!(
        r#"(module (memory {}) (global (mut i32) (i32.const {})) (global (mut i32) (i32.const {}))
           (func (export "take") (param i32) (result i32) (local i32 i32) {grow}
             (local.set 1 (global.get 0))
             (global.set 0 (i32.add (local.get 1) (local.get 0)))
             (local.get 1))
           (data (i32.const {}) "text"))"#,
        1 + pages(d),
        2048 + d,
        65536 + d,
        1024 + d
    )
}

/// R8: an allocator that knows by itself where the memory ends claims all of it.
#[test]
fn an_allocator_with_an_end_of_its_own_claims_all() {
    let found = convert(|d| {
        allocator(
            d,
            "(if (i32.gt_u (i32.add (global.get 0) (local.get 0)) (global.get 1)) (then
               (drop (memory.grow (i32.const 1)))
               (global.set 1 (i32.add (global.get 1) (i32.const 65536)))))",
        )
    });
    let read = inspected(&found.unwrap()).unwrap();
    assert_eq!(read.heap.claim, Claim::All);
}

fn takes_own(grow: &str) -> bool {
    let found = convert(|d| allocator(d, grow)).unwrap();
    let read = inspected(&found).unwrap();
    growth::growth(&found.bytes, &read.module)
        .unwrap()
        .takes_own()
}

/// R9: up to a size that does not move with the module: pages of others are among them.
#[test]
fn a_plain_number_of_pages_is_no_minimum() {
    assert!(!takes_own(
        "(local.set 2 (memory.size))
         (if (i32.lt_s (local.get 2) (i32.const 256)) (then
           (drop (memory.grow (i32.sub (i32.const 256) (local.get 2))))))"
    ));
}

/// R18: an address where there is no data, and no room for some.
#[test]
fn an_address_at_the_end_of_the_memory_is_one() {
    let found = convert(|d| {
        format!(
            r#"(module (memory {}) (global (export "__stack_pointer") (mut i32) (i32.const 65536))
               (func (result i32) (i32.const {}))
               (func (global.set 0 (i32.sub (global.get 0) (i32.const 16)))))"#,
            1 + pages(d),
            65536 + d
        )
    });
    assert!(inspected(&found.unwrap()).is_ok_and(|read| read.problems.is_empty()));
}
