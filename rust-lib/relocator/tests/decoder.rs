//! Our decoder of instructions against wasmparser's, on every function of every committed module.

use std::path::{Path, PathBuf};
use wasm_share_relocator::inspect::ops::{Op, Ops};
use wasmparser::{Operator, Parser, Payload};

fn modules(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modules(&path, out);
        } else if path.extension().is_some_and(|e| e == "wasm") {
            out.push(path);
        }
    }
}

/// The starts and ends of both decoders, and what matters of each instruction.
fn compare(body: &wasmparser::FunctionBody<'_>) {
    let mut theirs = body.get_operators_reader().unwrap();
    let mut ours = Ops::new(body.get_binary_reader()).unwrap();
    while !theirs.eof() {
        let start = theirs.original_position() as usize;
        let operator = theirs.read().unwrap();
        let (our_start, op, end) = ours.read_next().unwrap().unwrap();
        let place = (start, theirs.original_position() as usize);
        assert_eq!((our_start, end), place, "{operator:?}");
        match operator {
            Operator::I32Const { value } => assert_eq!(op, Op::I32Const(value)),
            Operator::I32Add => assert_eq!(op, Op::I32Add),
            Operator::LocalGet { local_index } => assert_eq!(op, Op::LocalGet(local_index)),
            Operator::LocalSet { local_index } => assert_eq!(op, Op::LocalSet(local_index)),
            Operator::LocalTee { local_index } => assert_eq!(op, Op::LocalTee(local_index)),
            Operator::GlobalGet { global_index } => assert_eq!(op, Op::GlobalGet(global_index)),
            Operator::GlobalSet { global_index } => assert_eq!(op, Op::GlobalSet(global_index)),
            Operator::MemoryFill { .. } => assert_eq!(op, Op::MemoryFill),
            Operator::MemoryInit { .. } => assert_eq!(op, Op::MemoryInit),
            Operator::MemoryCopy { .. } => assert_eq!(op, Op::MemoryCopy),
            Operator::MemoryGrow { .. } => assert_eq!(op, Op::MemoryGrow),
            _ => assert!(
                !matches!(op, Op::I32Const(_) | Op::GlobalGet(_) | Op::LocalGet(_)),
                "{operator:?}"
            ),
        }
    }
    assert_eq!(ours.read_next().unwrap(), None);
}

#[test]
fn every_instruction_starts_and_ends_where_wasmparser_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["tests/cases", "examples", "src/core/generated"] {
        modules(&root.join(folder), &mut files);
    }
    // Instructions of a proposal that wasmparser does not read.
    files.retain(|file| !file.ends_with("partial-fp16.wasm"));
    let mut functions = 0;
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for payload in Parser::new(0).parse_all(&bytes) {
            // Some of the files are broken on purpose.
            let Ok(payload) = payload else { break };
            if let Payload::CodeSectionEntry(body) = payload {
                compare(&body);
                functions += 1;
            }
        }
    }
    assert!(functions > 5_000, "only {functions} functions were decoded");
}

/// One function whose body is the given instructions.
fn check(instructions: &[u8]) {
    let mut body = vec![0];
    body.extend_from_slice(instructions);
    body.push(0x0b);
    compare(&wasmparser::FunctionBody::new(
        wasmparser::BinaryReader::new(&body, 0),
    ));
}

#[test]
fn every_opcode_has_the_immediates_that_wasmparser_reads() {
    // Bytes that are an immediate of any kind: small indices, an alignment, an offset.
    let fill = [0x01; 24];
    let (mut known, mut refused) = (0, 0);
    let mut try_one = |prefix: &[u8]| {
        let mut bytes = vec![0];
        bytes.extend_from_slice(prefix);
        bytes.extend_from_slice(&fill);
        let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(&bytes, 0));
        let mut theirs = body.get_operators_reader().unwrap();
        let mut ours = Ops::new(body.get_binary_reader()).unwrap();
        let (Ok(_), our) = (theirs.read(), ours.read_next()) else {
            return;
        };
        // Proposals that no engine ships are refused.
        if let Err(problem) = &our
            && problem.message.to_string().contains("unknown instruction")
        {
            refused += 1;
            return;
        }
        known += 1;
        let end = our.ok().flatten().map(|o| o.2 as u64);
        assert_eq!(end, Some(theirs.original_position()), "opcode {prefix:x?}");
    };
    for op in 0..=0xfa {
        // else, end, catch, delegate and their kin only stand inside a block; 0xe0 to 0xe6 switch stacks.
        if !matches!(op, 0x05 | 0x07 | 0x0b | 0x18 | 0x19 | 0xe0..=0xe6) {
            try_one(&[op]);
        }
    }
    for prefix in 0xfb..=0xfe {
        for sub in 0..0x80 {
            try_one(&[prefix, sub]);
        }
        for sub in 0x80..=0x1ffu32 {
            try_one(&[prefix, (sub & 0x7f) as u8 | 0x80, (sub >> 7) as u8]);
        }
    }
    assert!(known > 500, "only {known} opcodes were compared");
    assert!(refused < 80, "{refused} opcodes are unknown to us");
    // try_table (catch 0 0) (catch_all 0); br_table 0 1 2; select (result i32)
    check(&[0x1f, 0x40, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x0b]);
    check(&[0x0e, 0x02, 0x00, 0x00, 0x00]);
    check(&[0x1c, 0x01, 0x7f]);
}
