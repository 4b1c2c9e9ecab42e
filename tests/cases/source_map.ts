/**
 * DWARF → a source map, for the recipes of cases with debug information. (LLVM has no such tool.)
 *
 * ```
 * deno run -A ../source_map.ts DIRECTORY NAME
 * ```
 *
 * Writes `NAME.wasm.map` beside `NAME.wasm` in the directory, and adds a section `sourceMappingURL`
 * that names it. Sources that lie in the current folder are part of the map.
 */
import { writeVlq } from "../../src/source_map.ts";
import { codeStart, lineTable } from "../host/dwarf.ts";
import { assemble, sections } from "../host/sections.ts";

/** The source map of a module with a line table. */
export async function sourceMap(module: Uint8Array, file: string): Promise<string> {
  const start = codeStart(module);
  const sources: string[] = [];
  const segments: string[] = [];
  let last = [0, 0, 0, 0];
  const rows = lineTable(module);
  for (const [at, { address, file, line, column }] of rows.entries()) {
    // Of several rows at one address the last one counts.
    if (rows[at + 1]?.address === address) continue;
    const known = file !== null && line > 0;
    if (known && !sources.includes(file)) sources.push(file);
    const next = known
      ? [start + address, sources.indexOf(file), line - 1, Math.max(column - 1, 0)]
      : [start + address];
    segments.push(next.map((value, field) => writeVlq(value - last[field])).join(""));
    last = [...next, ...last.slice(next.length)];
  }
  const sourcesContent = await Promise.all(
    sources.map((path) => Deno.readTextFile(path).catch(() => null)),
  );
  const map = { version: 3, file, sources, sourcesContent, names: [], mappings: segments.join() };
  return `${JSON.stringify(map)}\n`;
}

/** A module with one more section, `sourceMappingURL`. */
export function withSourceMappingUrl(module: Uint8Array, url: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(url);
  if (text.length > 127) throw new Error(`Cannot name "${url}": it is too long`);
  const bytes = new Uint8Array([text.length, ...text]);
  const added = assemble([{ id: 0, name: "sourceMappingURL", bytes }]).subarray(8);
  return new Uint8Array([...module, ...added]);
}

if (import.meta.main) {
  const [folder, name] = Deno.args;
  const path = `${folder}/${name}.wasm`;
  const module = await Deno.readFile(path);
  if (sections(module).some(({ name }) => name === "sourceMappingURL")) {
    throw new Error(`${path} has a source map`);
  }
  await Deno.writeTextFile(`${path}.map`, await sourceMap(module, `${name}.wasm`));
  await Deno.writeFile(path, withSourceMappingUrl(module, `${name}.wasm.map`));
}
