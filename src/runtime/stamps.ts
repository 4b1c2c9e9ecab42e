/**
 * Whether modules are of one build.
 *
 * @module
 */
import type { BuildStamp } from "../core/types.ts";
import type { WasmShareProblem } from "../errors.ts";
import type { LinkInput } from "./link.ts";

/**
 * Finds the modules that are not of this build: in one memory they would overlap in silence.
 *
 * @param inputs The modules in the order of the layout.
 * @param build The build that they must be of.
 * @returns A problem for each that is not.
 */
export function checkStamps(inputs: readonly LinkInput[], build: string): WasmShareProblem[] {
  return inputs.flatMap(({ name, module, path }, index) => {
    const state = stampState(WebAssembly.Module.customSections(module, "wasm-share"));
    const found = typeof state === "string"
      ? state
      : state.build !== build
      ? `it is of build "${state.build}", and "${build}" is expected`
      : state.index !== index || state.module !== name
      ? `it is module ${state.index} ("${state.module}") of the build, and module ${index} is expected`
      : "";
    return !found ? [] : [{
      code: "build_mismatch",
      message: `Cannot instantiate module "${name}": ${found}`,
      hint: "Run wasm-share combine again, and replace all its files together",
      module: name,
      path,
    }];
  });
}

function stampState(sections: ArrayBuffer[]): BuildStamp | string {
  if (sections.length !== 1) return `it carries ${sections.length || "no"} "wasm-share" section`;
  try {
    const stamp: BuildStamp = JSON.parse(new TextDecoder().decode(sections[0]));
    return stamp.v === 1 ? stamp : `its "wasm-share" section is of version "${stamp.v}"`;
  } catch {
    return 'its "wasm-share" section is not JSON';
  }
}
