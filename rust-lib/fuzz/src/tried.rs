//! How often each kind of thing was tried, so that nothing passes because it never came up.
//!
//! In: a name each time. Out: how many times each. Tests demand a number of each; a fuzzer only counts.

use std::collections::BTreeMap;
use std::sync::Mutex;

static TRIED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// Once more.
pub fn count(what: impl Into<String>) {
    if let Ok(mut tried) = TRIED.lock() {
        *tried.entry(what.into()).or_default() += 1;
    }
}

/// All that was counted in this process.
pub fn all() -> BTreeMap<String, u64> {
    TRIED.lock().map_or_else(|_| BTreeMap::new(), |t| t.clone())
}

/// Prints all numbers, and demands that each of a list of names (one a line) was counted so often, and no
/// other. What starts with `~ ` may be seldom.
pub fn must_be(names: &str, floor: u64) {
    let tried = all();
    for (name, times) in &tried {
        println!("{times:6} {name}");
    }
    let wanted: Vec<&str> = names.lines().filter(|l| !l.is_empty()).collect();
    let often = wanted
        .iter()
        .copied()
        .filter(|name| !name.starts_with("~ "));
    let seldom = |name: &&str| tried.get(*name).is_none_or(|times| *times < floor);
    let seldom: Vec<&str> = often.filter(seldom).collect();
    assert_eq!(seldom, [""; 0], "less than {floor} times");
    let new: Vec<&String> = tried
        .keys()
        .filter(|n| !wanted.iter().any(|w| w.trim_start_matches("~ ") == *n))
        .collect();
    assert_eq!(new, [""; 0], "not in the list");
}
