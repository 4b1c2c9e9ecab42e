/**
 * Tables and numbers as text.
 *
 * @module
 */
import type { BenchTable } from "./record.ts";

/** Columns a text takes: no character here is wider than one. */
const width = (text: string) => [...text].length;

/** Numbers and what looks like them go to the right. */
const isNumber = (text: string) => /^[-+<≥]?[\d.]|^–?$/.test(text);

/**
 * A table for the terminal.
 *
 * @param table The table.
 * @returns Lines of text.
 */
export function renderTable({ title, columns, rows }: BenchTable): string {
  const right = columns.map((_, at) => at > 0 && rows.every((row) => isNumber(row[at])));
  const widths = columns.map((name, at) =>
    Math.max(...[name, ...rows.map((row) => row[at])].map(width))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => {
      const space = " ".repeat(widths[at] - width(cell));
      return right[at] ? space + cell : cell + space;
    }).join("  ").trimEnd();
  return [title, line(columns), line(widths.map((each) => "─".repeat(each))), ...rows.map(line)]
    .join("\n");
}

/**
 * A number with three digits that count.
 *
 * @param value The number.
 * @returns Text without an exponent.
 */
export function digits(value: number): string {
  if (value === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(places, 4));
}

/**
 * Milliseconds.
 *
 * @param value The time in milliseconds.
 * @returns The time with its unit.
 */
export function ms(value: number): string {
  if (value >= 10_000) return `${digits(value / 1000)} s`;
  return value >= 0.1 ? `${digits(value)} ms` : `${digits(value * 1000)} µs`;
}

/**
 * A size.
 *
 * @param bytes The size in bytes.
 * @returns The size with its unit; MB are 10^6 bytes.
 */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${digits(bytes / 1e3)} KB` : `${digits(bytes / 1e6)} MB`;
}

/**
 * A throughput.
 *
 * @param bytes How much.
 * @param time In how many milliseconds.
 * @returns The throughput with its unit.
 */
export function speed(bytes: number, time: number): string {
  const perSecond = bytes / time * 1000;
  return perSecond < 1e9 ? `${digits(perSecond / 1e6)} MB/s` : `${digits(perSecond / 1e9)} GB/s`;
}

/**
 * A ratio.
 *
 * @param value The ratio.
 * @returns The ratio with two places, or with three digits.
 */
export function times(value: number): string {
  return `${value < 10 ? value.toFixed(2) : digits(value)} x`;
}
