/**
 * A project without modules → what to build, and how. Pure.
 *
 * @module
 */
import { WasmShareError } from "../errors.ts";
import { crateOf, WASM_TARGET } from "./cargo.ts";
import { cargoAdvice } from "./flags.ts";
import { inside, type Project, stemOf } from "./project.ts";
import type { LeftOut } from "./select.ts";

/**
 * The error that says that there is no module to write into a config.
 *
 * @param project What was found.
 * @param leftOut Files that cannot be in a config.
 * @returns `module_not_found`, or the reason of each file.
 */
export function nothingFound(project: Project, leftOut: readonly LeftOut[]): WasmShareError {
  const hints: string[] = [];
  const cargo = project.folders.filter(({ files }) => files["Cargo.toml"] !== undefined);
  const build = project.folders.flatMap(({ dir, files }) =>
    OTHERS.filter((name) => files[name] !== undefined).map((name) => inside(dir, name))
  );
  const root = cargo.find(({ dir }) => dir.startsWith("..")) ?? cargo[0];
  if (root !== undefined) {
    const advice = cargoAdvice(
      { dir: root.dir, triple: WASM_TARGET, profile: "release" },
      project.folders,
    );
    const crates = cargo.map(crateOf).filter((crate) => crate !== null);
    if (crates.length > 0 && !crates.some(({ cdylib }) => cdylib)) {
      const file = inside(crates[0].dir, "Cargo.toml");
      hints.push(`For a library, set crate-type = ["cdylib"] in [lib] in "${file}"`);
    }
    if (advice.lines.length > 0) hints.push([advice.say, ...advice.lines].join("\n      "));
    hints.push(`Build: ${advice.then}`);
  } else if (build.length > 0) hints.push(`Build what "${build[0]}" makes`);
  else hints.push("Build a module");
  const [first] = project.elsewhere;
  hints.push(
    first === undefined
      ? "Then run init again, or name the modules: init a.wasm b.wasm"
      : `Or name modules: "${first.dir}" has ${first.count}`,
  );
  const problems = leftOut.map(({ path, reason }) => `"${path}": ${reason}`);
  const what = leftOut.length > 0 ? "no module that can be used" : "no module";
  return new WasmShareError({
    code: "module_not_found",
    message: `Cannot write a config: there is ${what} in the places where builds put them` +
      (problems.length > 0 ? ` (${problems.join("; ")})` : ""),
    hint: [...hints, ...project.notes].join("\n    "),
  });
}

const OTHERS = ["build.zig", "CMakeLists.txt", "Makefile", "makefile", "GNUmakefile"];

/**
 * Crates that become a module and have not been built.
 *
 * @param project What was found.
 * @returns One sentence for each.
 */
export function notBuilt({ folders, modules }: Project): string[] {
  const built = new Set(modules.map(({ path }) => stemOf(path)));
  return folders.map(crateOf)
    .filter((crate) => crate?.cdylib && !crate.stems.some((stem) => built.has(stem)))
    .map((crate) => {
      const file = inside(crate!.dir, "Cargo.toml");
      return `The crate "${crate!.name}" ("${file}") is not built for WebAssembly yet: ` +
        "build it and run init again with --force, or add it to the config";
    });
}
