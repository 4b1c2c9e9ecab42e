/**
 * Calls of the cases with debug information that trap, and the lines that the stack must show:
 * those with a comment `trap: …` or `call: …` in the sources.
 *
 * @module
 */
import { rowAt } from "./dwarf.ts";
import { traceMapping } from "./npm.ts";

/** A call that traps. */
export interface Trap {
  /** Folder of the case. */
  module: "debug-c" | "debug-rust";
  export: string;
  args: number[];
  /** The comment in the line that traps; absent if it is in a library. */
  inner?: string;
  /** The comment in the line of the exported function. */
  outer: string;
}

/** All of them. */
export const TRAPS: readonly Trap[] = [
  { module: "debug-c", export: "stock_at", args: [6], outer: "trap: check" },
  {
    module: "debug-c",
    export: "stock_total",
    args: [7],
    inner: "trap: check",
    outer: "call: stock_total",
  },
  { module: "debug-c", export: "stock_share", args: [1, 0], outer: "trap: stock_share" },
  { module: "debug-c", export: "stock_far", args: [0], outer: "trap: stock_far" },
  { module: "debug-rust", export: "tree_letter", args: [3], outer: "call: tree_letter" },
  { module: "debug-rust", export: "tree_share", args: [0], outer: "call: tree_share" },
  { module: "debug-rust", export: "tree_far", args: [0], outer: "trap: tree_far" },
];

/** Where a comment is: `stock.c:36`. */
export function lineOf({ module }: Trap, comment: string): string {
  const root = new URL(`../cases/${module}/`, import.meta.url);
  const files = [...Deno.readDirSync(root)].map(({ name }) => name);
  if (files.includes("src")) {
    files.push(...[...Deno.readDirSync(new URL("src/", root))].map(({ name }) => `src/${name}`));
  }
  for (const file of files.filter((file) => /\.(c|h|rs)$/.test(file))) {
    const lines = Deno.readTextFileSync(new URL(file, root)).split("\n");
    const at = lines.findIndex((line) => new RegExp(`${comment}( \\*/)?$`).test(line));
    if (at >= 0) return `${file}:${at + 1}`;
  }
  throw new Error(`No line of ${module} has the comment "${comment}"`);
}

/** The offsets in a module's file that a stack trace shows, innermost first. */
export function offsetsOf(stack: string): number[] {
  return [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, hex]) =>
    parseInt(hex, 16)
  );
}

/** The line of an offset by the source map: `stock.c:36`, or `null:null` for none. */
export function lineByMap(map: string, offset: number): string {
  const trace = new traceMapping.TraceMap(map);
  const position = { line: 1, column: offset };
  const { source, line } = traceMapping.originalPositionFor(trace, position);
  return `${source}:${line}`;
}

/** The same by the line table. */
export function lineByDwarf(module: Uint8Array, offset: number): string {
  const { file, line } = rowAt(module, offset) ?? { file: null, line: 0 };
  if (file === null || line === 0) return "null:null";
  return `${file.replace(/\/\w+\/\w+\/\.\.\/\.\.\//, "/")}:${line}`; // without ".."
}
