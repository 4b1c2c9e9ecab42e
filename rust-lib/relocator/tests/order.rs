//! The proof has a quick way, for records in order, and one that looks at each record by itself. Records in another
//! order take the second one: both must say the same, of what a linker wrote and of what somebody changed.

use std::path::Path;
use wasm_share_relocator::inspect::{self, Inspected};
use wasm_share_relocator::wasm::{Module, id};

/// Where each record of a `reloc.*` section lies.
fn records(bytes: &[u8], from: usize, to: usize) -> Vec<std::ops::Range<usize>> {
    let number = |at: &mut usize| {
        let mut value = 0u64;
        for shift in (0..).step_by(7) {
            let byte = bytes[*at];
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    };
    let mut at = from;
    let (_target, count) = (number(&mut at), number(&mut at));
    let mut found = Vec::new();
    for _ in 0..count {
        if at == to {
            break;
        }
        let start = at;
        let ty = number(&mut at);
        number(&mut at);
        number(&mut at);
        if matches!(ty, 3 | 4 | 5 | 8 | 9 | 11 | 21 | 23) {
            number(&mut at);
        }
        found.push(start..at);
    }
    found
}

/// The module with the last record of each section in front of the others.
fn turned(bytes: &[u8]) -> Option<Vec<u8>> {
    let module = Module::read(bytes).ok()?;
    let mut out = bytes.to_vec();
    let mut any = false;
    for (_, name, section) in module.customs(bytes) {
        if !name.starts_with(b"reloc.") {
            continue;
        }
        let found = records(bytes, section.body.start, section.body.end);
        let Some(last) = found.last().filter(|_| found.len() > 1) else {
            continue;
        };
        out[found[0].start..section.body.end].rotate_right(last.len());
        any = true;
    }
    any.then_some(out)
}

/// All that the records say, or why they cannot be trusted.
fn said(bytes: &[u8]) -> String {
    let options = inspect::Options::default();
    let found: Inspected = match inspect::inspect(bytes, &options) {
        Ok(found) => found,
        Err(problem) => return format!("{problem:?}"),
    };
    if !found.problems.is_empty() {
        return format!("{:?}", found.problems);
    }
    let r = &found.records;
    format!(
        "{:?} {:?} {} {} {:?} {:?} {} {}\n{:?}",
        r.proved,
        r.skipped,
        r.total,
        r.missing,
        r.slots,
        r.got,
        r.heap_base_refs,
        r.heap_end_refs,
        found.sites.sections
    )
}

#[test]
fn each_record_by_itself_says_what_all_say_in_order() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut state = 1u32;
    let mut dice = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    let (mut modules, mut sound, mut refused) = (0, 0, 0);
    for case in std::fs::read_dir(cases).unwrap() {
        let Ok(bytes) = std::fs::read(case.unwrap().path().join("base.wasm")) else {
            continue;
        };
        let Some(other) = turned(&bytes) else {
            continue;
        };
        modules += 1;
        assert_eq!(said(&bytes), said(&other));
        let module = Module::read(&bytes).unwrap();
        // Where the records point, mostly; and the records themselves.
        let places: Vec<usize> = module
            .sections
            .iter()
            .filter(|s| {
                let name = &bytes[s.name.clone()];
                s.id == id::CODE || name.starts_with(b".debug_")
            })
            .flat_map(|s| s.body.clone())
            .collect();
        for _ in 0..if bytes.len() < 100_000 { 400 } else { 20 } {
            let at = places[dice(places.len())];
            let byte = match dice(3) {
                0 => dice(256) as u8,
                1 => bytes[at] ^ 1 << dice(8),
                _ => bytes[at].wrapping_add(1),
            };
            let (mut one, mut two) = (bytes.clone(), other.clone());
            (one[at], two[at]) = (byte, byte);
            let (one, two) = (said(&one), said(&two));
            assert_eq!(one, two, "{at:#x}");
            match one.contains("Problem") {
                true => refused += 1,
                false => sound += 1,
            }
        }
    }
    assert!(modules > 15, "{modules}");
    assert!(refused > 500 && sound > 500, "{refused} {sound}");
}
