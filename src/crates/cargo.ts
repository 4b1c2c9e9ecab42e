/**
 * A crate → the linker's own output, with relocation records.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { ResolvedCrate } from "../config/crates.ts";
import type { WasmShareProblem } from "../errors.ts";
import { fileFailure, reasonOf } from "../paths.ts";
import { type CrateFacts, featureArgs, TARGET } from "./metadata.ts";
import { runTool, toolFailure, type Tools } from "./tools.ts";

/** What is read of a message of cargo. */
interface CargoMessage {
  reason: string;
  package_id?: string;
  filenames?: string[];
}

/**
 * Builds a crate.
 *
 * `cargo rustc` gives the flag to the compiler of this one crate, in addition to all others: flags of the
 * user (`RUSTFLAGS`, `.cargo/config.toml`) stay, and dependencies are not built anew. `--crate-type` makes
 * a module of a library that is none by itself.
 *
 * @param tools The programs.
 * @param crate The crate.
 * @param facts What cargo said of it.
 * @param written Its folder for messages.
 * @returns The module, or what is wrong.
 */
export async function buildCrate(
  tools: Tools,
  crate: ResolvedCrate,
  { id }: CrateFacts,
  written: string,
): Promise<{ bytes: Uint8Array } | { problem: WasmShareProblem }> {
  const path = `${crate.entry}.crate`;
  const tried = `build crate "${written}"`;
  const args = ["rustc", "--manifest-path", crate.manifest, "--lib", "--crate-type=cdylib"];
  args.push(`--profile=${crate.profile}`, `--target=${TARGET}`, ...featureArgs(crate));
  args.push("--message-format=json-render-diagnostics", "--", "-C", "link-arg=--emit-relocs");
  const result = await runTool(tools, "cargo", args, { cwd: crate.dir, asker: { tried, path } });
  if ("problem" in result) return result;
  const { code, stdout, stderr } = result.ran;
  if (code !== 0) {
    if (
      /can't find crate for `(core|std)`/.test(stderr) && /target may not be installed/.test(stderr)
    ) {
      return {
        problem: {
          code: "tool_unusable",
          message: `Cannot ${tried}: this Rust has no library for the target ${TARGET}`,
          hint: `Run: rustup target add ${TARGET}`,
          path,
        },
      };
    }
    return {
      problem: toolFailure("crate_build_failed", `Cannot ${tried}: cargo failed`, stderr, path),
    };
  }
  const messages = stdout.split("\n").filter((line) => line.startsWith("{"))
    .map((line): CargoMessage => JSON.parse(line));
  const file = messages
    .filter(({ reason, package_id }) => reason === "compiler-artifact" && package_id === id)
    .flatMap(({ filenames }) => filenames ?? [])
    .findLast((name) => name.endsWith(".wasm"));
  if (file === undefined) {
    const said = "It names no .wasm file among what it built";
    return { problem: toolFailure("crate_build_failed", `Cannot ${tried}`, said, path) };
  }
  try {
    return { bytes: new Uint8Array(await readFile(file)) };
  } catch (error) {
    const permission = fileFailure(error) === "not_permitted";
    return {
      problem: {
        code: "module_unreadable",
        message: `Cannot read module "${file}", which cargo built: ${
          permission ? "Deno has no permission to read it" : reasonOf(error)
        }`,
        ...(permission && { hint: `Run Deno with --allow-read=${file}` }),
        path,
      },
    };
  }
}
