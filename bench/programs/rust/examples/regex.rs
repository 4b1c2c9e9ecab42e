//! By others: regex compiles patterns and finds them.
use regex::Regex;
use wasm_share_bench_programs::{fill, hash};

#[unsafe(no_mangle)]
pub extern "C" fn run(n: u32) -> u32 {
    let text = String::from_utf8(fill(100_000)).expect("the words are ASCII");
    let patterns = [
        r"\b(\d{4})-(\d\d)-(\d\d)\b",
        r"(?i)MODULES\s+(moves|many)",
        r"[\w.]+@[\w.]+\.\w+",
        r"(a|b)*c?m.m",
    ];
    let mut value = 0u32;
    for round in 0..n {
        for pattern in patterns {
            let regex = Regex::new(pattern).expect("the pattern is valid");
            for found in regex.captures_iter(&text) {
                let last = found
                    .iter()
                    .flatten()
                    .last()
                    .map_or("", |each| each.as_str());
                value = value.wrapping_mul(31) ^ hash(last.as_bytes()) ^ round;
            }
        }
    }
    value
}
