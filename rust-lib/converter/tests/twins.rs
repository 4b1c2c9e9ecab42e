//! What a difference between twins means, and what is refused.

use wasm_share_converter::twin::distance::{Distances, Follows, Unknown};
use wasm_share_converter::twin::{self, Found};
use wasm_share_relocator::inspect::{self, Inspected};

const NEAR: u32 = 0x10000;
const FAR: u32 = 0x7ffd_0000;

/// A module with its data at a base, and what else differs.
fn program(base: u32, body: &str) -> Vec<u8> {
    let pages = base / 0x10000 + 1;
    let hex = |value: u32| {
        let bytes = value.to_le_bytes();
        bytes.map(|byte| format!("\\{byte:02x}")).concat()
    };
    let text = format!(
        r#"(module (memory (export "memory") {pages}) (func (export "f") (param i32) (result i32) {})
        (data (i32.const {base}) "text\00\00\00\00{}\ff{}"))"#,
        body.replace("BASE", &base.to_string())
            .replace("PAGE", &(base >> 16).to_string()),
        hex(base),
        // At an odd address.
        hex(base + 4),
    );
    wat::parse_str(text).unwrap()
}

fn convert(body: &str, twins: &[u32]) -> Result<Found, Vec<String>> {
    let base = program(NEAR, body);
    let twins: Vec<Vec<u8>> = twins
        .iter()
        .map(|distance| program(NEAR + distance, body))
        .collect();
    let twins: Vec<&[u8]> = twins.iter().map(Vec::as_slice).collect();
    twin::convert(&base, &twins).map_err(|list| list.iter().map(|problem| problem.code()).collect())
}

fn inspected(found: &Found) -> Inspected {
    let read = inspect::inspect(
        &found.bytes,
        &inspect::Options {
            verify: true,
            ..Default::default()
        },
    );
    let read = read.unwrap();
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    wasmparser::validate(&found.bytes).unwrap();
    read
}

#[test]
fn a_number_follows_as_its_difference_says() {
    let distances = Distances {
        data: vec![NEAR, FAR],
        slots: vec![2, 4],
    };
    let of = |base: u64, near: u64, far: u64| distances.explain(base, &[near, far], 32);
    let (near, far) = (u64::from(NEAR), u64::from(FAR));
    assert_eq!(of(7, 7, 7), Ok(Follows::Stays));
    assert_eq!(of(7, 7 + near, 7 + far), Ok(Follows::Address));
    assert_eq!(of(7, 9, 11), Ok(Follows::Slot));
    assert_eq!(of(7, 8, 7 + 0x7ffd), Ok(Follows::Page));
    assert_eq!(
        of(
            7,
            (7 - NEAR as i64) as u32 as u64,
            (7 - FAR as i64) as u32 as u64
        ),
        Ok(Follows::Negated)
    );
    assert_eq!(
        of(7, 7, 7 + far),
        Err(Unknown::Unexplained),
        "folded from high bits"
    );
    assert_eq!(
        of(7, 8, 7),
        Err(Unknown::Unexplained),
        "folded from low bits"
    );
    assert_eq!(
        of(7, 7 + 4 * near, 7 + 4 * far),
        Err(Unknown::Unexplained),
        "scaled"
    );
    let pair = Distances {
        data: vec![NEAR],
        slots: vec![],
    };
    assert_eq!(pair.explain(7, &[8], 32), Err(Unknown::Unconfirmed));
    assert_eq!(pair.explain(7, &[9], 32), Err(Unknown::Unexplained));
}

#[test]
fn operands_words_and_pages_become_records() {
    let body = "(i32.store offset=BASE (local.get 0) (i32.const BASE)) \
                (i32.add (i32.const PAGE) (i32.load (i32.sub (local.get 0) (i32.const BASE))))";
    let found = convert(body, &[NEAR, FAR]).unwrap();
    assert_eq!(
        (found.report.code, found.report.data, found.report.pages),
        (3, 2, 1)
    );
    let read = inspected(&found);
    assert_eq!(
        read.sites
            .sections
            .iter()
            .map(|section| section.sites.len())
            .sum::<usize>(),
        6
    );
    assert_eq!(read.alignment, NEAR);
    let data = read.data.unwrap();
    assert_eq!((data.start, data.end), (0x10000, 0x20000));
}

#[test]
fn page_numbers_need_a_far_twin() {
    assert_eq!(
        convert("(i32.const PAGE)", &[NEAR]).err(),
        Some(vec!["twin_unconfirmed".into()])
    );
    assert!(convert("(i32.const PAGE)", &[NEAR, FAR]).is_ok());
    assert!(
        convert("(i32.const PAGE)", &[FAR, NEAR]).is_ok(),
        "in any order"
    );
}

#[test]
fn what_else_differs_is_refused_with_both_operands() {
    let base = program(NEAR, "(i32.const 11)");
    let near = program(2 * NEAR, "(i32.const 13)");
    let problems = twin::convert(&base, &[&near]).err().unwrap();
    let text = serde_json::to_string(&problems).unwrap();
    assert!(
        text.contains(
            r#"\"i32.const 13\" where the module has \"i32.const 11\" in function 0 \"f\""#
        ),
        "{text}"
    );
    for (base, twin) in [
        ("(local.get 0)", "(i32.const 1)"),
        (
            "(i32.load (local.get 0))",
            "(i32.load offset=4 (local.get 0))",
        ),
        (
            "(i32.load (local.get 0))",
            "(i32.load align=1 (local.get 0))",
        ),
        ("(i32.load8_u (local.get 0))", "(i32.load8_s (local.get 0))"),
        ("(local i64) (local.get 0)", "(local f64) (local.get 0)"),
        ("(local.get 0)", "(nop) (local.get 0)"),
        ("(nop) (local.get 0)", "(local.get 0)"),
    ] {
        let problems = twin::convert(&program(NEAR, base), &[&program(2 * NEAR, twin)]).err();
        let codes: Option<Vec<String>> =
            problems.map(|list| list.iter().map(|p| p.code()).collect());
        assert_eq!(codes, Some(vec!["twin_mismatch".into()]), "{base} {twin}");
    }
}

#[test]
fn distances_that_prove_nothing_are_refused() {
    let granularity = |twins: &[u32]| {
        assert_eq!(
            convert("(i32.const BASE)", twins).err(),
            Some(vec!["twin_granularity".into()]),
            "{twins:x?}"
        );
    };
    granularity(&[0]);
    granularity(&[0x8000]);
    granularity(&[0x18000]);
    granularity(&[0x30000]);
    granularity(&[NEAR, NEAR]);
    let swapped = twin::convert(
        &program(2 * NEAR, "(i32.const 1)"),
        &[&program(NEAR, "(i32.const 1)")],
    );
    assert_eq!(swapped.err().unwrap()[0].code(), "twin_granularity");
}
