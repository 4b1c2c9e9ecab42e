/**
 * Those beside whom we are measured: found, or built into the cache; and which versions they are.
 *
 * @module
 */
import { cache } from "./programs.ts";
import { output, version } from "./process.ts";

/** Bun as the tests have it, and binaryen. */
const BUN = "1.4.5";
const BINARYEN = "132";

const crate = new URL("../peers/", import.meta.url);
const target = `${cache}/bench/target`;

/** Who is there. What is `null` is in `skipped`, with what brings it. */
export interface Peers {
  /** The native program of `bench/peers`: our native core, native walrus, a copy. */
  native: string | null;
  /** walrus in WebAssembly, built for speed. */
  walrus: Uint8Array<ArrayBuffer> | null;
  wasmLd: string | null;
  /** The script of binaryen's wasm-merge, for Node. */
  wasmMerge: string | null;
  node: string | null;
  bun: string | null;
  versions: Record<string, string>;
  skipped: string[];
}

/**
 * Looks for peers, and builds or installs those that are not part of a system.
 *
 * @param short Nothing is built or installed.
 * @param log Told what takes long.
 * @returns Who is there.
 */
export async function findPeers(short: boolean, log: (line: string) => void): Promise<Peers> {
  const skipped: string[] = [];
  const versions: Record<string, string> = { deno: Deno.version.deno, v8: Deno.version.v8 };
  const lacking = (what: string, needs: string) => {
    if (!short) skipped.push(`${what}: ${needs}`);
    return null;
  };
  const tried = async <T>(what: string, needs: string, make: () => Promise<T | null>) => {
    if (short) return null;
    try {
      return await make() ?? lacking(what, `needs ${needs}`);
    } catch (error) {
      return lacking(what, (error as Error).message.split("\n").slice(0, 2).join(" "));
    }
  };
  const node = await version("node", "--version");
  if (node) versions.node = node.slice(1);
  else lacking("Node", "needs Node 20 or later");
  const native = await tried("native cores", "cargo of rustup", async () => {
    const cargo = await version("cargo", "--version");
    if (!cargo) return null;
    log("building the native peers");
    await build("cargo", ["--bin", "peers"]);
    versions["rust (native)"] = cargo.split(" ")[1];
    return `${target}/release/peers`;
  });
  const walrus = await tried(
    "walrus in WebAssembly, built for speed",
    "rustc-web, cargo-web, rust-web-src and lld-22 of Debian",
    async () => {
      const rustc = await version("/usr/bin/rustc", "--version");
      if (!rustc) return null;
      log("building walrus for WebAssembly");
      const triple = "wasm32-unknown-unknown";
      const std = ["-Z", "build-std=std,panic_abort", "--target", triple];
      await build("/usr/bin/cargo", ["--lib", "--no-default-features", ...std], {
        RUSTC_BOOTSTRAP: "1",
        RUSTC: "/usr/bin/rustc",
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: "/usr/bin/wasm-ld-22",
      });
      versions["rust (WebAssembly)"] = rustc.split(" ")[1];
      return await Deno.readFile(`${target}/${triple}/release/wasm_share_bench_peers.wasm`);
    },
  );
  versions.walrus = await walrusVersion();
  const lld = await version("wasm-ld-22", "--version") ?? await version("wasm-ld", "--version");
  const wasmLd = lld && (await version("wasm-ld-22", "--version") ? "wasm-ld-22" : "wasm-ld");
  if (lld) versions["wasm-ld"] = /\d+\.\d+\.\d+/.exec(lld)?.[0] ?? lld;
  else lacking("wasm-ld", "needs lld-22 of Debian");
  const wasmMerge = await tried("wasm-merge", "npm", async () => {
    const folder = await installed(`binaryen@${BINARYEN}`, log);
    versions.binaryen = BINARYEN;
    return folder && `${folder}/binaryen/bin/wasm-merge`;
  });
  const bun = await tried("Bun", "npm", async () => {
    const folder = await installed(`bun@${BUN}`, log);
    if (!folder) return null;
    const path = `${folder}/bun/bin/bun.exe`;
    versions.bun = await output([path, "--version"]);
    return path;
  });
  return { native, walrus, wasmLd, wasmMerge, node: node && "node", bun, versions, skipped };
}

/**
 * The engines that are there, and how each runs a script.
 *
 * @param peers Who is there.
 * @param script A script for all of them.
 * @returns Names and commands.
 */
export function engines({ node, bun }: Peers, script: string): [name: string, command: string[]][] {
  const found: [string, string[]][] = [
    ["Deno", [Deno.execPath(), "run", "--no-check", "--allow-read", script]],
  ];
  if (node) found.push(["Node", [node, script]]);
  if (bun) found.push(["Bun", [bun, script]]);
  return found;
}

async function build(cargo: string, args: string[], env: Record<string, string> = {}) {
  await output([cargo, "build", "--quiet", "--release", "--locked", ...args], {
    cwd: crate,
    env: { CARGO_TARGET_DIR: target, ...env },
  });
}

/** Installs a package of npm into the cache. Gives its `node_modules`. */
async function installed(spec: string, log: (line: string) => void): Promise<string | null> {
  if (!await version("npm", "--version")) return null;
  const folder = `${cache}/bench/npm-${spec.replace("@", "-")}`;
  if (!await Deno.stat(`${folder}/done`).catch(() => null)) {
    log(`installing ${spec}`);
    await Deno.mkdir(folder, { recursive: true });
    const quiet = ["--no-audit", "--no-fund", "--no-update-notifier"];
    await output(["npm", "install", "--prefix", folder, ...quiet, spec], { cwd: folder });
    await Deno.writeTextFile(`${folder}/done`, spec);
  }
  return `${folder}/node_modules`;
}

/** The version in the lockfile. */
async function walrusVersion(): Promise<string> {
  const lock = await Deno.readTextFile(new URL("Cargo.lock", crate));
  return /name = "walrus"\nversion = "([^"]*)"/.exec(lock)?.[1] ?? "unknown";
}
