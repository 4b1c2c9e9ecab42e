//! The three steps for one core: compile, bind, optimise. Each reads the files of the one before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::toolchain::Toolchain;

/// The npm package that brings `wasm-opt`.
const BINARYEN: &str = "binaryen@132.0.0";

/// What the optimiser may use: everything that Node 20 and browsers of its time know.
const FEATURES: [&str; 8] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Compiles the crate of a core; returns the path of the module.
pub fn compile(
    toolchain: &Toolchain,
    workspace: &Path,
    work: &Path,
    core: &str,
) -> Result<PathBuf, String> {
    let package = format!("wasm-share-{core}");
    let mut command = toolchain.cargo_build(workspace);
    // walrus is large and no bottleneck: the workspace has a profile for it that saves a tenth.
    let profile = if core == "transformer" {
        "small"
    } else {
        "release"
    };
    command
        .current_dir(workspace)
        .arg("--target-dir")
        .arg(work)
        .args(["--profile", profile, "--package", &package]);
    run(&mut command, &format!("Cannot compile core \"{core}\""))?;
    Ok(work
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(package.replace('-', "_"))
        .with_extension("wasm"))
}

/// Writes `<core>.js`, `<core>.d.ts` and the module with its bindings resolved.
pub fn bind(compiled: &Path, out: &Path, core: &str) -> Result<(), String> {
    let bound = Bindgen::new()
        .input_path(compiled)
        .out_name(core)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                // What is returned can go to `WebAssembly.compile` as it is.
                .ts_typed_array_buffers(true)
                // Bundlers would take the default path of the module for an asset.
                .omit_default_module_path(true)
                // A trap leaves the instance in an unknown state; the loader then starts afresh.
                .reset_state_function(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate_output()
        })
        .map_err(|error| format!("Cannot make the bindings of core \"{core}\": {error:#}"))?;
    let mut bound = bound;
    let wasm = bound.wasm_mut().emit_wasm();
    let types = bound.ts().unwrap_or_default().to_string();
    for (extension, bytes) in [
        ("js", bound.js().as_bytes()),
        ("d.ts", types.as_bytes()),
        ("bound.wasm", wasm.as_slice()),
    ] {
        let path = out.join(format!("{core}.{extension}"));
        fs::write(&path, bytes)
            .map_err(|error| format!("Cannot write \"{}\": {error}", path.display()))?;
    }
    Ok(())
}

/// Writes `<core>.wasm`: the bound module after `wasm-opt`.
pub fn optimise(out: &Path, core: &str) -> Result<(), String> {
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let mut command = Command::new(npx);
    command.env("npm_config_loglevel", "error");
    command
        .args([
            "--yes",
            &format!("--package={BINARYEN}"),
            "wasm-opt",
            // Control flow made anew: 200 bytes of 65 KB.
            "--flatten",
            "--rereloop",
            "-Os",
            "-Os",
            // Below 1024 there is only the last of the stack: constants become offsets of loads and stores, 350 bytes.
            "--low-memory-unused",
            // Small functions compress better than a few large ones: 2.7 KB of 66 KB.
            "--one-caller-inline-max-function-size=0",
            "--strip-producers",
            "--strip-target-features",
        ])
        .args(FEATURES)
        .arg(out.join(format!("{core}.bound.wasm")))
        .arg("-o")
        .arg(out.join(format!("{core}.wasm")));
    run(
        &mut command,
        &format!("Cannot optimise core \"{core}\" with {BINARYEN} (npx comes with Node.js)"),
    )
}

fn run(command: &mut Command, failure: &str) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{failure}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{failure}: {status}"))
    }
}
