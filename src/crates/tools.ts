/**
 * The programs that build crates: which there are, and what is said if one of them cannot be run.
 *
 * @module
 */
import type { WasmShareErrorCode, WasmShareProblem } from "../errors.ts";
import { type DidNotRun, type Ran, run } from "./run.ts";

/** Names or paths of the programs. */
export interface Tools {
  /** Environment variable `CARGO`. */
  cargo: string;
  /** Environment variable `WASM_BINDGEN`. */
  wasmBindgen: string;
  /** Environment variable `WASM_OPT`. */
  wasmOpt: string;
}

/** The programs as they are called on `PATH`. */
export const DEFAULT_TOOLS: Tools = {
  cargo: "cargo",
  wasmBindgen: "wasm-bindgen",
  wasmOpt: "wasm-opt",
};

/** Who needs a program, and where the config asks for it. */
export interface Asker {
  /** What is tried: `build crate "crates/parser"`. */
  tried: string;
  /** Path in the config. */
  path: string;
}

/** What installs a program. */
const INSTALLS: Record<keyof Tools, (version: string) => string> = {
  cargo: () => "Install Rust (https://rustup.rs), or set CARGO to the path of cargo",
  wasmBindgen: (version) =>
    `Run: cargo install wasm-bindgen-cli --version =${version}; or set WASM_BINDGEN to its path`,
  wasmOpt: () => "Run: npm install --global binaryen; or set WASM_OPT to its path",
};

/** What the environment variables are called. */
const NAMES: Record<keyof Tools, string> = {
  cargo: "cargo",
  wasmBindgen: "wasm-bindgen",
  wasmOpt: "wasm-opt",
};

/**
 * Runs a tool.
 *
 * @param tools The programs.
 * @param tool Which one.
 * @param args Its arguments.
 * @param more The folder that it runs in; who needs it; the version that is needed, for `wasm-bindgen`.
 * @returns What it said, or the problem that it cannot be run.
 */
export async function runTool(
  tools: Tools,
  tool: keyof Tools,
  args: readonly string[],
  { cwd, asker, version = "" }: { cwd: string; asker: Asker; version?: string },
): Promise<{ ran: Ran } | { problem: WasmShareProblem }> {
  const result = await run(tools[tool], args, cwd);
  if ("code" in result) return { ran: result };
  return { problem: notRun(tools, tool, result, asker, version) };
}

function notRun(
  tools: Tools,
  tool: keyof Tools,
  { failure, reason }: DidNotRun,
  { tried, path }: Asker,
  version: string,
): WasmShareProblem {
  const program = tools[tool];
  const [found, hint] = {
    missing: [
      program === NAMES[tool] ? "it is not on PATH" : "there is no such program",
      INSTALLS[tool](version),
    ],
    not_permitted: [
      "Deno has no permission to run it",
      `Run Deno with --allow-run=${Object.values(tools).join(",")}`,
    ],
    other: [reason, INSTALLS[tool](version)],
  }[failure];
  return {
    code: "tool_unusable",
    message: `Cannot ${tried} with "${program}": ${found}`,
    hint,
    path,
  };
}

/**
 * Says that a tool failed, in its own words.
 *
 * @param code Code of the problem.
 * @param message What was tried.
 * @param said What the tool wrote.
 * @param path Path in the config.
 * @returns The problem, with what the tool said as its hint.
 */
export function toolFailure(
  code: WasmShareErrorCode,
  message: string,
  said: string,
  path: string,
): WasmShareProblem {
  // Cargo ends with the error, whatever it compiled before.
  const kept = said.split("\n").filter((line) => !/^ {2,11}[A-Z][a-z]+ /.test(line));
  const lines = kept.join("\n").trim().split("\n").slice(-MAX_LINES);
  return { code, message, hint: lines.join("\n    ") || "It says nothing", path };
}

/** Of a long complaint the end is shown. */
const MAX_LINES = 60;
