//! Outcomes in, text and JSON out.

use crate::program::{Outcome, Passed};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wasm_share_relocator::inspect::types::NAMES;

/// Sums over a set or over all.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sum {
    programs: u32,
    passed: u32,
    refused: u32,
    failed: u32,
    bytes: usize,
    debug_bytes: usize,
    links: u32,
    /// Links in which nothing moved, because the program has nothing of that kind.
    unmoved: u32,
    compositions: u32,
    /// Compositions whose second move needs `assumeNoDataPointers`.
    assumed: u32,
}

/// Records of one type.
#[derive(Clone, Default, Serialize)]
struct Records {
    code: u32,
    data: u32,
    custom: u32,
    /// Programs that have any.
    programs: u32,
}

/// Everything that is to be said.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(flatten)]
    total: Sum,
    sets: BTreeMap<String, Sum>,
    records: BTreeMap<&'static str, Records>,
    /// Programs that are refused as they should be, with the code.
    refused_as_named: BTreeMap<String, String>,
    failures: BTreeMap<String, String>,
    /// How many failed.
    #[serde(skip)]
    pub failed: u32,
}

impl Report {
    /// Sums up. A program that is refused fails, unless `named` has it with the same code.
    pub fn new(outcomes: &[(String, Outcome)], named: &BTreeMap<String, String>) -> Self {
        let mut report = Report {
            total: Sum::default(),
            sets: BTreeMap::new(),
            records: BTreeMap::new(),
            refused_as_named: BTreeMap::new(),
            failures: BTreeMap::new(),
            failed: 0,
        };
        for (name, outcome) in outcomes {
            let expected = named.get(name);
            let failure = match (outcome, expected) {
                (Outcome::Passed(_), None) => None,
                (Outcome::Refused(code, _), Some(expected)) if code == expected => {
                    report.refused_as_named.insert(name.clone(), code.clone());
                    None
                }
                (Outcome::Passed(_), Some(code)) => {
                    Some(format!("it passes, and is expected to be refused: {code}"))
                }
                (Outcome::Refused(code, message), None) => {
                    Some(format!("refused, {code}: {message}"))
                }
                (Outcome::Refused(code, message), Some(expected)) => {
                    Some(format!("refused, {code} and not {expected}: {message}"))
                }
                (Outcome::Failed(what), _) => Some(what.clone()),
            };
            let set = name.split('/').next().unwrap_or_default().to_string();
            let failed = failure.is_some();
            for sum in [&mut report.total, report.sets.entry(set).or_default()] {
                sum.add(outcome, failed);
            }
            if let Outcome::Passed(passed) = outcome {
                report.count(passed);
            }
            if let Some(failure) = failure {
                report.failures.insert(name.clone(), failure);
            }
        }
        // Only the sets at hand: others may not have been built.
        let seen: BTreeSet<&String> = outcomes.iter().map(|(name, _)| name).collect();
        for name in named.keys().filter(|name| !seen.contains(name)) {
            let set = name.split('/').next().unwrap_or_default();
            if let Some(sum) = report.sets.get_mut(set) {
                sum.failed += 1;
                report.total.failed += 1;
                let what = "it is expected to be refused, and is not there".to_string();
                report.failures.insert(name.clone(), what);
            }
        }
        report.failed = report.total.failed;
        report
    }

    fn count(&mut self, passed: &Passed) {
        for (name, [code, data, custom]) in NAMES.iter().zip(passed.records) {
            if code + data + custom > 0 {
                let records = self.records.entry(name).or_default();
                records.code += code;
                records.data += data;
                records.custom += custom;
                records.programs += 1;
            }
        }
    }

    /// The summary as JSON.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl Sum {
    fn add(&mut self, outcome: &Outcome, failed: bool) {
        self.programs += 1;
        self.failed += u32::from(failed);
        self.passed += u32::from(!failed);
        match outcome {
            Outcome::Refused(..) if !failed => self.refused += 1,
            Outcome::Passed(passed) => {
                self.bytes += passed.bytes;
                self.debug_bytes += passed.debug;
                self.links += passed.links;
                self.unmoved += passed.unmoved;
                self.compositions += passed.compositions;
                self.assumed += passed.assumed;
            }
            _ => {}
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, what) in &self.failures {
            writeln!(f, "✖ {name}: {what}")?;
        }
        writeln!(
            f,
            "{:24} {:>9} {:>9} {:>9} {:>9}",
            "record", "code", "data", "custom", "programs"
        )?;
        for (name, r) in &self.records {
            let (code, data, custom) = (r.code, r.data, r.custom);
            writeln!(f, "{name:24} {code:9} {data:9} {custom:9} {:9}", r.programs)?;
        }
        for (name, sum) in &self.sets {
            writeln!(
                f,
                "{name}: {} programs, {} of them refused as named, {} links compared, {} compositions, {} failed",
                sum.programs, sum.refused, sum.links, sum.compositions, sum.failed
            )?;
        }
        writeln!(
            f,
            "{} passed, {} failed",
            self.total.passed, self.total.failed
        )
    }
}
