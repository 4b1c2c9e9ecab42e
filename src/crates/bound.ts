/**
 * A moved module before and after other tools rewrote it: whether it still is what the layout says.
 *
 * @module
 */
import type { LayoutModule } from "../core/types.ts";
import { replaceSection, sectionsOf } from "../wasm_sections.ts";

const STAMP = "wasm-share";

/**
 * Checks a module that was rewritten.
 *
 * @param before The moved module, as `combine` made it.
 * @param after What the tools made of it.
 * @param placed Where it lives.
 * @returns The module with its stamp, and the names of its memory import; or what is wrong, in words.
 */
export async function checkBound(
  before: Uint8Array,
  after: Uint8Array,
  placed: LayoutModule,
): Promise<
  { bytes: Uint8Array; memoryImport: [module: string, name: string] | null } | string
> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(after as Uint8Array<ArrayBuffer>);
  } catch (error) {
    return `this host cannot compile it: ${error instanceof Error ? error.message : error}`;
  }
  const memories = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "memory");
  const sections = sectionsOf(after);
  if (memories.length > 1 || sections.some(({ id }) => id === MEMORY)) {
    return "it has a memory of its own";
  }
  if (placed.memoryImport !== null && memories.length === 0) return "it imports no memory";
  const outside = segmentStarts(after).find(({ start, size }) =>
    size > 0 &&
    (placed.data === null || start < placed.data.start || start + size > placed.data.end)
  );
  if (outside !== undefined) {
    return `its data at 0x${outside.start.toString(16)} is not where it was placed`;
  }
  const [memory] = memories;
  return {
    bytes: stamped(before, after),
    memoryImport: memory ? [memory.module, memory.name] : null,
  };
}

const MEMORY = 5, DATA = 11;

/** The module with the stamp of its build, if a tool has dropped or changed it. */
function stamped(before: Uint8Array, after: Uint8Array): Uint8Array {
  const find = (bytes: Uint8Array) =>
    sectionsOf(bytes).find(({ id, name }) => id === 0 && name === STAMP);
  const stamp = find(before);
  if (stamp === undefined) return after;
  const content = before.subarray(stamp.content, stamp.end);
  const present = find(after);
  if (present && same(after.subarray(present.content, present.end), content)) return after;
  return replaceSection(
    after,
    present ?? { start: after.length, end: after.length },
    STAMP,
    content,
  );
}

/** Where the active data segments of a module start, and how long they are, in bytes. */
function segmentStarts(bytes: Uint8Array): { start: number; size: number }[] {
  const section = sectionsOf(bytes).find(({ id }) => id === DATA);
  if (section === undefined) return [];
  let at = section.content;
  const leb = (signed = false): number => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return Number(signed && byte & 0x40 ? value - (1n << (shift + 7n)) : value);
      }
    }
  };
  const found: { start: number; size: number }[] = [];
  for (let count = leb(); count > 0; count--) {
    const flags = leb();
    if (flags === 2) leb();
    let start: number | null = null;
    if (flags !== 1) {
      at++; // i32.const, which the moved module has everywhere
      start = leb(true) >>> 0;
      at++; // end
    }
    const size = leb();
    at += size;
    if (start !== null) found.push({ start, size });
  }
  return found;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
