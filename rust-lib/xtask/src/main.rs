//! Builds the cores: sources → `cargo` → `wasm-bindgen` → `wasm-opt` → `<target>/cores/out/`.
//!
//! `rust-lib/build.ts` turns that folder into `src/core/generated/` and checks, without Rust,
//! that what is committed belongs to the sources. `deno task build` runs both.
//!
//! - [`toolchain`]: which compiler is here, and how to ask it for `wasm32-unknown-unknown`.
//! - [`steps`]: the three steps, for one core.

mod steps;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The crates that become a core, without the prefix of the package name.
const CORES: [&str; 3] = ["relocator", "converter", "transformer"];

const USAGE: &str =
    "Usage: cargo xtask build [core…]    (cores: relocator, converter, transformer; default: all)";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let result = match args.split_first() {
        Some((command, cores)) if command == "build" => build(cores),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn build(wanted: &[String]) -> Result<(), String> {
    if let Some(unknown) = wanted.iter().find(|name| !CORES.contains(&name.as_str())) {
        return Err(format!(
            "Cannot build core \"{unknown}\": there is no such core\n{USAGE}"
        ));
    }
    let workspace = workspace()?;
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => workspace.join("target"),
    };
    let work = target.join("cores");
    let out = work.join("out");
    fs::create_dir_all(&out)
        .map_err(|error| format!("Cannot create the folder of the cores: {error}"))?;

    let toolchain = toolchain::find()?;
    eprintln!(
        "xtask: compiler found: {} ({})",
        toolchain.version(),
        toolchain.name()
    );
    for core in CORES
        .iter()
        .filter(|core| wanted.is_empty() || wanted.iter().any(|w| w == *core))
    {
        let compiled = steps::compile(&toolchain, &workspace, &work, core)?;
        steps::bind(&compiled, &out, core)?;
        steps::optimise(&out, core)?;
    }
    // For the header of the generated files: equal bytes are only to be expected of equal compilers.
    write(
        &out.join("compiler.txt"),
        &format!("{}\n", toolchain.version()),
    )?;
    // For the script that runs next: the target folder can be anywhere.
    println!("{}", out.display());
    Ok(())
}

/// The folder of the Cargo workspace: the parent of this crate, as `cargo run` names it.
fn workspace() -> Result<PathBuf, String> {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .ok_or("Cannot find the Cargo workspace: run xtask with `cargo run --package xtask`")?;
    Path::new(&package)
        .parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| "Cannot find the Cargo workspace".to_string())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("Cannot write \"{}\": {error}", path.display()))
}
