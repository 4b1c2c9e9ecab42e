/**
 * A module before and after it was moved → its source map right again, or gone. A map that points
 * to wrong lines is never left.
 *
 * @module
 */
import { WasmShareError, type WasmShareWarning } from "./errors.ts";
import { shiftSourceMap } from "./source_map.ts";
import {
  codeShift,
  readString,
  replaceSection,
  sectionsOf,
  type WasmSection,
  writeString,
} from "./wasm_sections.ts";

/** Name of the custom section that names a module's source map. */
const SECTION = "sourceMappingURL";
const DATA_URL = /^data:([^,]*),/i;

/** A moved module, and what became of its source map. */
export interface MovedSourceMap {
  /** The module, with another `sourceMappingURL` or without one. */
  bytes: Uint8Array;
  /** By how many bytes its code lies later in the file than before. */
  shift: number;
  /** The map to put beside the module, if it is not in the module itself. */
  map: string | null;
  /** Why the map was dropped. */
  warning?: WasmShareWarning;
}

/**
 * The file of a module's source map, as {@linkcode moveSourceMap} names it.
 *
 * @param name Name of the module.
 * @returns File name.
 */
export function sourceMapFile(name: string): string {
  return `${name}.wasm.map`;
}

/**
 * What a module says of its source map.
 *
 * @param module The module.
 * @returns The URL; `null` if the section cannot be read, or is there twice; `undefined` if there
 *   is none.
 */
export function sourceMapUrl(module: Uint8Array): string | null | undefined {
  const found = mapSections(module);
  if (found.length === 0) return undefined;
  const [{ content, end }] = found;
  return found.length > 1 ? null : readString(module.subarray(content, end));
}

/**
 * The text of a map in a `data:` URL.
 *
 * @param url Any URL.
 * @returns The text; `null` if it cannot be decoded; `undefined` if this is no `data:` URL.
 */
export function readDataUrl(url: string): string | null | undefined {
  const head = DATA_URL.exec(url);
  if (head === null) return undefined;
  try {
    const text = decodeURIComponent(url.slice(head[0].length));
    if (!/;\s*base64\s*$/i.test(head[1])) return text;
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * A map as a `data:` URL.
 *
 * @param text The map.
 * @returns The URL.
 */
export function writeDataUrl(text: string): string {
  let binary = "";
  const bytes = new TextEncoder().encode(text);
  // In pieces: arguments of one call are limited.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return `data:application/json;base64,${btoa(binary)}`;
}

/**
 * Shifts the source map of a module as its code was shifted.
 *
 * @param name Name of the module.
 * @param before The module before it was moved.
 * @param moved The module after that, with the same `sourceMappingURL`. If it has none and a map is
 *   given, one is added.
 * @param given The text of the map, or a `data:` URL with it: then the module holds the new map. `null`
 *   drops the map. By default only a map that is in the module is known.
 * @returns The module, and the map if it belongs beside it.
 */
export function moveSourceMap(
  name: string,
  before: Uint8Array,
  moved: Uint8Array,
  given?: string | null,
): MovedSourceMap {
  const after = typeof given === "string" && sourceMapUrl(moved) === undefined
    ? replaceSection(moved, { start: moved.length, end: moved.length }, SECTION, writeString(""))
    : moved;
  const plain = codeShift(before, after);
  const url = sourceMapUrl(after);
  if (url === undefined) return { bytes: after, shift: plain, map: null };

  const drop = (what: string, hint: string): MovedSourceMap => {
    const bytes = withoutSourceMap(after);
    const warning = sourceMapWarning(name, url, what, hint);
    return { bytes, shift: codeShift(before, bytes), map: null, warning };
  };
  if (given === null) return { ...drop("", ""), warning: undefined };
  if (url === null) return drop("its section cannot be read", "Add it again, once");

  const inside = readDataUrl(given ?? url);
  const text = inside === undefined ? given : inside;
  if (text === undefined) {
    if (plain === 0) return { bytes: after, shift: 0, map: null };
    return drop(
      `the code lies ${count(Math.abs(plain))} ${plain > 0 ? "later" : "earlier"} in the file`,
      /^[a-z][a-z0-9+.-]*:/i.test(url)
        ? "Put the map beside the module, and name it in sourceMappingURL by its file name"
        : "Give the text of the map as sourceMap of the module",
    );
  }
  const hint =
    "Make the map again, of version 3, with offsets in the linker's own output as columns";
  if (text === null) return drop("its data: URL cannot be decoded", hint);
  try {
    return write(name, before, after, text, inside !== undefined);
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
    return drop(error.errors[0].message.replace(/^Cannot shift the source map: /, ""), hint);
  }
}

/**
 * A warning about a source map that is no longer there.
 *
 * @param module Name of the module.
 * @param url What the module said of its map.
 * @param what Why it was dropped.
 * @param hint What to change.
 * @returns The warning.
 */
export function sourceMapWarning(
  module: string,
  url: string | null,
  what: string,
  hint: string,
): WasmShareWarning {
  const shown = !url ? "" : ` "${url.length > 80 ? `${url.slice(0, 77)}…` : url}"`;
  return {
    code: "source_map_dropped",
    message: `The source map${shown} was dropped: ${what}`,
    hint,
    module,
    section: SECTION,
  };
}

/** Writes the module with its new map. The length of the section can shift the code once more. */
function write(
  name: string,
  before: Uint8Array,
  after: Uint8Array,
  text: string,
  inside: boolean,
): MovedSourceMap {
  const [section] = mapSections(after);
  const file = sourceMapFile(name);
  // Inside, it is never shorter than in the round before, so that this comes to rest.
  let length = 0;
  for (let shift = codeShift(before, after);;) {
    const map = shiftSourceMap(text, shift, inside ? undefined : `${name}.wasm`).padEnd(length);
    if (inside) length = map.length;
    const url = inside ? writeDataUrl(map) : encodeURIComponent(file);
    const bytes = replaceSection(after, section, SECTION, writeString(url));
    const next = codeShift(before, bytes);
    if (next === shift) return { bytes, shift, map: inside ? null : `${map}\n` };
    shift = next;
  }
}

/**
 * Takes the section out. Where records are kept, which count sections, an empty one stays in its
 * place.
 */
function withoutSourceMap(module: Uint8Array): Uint8Array {
  const kept = sectionsOf(module).some(({ name }) =>
    name === "linking" || name.startsWith("reloc.")
  );
  return mapSections(module).reduceRight(
    (bytes, section) => replaceSection(bytes, section, kept ? "" : null),
    module,
  );
}

const count = (bytes: number) => `${bytes} byte${bytes === 1 ? "" : "s"}`;

function mapSections(module: Uint8Array): WasmSection[] {
  return sectionsOf(module).filter(({ id, name }) => id === 0 && name === SECTION);
}
