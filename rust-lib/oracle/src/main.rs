//! The oracle: directories of programs in, a line for each failing one out.
//!
//! ```text
//! oracle [--json FILE] [--refused FILE] DIR…
//! ```
//!
//! A program is a directory with `a.wasm` and other links of the same objects (`b.wasm`, `t.wasm`,
//! `s.wasm`; see `tests/corpus/README.md`). `a` is moved to where the linker put each of the others, and
//! must equal it ([`compare`]); moves must compose ([`moves`]). A program that is refused fails, unless
//! the file after `--refused` names it and the code.
//!
//! | phase | file | in → out |
//! |---|---|---|
//! | find | here | directories → programs |
//! | check | [`program`] | one program → counts, or what differs first |
//! | report | [`report`] | all of them → lines and JSON |

mod compare;
mod moves;
mod place;
mod program;
mod report;

use program::Outcome;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, thread};

const USAGE: &str = "Usage: oracle [--json FILE] [--refused FILE] DIR…";

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("oracle: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<bool, String> {
    let (mut json, mut refused, mut folders) = (None, None, Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--json" => json = Some(args.next().ok_or(USAGE)?),
            "--refused" => refused = Some(args.next().ok_or(USAGE)?),
            _ if arg.starts_with('-') => return Err(format!("Cannot use \"{arg}\"\n{USAGE}")),
            _ => folders.push(PathBuf::from(arg)),
        }
    }
    if folders.is_empty() {
        return Err(USAGE.into());
    }
    let mut programs = Vec::new();
    for folder in &folders {
        find(folder, &mut programs)
            .map_err(|error| format!("Cannot read \"{}\": {error}", folder.display()))?;
    }
    programs.sort();
    if programs.is_empty() {
        return Err("Cannot find a program: no directory holds a.wasm".into());
    }
    let refused: BTreeMap<String, String> = match refused {
        None => BTreeMap::new(),
        Some(path) => fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
            .map_err(|error| format!("Cannot read \"{path}\": {error}"))?,
    };
    let outcomes = check_all(&programs);
    let report = report::Report::new(&outcomes, &refused);
    print!("{report}");
    if let Some(path) = json {
        fs::write(&path, report.json())
            .map_err(|error| format!("Cannot write \"{path}\": {error}"))?;
    }
    Ok(report.failed == 0)
}

/// Directories with `a.wasm` in a directory or below it.
fn find(folder: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.join("a.wasm").is_file() {
        out.push(folder.into());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), out)?;
        }
    }
    Ok(())
}

/// `set/program`: the last two parts of the path.
fn name_of(folder: &Path) -> String {
    let part = |path: Option<&Path>| {
        path.and_then(Path::file_name)
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    format!("{}/{}", part(folder.parent()), part(Some(folder)))
}

thread_local! {
    /// What this thread works on, for the message of a panic.
    static CURRENT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Checks every program, as many at a time as there are processors.
fn check_all(programs: &[PathBuf]) -> Vec<(String, Outcome)> {
    // A release build aborts when the core panics: the message has to say where.
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        CURRENT.with_borrow(|name| eprintln!("✖ {name}: the core panicked"));
        say(info);
    }));
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::with_capacity(programs.len()));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(folder) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = name_of(folder);
                    CURRENT.set(name.clone());
                    let outcome = program::check(folder);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((name, outcome));
                    }
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by(|a, b| a.0.cmp(&b.0));
    outcomes
}
