//! Which global is the stack pointer: what is taken for one, what is not, and what nobody can tell.

use wasm_share_converter::twin::stack::Stack;
use wasm_share_converter::twin::{self, Found};
use wasm_share_relocator::inspect::{self, Inspected};

const NEAR: u32 = 0x10000;
const FAR: u32 = 0x7ffd_0000;

/// Twins of a module: `BASE` is where its data is, `SP` a number that stays.
fn convert(text: &str) -> Result<Found, Vec<String>> {
    let link = |base: u32| {
        let text = text.replace("BASE+16000", &(base + 16000).to_string());
        let text = text.replace("BASE-16000", &base.wrapping_sub(16000).to_string());
        let text = text
            .replace("BASE", &base.to_string())
            .replace("PAGES", &(base / 0x10000 + 1).to_string());
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
    };
    let [base, near, far] = [0, NEAR, FAR].map(|distance| link(0x10000 + distance));
    twin::convert(&base, &[&near, &far])
        .map_err(|list| list.iter().map(|problem| problem.code()).collect())
}

fn stack(text: &str) -> Result<Stack, Vec<String>> {
    convert(text).map(|found| found.report.stack)
}

fn inspected(found: &Found) -> Inspected {
    let read = inspect::inspect(&found.bytes, &inspect::Options::default()).unwrap();
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    read
}

/// A frame of 16 bytes in which memory is used.
const FRAME: &str = r#"(module (memory (export "memory") PAGES) (global $sp (mut i32) (i32.const 65536))
  (func (export "f") (param i32) (result i32) (local $frame i32)
    (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 16))))
    (i32.store offset=12 (local.get $frame) (local.get 0))
    (drop (i32.load (i32.const BASE)))
    (local.set 0 (i32.load offset=12 (local.get $frame)))
    (global.set $sp (i32.add (local.get $frame) (i32.const 16)))
    (local.get 0))
  (data (i32.const BASE) "data"))"#;

#[test]
fn a_pointer_that_frames_are_taken_from_is_one() {
    let found = convert(FRAME).unwrap();
    assert_eq!(
        found.report.stack,
        Stack::Apart {
            global: 0,
            top: 65536
        }
    );
    let read = inspected(&found);
    assert_eq!(
        read.stack.map(|span| (span.start, span.end)),
        Some((0, 65536))
    );
    assert_eq!(read.data.map(|span| span.start), Some(65536));
}

#[test]
fn operands_below_the_data_hide_none() {
    // table[i - 4000]: an address that lies in the stack.
    let text = FRAME.replace(
        "(i32.load (i32.const BASE))",
        "(i32.load (i32.const BASE-16000))",
    );
    let found = convert(&text).unwrap();
    assert_eq!(
        found.report.stack,
        Stack::Apart {
            global: 0,
            top: 65536
        }
    );
    assert_eq!(inspected(&found).data.map(|span| span.start), Some(65536));
}

#[test]
fn a_counter_that_is_lowered_and_raised_is_none() {
    let text = r#"(module (memory (export "memory") PAGES) (global $budget (mut i32) (i32.const 4096))
      (func $walk (export "walk") (param i32) (result i32) (local $left i32)
        (drop (i32.load (i32.const BASE)))
        (global.set $budget (local.tee $left (i32.sub (global.get $budget) (i32.const 16))))
        (if (local.get 0) (then (drop (call $walk (i32.sub (local.get 0) (i32.const 1))))))
        (global.set $budget (i32.add (local.get $left) (i32.const 16)))
        (local.get $left))
      (data (i32.const BASE) "data"))"#;
    // Its name says what it is, and that there is no other.
    assert_eq!(stack(text), Ok(Stack::None));
    let nameless = text
        .replace("(global $budget", "(global")
        .replace("$budget", "0");
    assert_eq!(
        stack(&nameless),
        Err(vec!["twin_stack".into()]),
        "nobody can tell"
    );
}

#[test]
fn a_pointer_into_data_that_is_moved_on_stays_with_the_data() {
    let text = r#"(module (memory (export "memory") PAGES) (global $cursor (mut i32) (i32.const BASE))
      (func (export "push") (param i32)
        (i32.store (global.get $cursor) (local.get 0))
        (global.set $cursor (i32.add (global.get $cursor) (i32.const 16))))
      (data (i32.const BASE) "data"))"#;
    let found = convert(text).unwrap();
    assert_eq!(
        found.report.stack,
        Stack::Inside {
            global: 0,
            top: 65536
        }
    );
    let read = inspected(&found);
    assert_eq!(read.stack, None);
    assert_eq!(read.sites.globals.len(), 1);
}

#[test]
fn constants_below_the_data_may_be_a_stack() {
    let leaf = |data: &str| {
        format!(
            r#"(module (memory (export "memory") PAGES) (func (export "f") (param i32) (result i32)
              (i32.store (i32.const 65520) (local.get 0)) {data} (i32.load (i32.const 65520))))"#
        )
    };
    let with_data = leaf("(drop (i32.load (i32.const BASE)))")
        .replace("(module", "(module (data (i32.const BASE) \"data\")");
    assert_eq!(stack(&with_data), Ok(Stack::Below { top: 65536 }));
    // Without data nobody knows where it would begin.
    assert_eq!(stack(&leaf("")), Ok(Stack::Below { top: 0x20000 }));
    assert_eq!(
        stack(&leaf("(drop (i32.load (i32.const BASE+16000)))")),
        Ok(Stack::Below { top: 0x20000 })
    );
}

#[test]
fn two_that_could_be_one_are_refused() {
    let text = FRAME.replace("(global $sp", "(global $other (mut i32) (i32.const 32768)) (global $sp").replace(
        "(local.get 0))\n  (data",
        "(global.set $other (i32.add (global.get $other) (i32.const 1))) (local.get 0))\n  (data",
    );
    // The other is raised only: the first is sure.
    assert_eq!(
        stack(&text),
        Ok(Stack::Apart {
            global: 1,
            top: 65536
        })
    );
    let twice = FRAME
        .replace(
            "(module ",
            "(module (global $second (mut i32) (i32.const 32768)) ",
        )
        .replace(
            "(local.get 0))\n  (data",
            r#"(local.get 0))
  (func (export "g") (result i32) (local $frame i32)
    (global.set $second (local.tee $frame (i32.sub (global.get $second) (i32.const 16))))
    (i32.store (local.get $frame) (i32.const 1))
    (global.set $second (i32.add (local.get $frame) (i32.const 16)))
    (i32.load (local.get $frame)))
  (data"#,
        );
    assert_eq!(stack(&twice), Err(vec!["twin_stack".into()]));
}
