/**
 * Addresses of functions: slots of a table.
 *
 * @module
 */
import type { LinkLayout } from "./link.ts";

/**
 * Gives functions their slots in a table: the one that a function has, first in the part of the module
 * that defines it, else a new one at the end.
 *
 * @param layout Where the slots of each module are.
 * @returns The slot of a function of the module with the position `definer`.
 */
export function slotsOf(
  { modules }: LinkLayout,
): (table: WebAssembly.Table, f: CallableFunction, definer: number) => number {
  const given = new Map<WebAssembly.Table, Map<CallableFunction, number>>();
  return (table, f, definer) => {
    let known = given.get(table);
    if (!known) given.set(table, known = new Map());
    const find = (from: number, to: number) => {
      for (let slot = from; slot < to; slot++) if (table.get(slot) === f) return slot;
    };
    const part = modules[definer].table;
    const slot = known.get(f) ??
      (part?.shared ? find(part.start, Math.min(part.end, table.length)) : undefined) ??
      find(0, table.length) ??
      table.grow(1, f);
    // It stays, whatever later modules put into slots of theirs.
    known.set(f, slot);
    return slot;
  };
}
