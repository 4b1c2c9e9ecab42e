/**
 * A build → everything that its output folder should hold.
 *
 * @module
 */
import type { ResolvedConfig } from "../config/resolve.ts";
import type { Combined } from "../core/options.ts";
import type { Glue } from "../crates/glue.ts";
import { sourceMapFile } from "../move_source_map.ts";
import { generateLoader } from "./loader.ts";
import { manifestText, type MemoryFile } from "./manifest.ts";
import { packageFile, packageText } from "./package.ts";
import { generateWrapper } from "./wrapper.ts";

/** What was built. */
export interface Built {
  combined: Combined;
  /** The bytes of each input. */
  inputs: readonly Uint8Array[];
  /** The version of wasm-bindgen that bound each module; `null` if none did. */
  bindgen: readonly (string | null)[];
  /** The glue of each module; `null` if it has none. */
  glue: readonly (Glue | null)[];
}

/**
 * Modules, loader or package, manifest.
 *
 * @param config The config.
 * @param built What was built.
 * @param manifests File names that an earlier run may have given to its manifest.
 * @returns The files.
 */
export async function generateOutputs(
  { modules, output }: ResolvedConfig,
  { combined, inputs, bindgen, glue }: Built,
  manifests: readonly string[],
): Promise<MemoryFile[]> {
  const { dir, loader, inline, manifest } = output;
  const files = combined.names.map((name) => ({ name, path: `${name}.wasm` }));
  const outputs: MemoryFile[] = inline ? [] : files.flatMap(({ name, path }, index) => {
    const map = combined.sourceMaps[index];
    return [
      { path, bytes: combined.modules[index] },
      ...(map === null ? [] : [{ path: sourceMapFile(name), bytes: utf8(map) }]),
    ];
  });
  const add = (texts: readonly { path: string; text: string }[]) =>
    outputs.push(...texts.map(({ path, text }) => ({ path, bytes: utf8(text) })));
  if (modules.some(({ crate }) => crate !== null)) {
    const snippets = glue.flatMap((each) => each?.snippets ?? []);
    for (const [index, each] of glue.entries()) {
      const { name } = files[index];
      if (!each) continue;
      add([{ path: `${name}.js`, text: each.js }, { path: `${name}.d.ts`, text: each.dts }]);
    }
    add(snippets);
    add(generateWrapper(combined, { inline, glue: glue.map((each) => each !== null) }));
    const effects = snippets.map(({ path }) => path);
    const text = packageText(output.package, outputs.map(({ path }) => path), effects);
    const npm = await packageFile(dir, manifests, text);
    if (npm !== null) outputs.push(npm);
  } else if (loader !== false) {
    add(generateLoader(combined, { loader, inline, files }));
    const npm = loader === "js" ? await packageFile(dir, manifests) : null;
    if (npm !== null) outputs.push(npm);
  }
  if (manifest !== null) {
    const sources = modules.map(({ source }, index) => ({
      path: source,
      bytes: inputs[index],
      bindgen: bindgen[index],
    }));
    const text = await manifestText(combined, sources, outputs);
    outputs.push({ path: manifest, bytes: utf8(text) });
  }
  return outputs;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
