//! Native contestants of the suite.
//!
//! - `peers serve`: reads a line, does what it says, prints a line of JSON. So rounds of several programs can
//!   alternate, each of them warm.
//!   - `load PATH`: reads a module; `{"bytes":…}`.
//!   - `relocate OFFSET`, `walrus`, `copy`: once, with the module that is loaded; `{"ns":…,"bytes":…}`.
//!   - `save PATH`: writes the last result.
//! - `peers once relocate|walrus|copy IN OUT OFFSET`: the same as a whole process.
//! - `peers measure COMMAND…`: runs a command; `{"ns":…,"kb":…,"code":…}`, its peak memory in KiB.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;
use wasm_share_bench_peers::round_trip;
use wasm_share_relocator::job::{self, ModuleOptions};

mod measure;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["serve"] => serve(),
        ["once", what, from, to, offset] => once(what, from, to, offset),
        ["measure", ref command @ ..] if !command.is_empty() => measure::run(command),
        _ => Err("Usage: peers serve | once WHAT IN OUT OFFSET | measure COMMAND…".into()),
    };
    if let Err(message) = result {
        eprintln!("{message}");
        std::process::exit(1);
    }
}

fn work(what: &str, bytes: &[u8], offset: &str) -> Result<Vec<u8>, String> {
    match what {
        // The core takes what it moves; the copy is a part of the work, as it is for the wasm core.
        "relocate" => {
            let offset = offset
                .parse()
                .map_err(|_| format!("Cannot move by \"{offset}\""))?;
            let moved = job::relocate(
                "module",
                bytes.to_vec(),
                ModuleOptions::default(),
                offset,
                None,
            );
            moved.map(|(bytes, ..)| bytes).map_err(|problems| {
                serde_json::to_string(&problems).unwrap_or_else(|error| error.to_string())
            })
        }
        "walrus" => round_trip(bytes),
        "copy" => Ok(bytes.to_vec()),
        _ => Err(format!("Cannot do \"{what}\"")),
    }
}

fn once(what: &str, from: &str, to: &str, offset: &str) -> Result<(), String> {
    let bytes = std::fs::read(from).map_err(|error| format!("{from}: {error}"))?;
    let made = work(what, &bytes, offset)?;
    std::fs::write(to, made).map_err(|error| format!("{to}: {error}"))
}

/// Has the allocator keep what is freed, however large: a process that is warm does not ask the system for the same
/// pages in each round.
fn keep_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: only sets limits of the allocator; no other thread is there.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}

fn serve() -> Result<(), String> {
    keep_memory();
    let mut bytes = Vec::new();
    let mut last = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match word {
            "load" => {
                bytes = std::fs::read(rest).map_err(|error| format!("{rest}: {error}"))?;
                format!("{{\"bytes\":{}}}", bytes.len())
            }
            "save" => {
                std::fs::write(rest, &last).map_err(|error| format!("{rest}: {error}"))?;
                format!("{{\"bytes\":{}}}", last.len())
            }
            _ => {
                drop(last);
                let start = Instant::now();
                let made = work(word, black_box(&bytes), rest)?;
                let ns = start.elapsed().as_nanos();
                last = black_box(made);
                format!("{{\"ns\":{ns},\"bytes\":{}}}", last.len())
            }
        };
        println!("{answer}");
        std::io::stdout()
            .flush()
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
