//! Where the operand of each instruction lies: that of every memory access is found, and patching it gives the
//! same instruction with another offset.

use wasm_share_converter::operand::{Operand, show};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// One function with each kind of access, all with the same offset.
const ACCESSES: &str = r#"(module (memory 1) (func (param i32) (local v128)
  (drop (i32.load offset=300 (local.get 0)))
  (drop (i64.load32_u offset=300 align=1 (local.get 0)))
  (drop (f64.load offset=300 (local.get 0)))
  (i32.store8 offset=300 (local.get 0) (i32.const 1))
  (i64.store offset=300 (local.get 0) (i64.const 1))
  (drop (v128.load offset=300 (local.get 0)))
  (drop (v128.load8_splat offset=300 (local.get 0)))
  (drop (v128.load32_zero offset=300 (local.get 0)))
  (drop (v128.load16_lane offset=300 3 (local.get 0) (local.get 1)))
  (v128.store8_lane offset=300 7 (local.get 0) (local.get 1))
  (v128.store offset=300 (local.get 0) (local.get 1))
  (drop (i32.atomic.load offset=300 (local.get 0)))
  (drop (i64.atomic.rmw32.add_u offset=300 (local.get 0) (i64.const 1)))
  (drop (i32.atomic.rmw.cmpxchg offset=300 (local.get 0) (i32.const 1) (i32.const 2)))
  (drop (memory.atomic.notify offset=300 (local.get 0) (i32.const 1)))
))"#;

fn each(bytes: &[u8], mut run: impl FnMut(&Operator<'_>, usize, usize)) {
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(Payload::CodeSectionEntry(body)) = payload else {
            continue;
        };
        let body: FunctionBody<'_> = body;
        let mut ops = body.get_operators_reader().unwrap();
        while !ops.eof() {
            let start = ops.original_position() as usize;
            let op = ops.read().unwrap();
            run(&op, start, ops.original_position() as usize);
        }
    }
}

#[test]
fn the_offset_of_every_access_is_found() {
    let bytes = wat::parse_str(ACCESSES).unwrap();
    let mut patched = bytes.clone();
    let mut found = 0;
    each(&bytes, |op, start, end| {
        let Some(operand @ Operand::Offset(offset)) = Operand::of(op) else {
            return;
        };
        assert_eq!(offset, 300, "{}", show(op));
        let place = operand.place(&bytes, start, end).unwrap();
        assert_eq!(bytes[place.clone()], [0xac, 0x02], "{}", show(op));
        // 301, as long as before.
        patched[place.start] = 0xad;
        found += 1;
    });
    assert_eq!(found, 15);
    let mut again = 0;
    each(&patched, |op, _, _| {
        if let Some(Operand::Offset(offset)) = Operand::of(op) {
            assert_eq!(offset, 301, "{}", show(op));
            again += 1;
        }
    });
    assert_eq!(again, found);
}

#[test]
fn an_offset_behind_the_index_of_a_memory_is_found() {
    let text = "(module (memory 1) (memory 1) (func (drop (i32.load 1 offset=300 (i32.const 0)))))";
    let bytes = wat::parse_str(text).unwrap();
    let mut found = 0;
    each(&bytes, |op, start, end| {
        if let Some(operand @ Operand::Offset(_)) = Operand::of(op) {
            let place = operand.place(&bytes, start, end).unwrap();
            assert_eq!(bytes[place], [0xac, 0x02]);
            found += 1;
        }
    });
    assert_eq!(found, 1);
}

#[test]
fn instructions_are_shown_as_in_the_text_format() {
    let text = "(module (memory 1) (func (param i32) (result i32) \
                (i64.store offset=8 (local.get 0) (i64.const -5)) (i32.load8_u offset=4 (i32.const -1))))";
    let bytes = wat::parse_str(text).unwrap();
    let mut shown = Vec::new();
    each(&bytes, |op, _, _| shown.push(show(op)));
    let expected = [
        "local.get 0",
        "i64.const -5",
        "i64.store offset=8",
        "i32.const -1",
        "i32.load8_u offset=4",
        "end",
    ];
    assert_eq!(shown, expected);
}
