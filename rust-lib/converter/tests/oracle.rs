//! The linker as a judge: a module that is moved by what one twin shows must be what the linker makes at that base.

use std::fs;
use std::path::Path;

use wasm_share_converter::image::{Image, join};
use wasm_share_converter::twin::{self, Found};
use wasm_share_relocator::job::{ModuleOptions, relocate};
use wasm_share_relocator::wasm::Module;
use wasmparser::{Operator, Parser, Payload};

fn case(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/cases")
        .join(path);
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every instruction with its operands, however wide those are, function by function.
fn code(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            let ops = body.get_operators_reader().unwrap();
            let mut list: Vec<String> = Vec::new();
            let mut constant = None;
            for op in ops {
                let op = op.unwrap();
                // An address of 64 bits is written as one of 32 that is made wider.
                if let (Some(value), Operator::I64ExtendI32U) = (constant, &op) {
                    list.pop();
                    let value = i64::from(value as u32);
                    list.push(format!("{:?}", Operator::I64Const { value }));
                } else {
                    list.push(format!("{op:?}"));
                }
                constant = match op {
                    Operator::I32Const { value } => Some(value),
                    _ => None,
                };
            }
            functions.push(list);
        }
    }
    functions
}

/// The initial memory: all that is not 0.
fn memory(bytes: &[u8]) -> Vec<(u64, u8)> {
    let module = Module::read(bytes).unwrap();
    let image = Image::read(bytes, &module, |at| {
        module.segments[at].address.map(|a| a.0)
    })
    .unwrap();
    let mut out = Vec::new();
    for range in join(image.ranges(0, 0)) {
        let part = (range.start..).zip(image.bytes(range.clone()));
        out.extend(part.filter(|(_, byte)| *byte != 0));
    }
    out
}

#[test]
fn moved_by_what_the_near_twin_shows_it_is_the_far_one() {
    for name in ["opt", "first", "stacks"] {
        let [base, near, far] =
            ["", "-near", "-far"].map(|which| case(&format!("twin-c/{name}{which}.wasm")));
        let alone = twin::convert(&base, &[&near]).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        let both = twin::convert(&base, &[&near, &far]).unwrap();
        let sites = |found: &Found| (found.report.code, found.report.data, found.report.globals);
        assert_eq!(
            sites(&alone),
            sites(&both),
            "{name}: the far twin confirms all"
        );
        for (twin, distance) in [&near, &far].into_iter().zip(&both.report.distances) {
            let moved = relocate(
                "m",
                alone.bytes.clone(),
                ModuleOptions::default(),
                (*distance).into(),
                None,
            );
            let (moved, _, _) = moved.unwrap();
            let (ours, theirs) = (code(&moved), code(twin));
            assert_eq!(ours.len(), theirs.len());
            for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                let differs = ours
                    .iter()
                    .zip(theirs)
                    .find(|(ours, theirs)| ours != theirs);
                assert_eq!(differs, None, "{name} by {distance:#x}, function {index}");
                assert_eq!(
                    ours.len(),
                    theirs.len(),
                    "{name} by {distance:#x}, function {index}"
                );
            }
            assert_eq!(memory(&moved), memory(twin), "{name} by {distance:#x}");
        }
    }
}
