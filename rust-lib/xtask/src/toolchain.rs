//! Finds a compiler for `wasm32-unknown-unknown`: Debian's (which builds `std` from its sources), or
//! one of rustup with that target installed.
//!
//! Debian's comes first: it can be installed from a package, so that everyone gets the same version
//! and with it the same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";

const NOTHING_FOUND: &str =
    "Cannot compile for wasm32-unknown-unknown: no compiler with that target was found
  → on Debian: apt-get install rustc-web cargo-web rust-web-src lld-22
  → elsewhere: rustup target add wasm32-unknown-unknown";

/// A compiler that can make a core.
pub enum Toolchain {
    /// `/usr/bin/cargo` with `-Z build-std`, linking with the system's `wasm-ld`.
    Debian {
        /// What `rustc --version` says.
        version: String,
        /// The linker.
        linker: PathBuf,
        /// Every path under which the sources of `std` may appear.
        std_sources: Vec<PathBuf>,
    },
    /// The `cargo` on `PATH`, with a ready-made `std`.
    Rustup {
        /// What `rustc --version` says.
        version: String,
    },
}

/// The first usable toolchain, or what to install.
pub fn find() -> Result<Toolchain, String> {
    debian()
        .or_else(rustup)
        .ok_or_else(|| NOTHING_FOUND.to_string())
}

/// What the core does not carry when `std` is built with it: text of panics, their places, `Debug`. A
/// panic is a trap, which the loader reports as `internal_error`. Saves 9 KB of 73 KB after gzip.
const SMALL: [&str; 4] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
];

impl Toolchain {
    /// For people: where the compiler comes from.
    pub fn name(&self) -> &'static str {
        match self {
            Toolchain::Debian { .. } => "Debian's, building std from source",
            Toolchain::Rustup { .. } => "rustup's, with its wasm32 target",
        }
    }

    /// What `rustc --version` says, and whether `std` was built along.
    pub fn version(&self) -> String {
        match self {
            Toolchain::Debian { version, .. } => format!("{version}, build-std"),
            Toolchain::Rustup { version } => version.clone(),
        }
    }

    /// A `cargo build` for the target, with no path of this machine in its output.
    pub fn cargo_build(&self, workspace: &Path) -> Command {
        let mut remaps = vec![(workspace.to_path_buf(), "/wasm-share".to_string())];
        for registry in registries() {
            remaps.push((registry, "/registry".to_string()));
        }
        let mut flags = Vec::new();
        let mut command = match self {
            Toolchain::Debian {
                linker,
                std_sources,
                ..
            } => {
                remaps.extend(
                    std_sources
                        .iter()
                        .map(|path| (path.clone(), "/rust".to_string())),
                );
                let mut command = Command::new("/usr/bin/cargo");
                let path = env::var("PATH").unwrap_or_default();
                command
                    .env("PATH", format!("/usr/bin:{path}"))
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .args(["build", "-Z", "build-std=std,panic_abort"])
                    .args(["-Z", "build-std-features=optimize_for_size"]);
                flags.extend(SMALL.map(String::from));
                command
            }
            Toolchain::Rustup { .. } => {
                let mut command = Command::new("cargo");
                command.arg("build");
                command
            }
        };
        for (from, to) in remaps {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
        // Crates that probe for `std` (old indexmap) do not find it while it is being built.
        flags.push("--cfg=has_std".to_string());
        // Flags of the user's own would change the bytes; the encoded form has precedence over them.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        for inherited in [
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "CARGO_BUILD_TARGET",
        ] {
            command.env_remove(inherited);
        }
        command.args(["--locked", "--target", TARGET]);
        command
    }
}

fn debian() -> Option<Toolchain> {
    let version = output_of("/usr/bin/rustc", &["--version"])?;
    if !Path::new("/usr/bin/cargo").exists() {
        return None;
    }
    let sysroot = output_of("/usr/bin/rustc", &["--print", "sysroot"])?;
    let sources = Path::new(&sysroot).join("lib/rustlib/src/rust");
    let real = fs::canonicalize(&sources).ok()?;
    if !real.join("library/std/Cargo.toml").exists() {
        return None;
    }
    let linker = ["/usr/bin/wasm-ld-22", "/usr/bin/wasm-ld"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())?;
    Some(Toolchain::Debian {
        version,
        linker,
        std_sources: vec![sources, real],
    })
}

fn rustup() -> Option<Toolchain> {
    let version = output_of("rustc", &["--version"])?;
    let libraries = output_of("rustc", &["--print", "target-libdir", "--target", TARGET])?;
    let ready = fs::read_dir(libraries)
        .ok()?
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd"));
    ready.then_some(Toolchain::Rustup { version })
}

/// The folders that hold the sources of dependencies, one for each registry in use.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        env::var_os("HOME")
            .or_else(|| env::var_os("USERPROFILE"))
            .map(|home| Path::new(&home).join(".cargo"))
    });
    let Some(sources) = home.map(|home| home.join("registry/src")) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = fs::read_dir(sources)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    found.sort();
    found
}

fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}
