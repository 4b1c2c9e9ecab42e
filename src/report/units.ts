/**
 * Numbers as people read them, and columns.
 *
 * @module
 */

/**
 * A size with a unit.
 *
 * @param bytes A size in bytes.
 * @returns `512 B`, `1.5 KiB`, `64 KiB`, `2.1 MiB`, `103 MiB`.
 */
export function size(bytes: number): string {
  let value = bytes;
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB"]) {
    // From here on it would be rounded to 1024.
    if (value < 1023.5) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(value < 99.95 ? 1 : 0).replace(/\.0$/, "")} ${unit}`;
}

/**
 * An address of linear memory.
 *
 * @param address In bytes; 2^32 is the end of the last region.
 * @returns Eight hexadecimal digits: `0x0001a000`.
 */
export function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, "0")}`;
}

/**
 * A number of things.
 *
 * @param n How many.
 * @param one Their name for one.
 * @param many Their name for others.
 * @returns `1 slot`, `2 slots`.
 */
export function count(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/**
 * A duration.
 *
 * @param milliseconds How long.
 * @returns `0.8 ms`, `42 ms`, `1.3 s`.
 */
export function duration(milliseconds: number): string {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/**
 * Rows → lines with aligned columns.
 *
 * @param rows Cells; every row has as many.
 * @param right Indices of the columns that are aligned to the right.
 * @returns One line a row, two spaces between columns, none at the end.
 */
export function columns(rows: readonly (readonly string[])[], right: number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
    ).join("  ").trimEnd()
  );
}
