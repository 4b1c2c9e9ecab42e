/**
 * What cargo says of a crate before it is built.
 *
 * @module
 */
import type { WasmShareProblem } from "../errors.ts";
import type { ResolvedCrate } from "../config/crates.ts";
import { runTool, toolFailure, type Tools } from "./tools.ts";

/** The target of every crate. */
export const TARGET: string = "wasm32-unknown-unknown";

/** A crate that can be built. */
export interface CrateFacts {
  /** Cargo's name for the package and its version. */
  id: string;
  /** The version of wasm-bindgen in the lock file; `null` if the crate does not depend on it. */
  wasmBindgen: string | null;
  /** Absolute path of the folder that cargo builds to. */
  targetDirectory: string;
}

/** What is read of `cargo metadata`. */
interface Metadata {
  packages: { id: string; name: string; version: string; targets: { kind: string[] }[] }[];
  resolve: {
    root: string | null;
    nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[];
  };
  target_directory: string;
}

/** Kinds of targets that can become a module. */
const LIBRARIES: readonly string[] = ["lib", "rlib", "dylib", "cdylib", "staticlib"];

/**
 * Looks a crate up.
 *
 * @param tools The programs.
 * @param crate The crate.
 * @param written Its folder for messages.
 * @returns What is known, or what is wrong.
 */
export async function crateFacts(
  tools: Tools,
  crate: ResolvedCrate,
  written: string,
): Promise<{ facts: CrateFacts } | { problem: WasmShareProblem }> {
  const path = `${crate.entry}.crate`;
  const args = ["metadata", "--format-version=1", `--filter-platform=${TARGET}`];
  args.push("--manifest-path", crate.manifest, ...featureArgs(crate));
  const tried = `look up crate "${written}"`;
  const result = await runTool(tools, "cargo", args, { cwd: crate.dir, asker: { tried, path } });
  if ("problem" in result) return result;
  const { code, stdout, stderr } = result.ran;
  if (code !== 0) {
    return {
      problem: toolFailure("crate_invalid", `Cannot ${tried}: cargo refuses it`, stderr, path),
    };
  }
  const { packages, resolve, target_directory }: Metadata = JSON.parse(stdout);
  const invalid = (found: string, hint: string) => ({
    problem: { code: "crate_invalid" as const, message: `Cannot ${tried}: ${found}`, hint, path },
  });
  const root = packages.find(({ id }) => id === resolve.root);
  if (root === undefined) {
    const found = "its Cargo.toml is that of a workspace, and has no package";
    return invalid(found, "Name the folder of one of its members");
  }
  if (!root.targets.some(({ kind }) => kind.some((each) => LIBRARIES.includes(each)))) {
    return invalid(
      `package "${root.name}" has no library`,
      'Move its code to src/lib.rs, with crate-type = ["cdylib"] in [lib]',
    );
  }
  const used = dependencies(resolve.nodes, root.id);
  const bindgen = packages.find(({ id, name }) => name === "wasm-bindgen" && used.has(id));
  return {
    facts: {
      id: root.id,
      wasmBindgen: bindgen?.version ?? null,
      targetDirectory: target_directory,
    },
  };
}

/** The packages that end up in a module: not those that only build or test it. */
function dependencies(nodes: Metadata["resolve"]["nodes"], root: string): Set<string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const used = new Set([root]);
  // A set is walked in the order in which it grows.
  for (const id of used) {
    for (const { pkg, dep_kinds } of byId.get(id)?.deps ?? []) {
      if (dep_kinds.some(({ kind }) => kind === null)) used.add(pkg);
    }
  }
  return used;
}

/**
 * The arguments of cargo that turn features on.
 *
 * @param crate The crate.
 * @returns The arguments; none if there are no features.
 */
export function featureArgs({ features }: ResolvedCrate): string[] {
  return features.length > 0 ? [`--features=${features.join(",")}`] : [];
}
