/**
 * What one run says, as data: the JSON file, from which the table and the page are made.
 *
 * @module
 */
import type { Summary } from "./stats.ts";

/** A number that was measured. */
export interface Measure extends Summary {
  /** What it was measured on: a module, a program, a number of modules. */
  subject: string;
  /** Who or what was measured. */
  contestant: string;
  unit: "ms" | "ns" | "MB/s" | "KiB" | "bytes" | "x" | "1/s";
}

/** A table for people. The first column names the row; numbers are on the right. */
export interface BenchTable {
  title: string;
  columns: string[];
  rows: string[][];
}

/** A plot for people. */
export interface Plot {
  title: string;
  kind: "lines" | "bars";
  /** What is on the axes. Both are logarithmic for lines; for bars `x` is not used. */
  x: string;
  y: string;
  series: { name: string; points: { x: number; y: number; label?: string }[] }[];
  /** Bars: a line here, what the others are compared with. */
  mark?: number;
}

/** Something that the project promises itself. */
export interface Target {
  what: string;
  wanted: string;
  measured: string;
  met: boolean;
  /** Why it is missed, or what limits what was measured. */
  why?: string;
}

/** One section of the suite. */
export interface Section {
  name: string;
  title: string;
  /** Answers that were looked at, all of them right: a wrong one ends the run. */
  checks: number;
  measures: Measure[];
  tables: BenchTable[];
  plots: Plot[];
  notes: string[];
  targets: Target[];
  /** What could not run here, and what brings it. */
  skipped: string[];
  seconds: number;
}

/** The machine, without a name. */
export interface Machine {
  cpu: string;
  cores: number;
  memory: string;
  system: string;
}

/** One run. */
export interface BenchRecord {
  format: 1;
  /** Day of the run. */
  date: string;
  /** The commit, with `+` if files were changed since. */
  commit: string;
  /** The short run: too few rounds to quote. */
  short: boolean;
  machine: Machine;
  /** Programs and libraries that took part. */
  versions: Record<string, string>;
  /** Load average (one minute) before and after. */
  load: [number, number];
  sections: Section[];
  seconds: number;
}

const text = (value: unknown) => typeof value === "string";
const finite = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const UNITS = ["ms", "ns", "MB/s", "KiB", "bytes", "x", "1/s"];

/**
 * Looks at a record.
 *
 * @param value What was read, or is about to be written.
 * @returns What is wrong with it, by path; nothing if it is a {@linkcode BenchRecord}.
 */
export function recordFaults(value: unknown): string[] {
  const faults: string[] = [];
  const need = (is: boolean, path: string) => {
    if (!is) faults.push(path);
  };
  const record = (value ?? {}) as BenchRecord;
  need(record.format === 1, "format");
  need(/^\d{4}-\d\d-\d\d$/.test(record.date), "date");
  for (const key of ["commit"] as const) need(text(record[key]), key);
  need(typeof record.short === "boolean", "short");
  need(record.load?.length === 2 && record.load.every(finite), "load");
  need(text(record.machine?.cpu) && finite(record.machine?.cores), "machine");
  need(Object.values(record.versions ?? { none: 0 }).every(text), "versions");
  need(Array.isArray(record.sections) && record.sections.length > 0, "sections");
  for (const section of record.sections ?? []) {
    const at = `sections.${section.name}`;
    // What nobody looked at may be wrong.
    need(section.checks > 0, `${at}.checks`);
    need(section.measures?.length > 0, `${at}.measures`);
    for (const each of section.measures ?? []) {
      const path = `${at}.measures: ${each.subject}, ${each.contestant}`;
      need(UNITS.includes(each.unit), `${path}: unit`);
      need([each.median, each.low, each.high].every(finite), `${path}: numbers`);
      need(each.low <= each.median && each.median <= each.high, `${path}: order`);
      need(each.rounds >= 1, `${path}: rounds`);
    }
    for (const { title, columns, rows } of section.tables ?? []) {
      need(
        rows.every((row) => row.length === columns.length && row.every(text)),
        `${at}: ${title}`,
      );
    }
    for (const { title, series } of section.plots ?? []) {
      const points = series.flatMap((each) => each.points);
      need(points.every(({ x, y }) => finite(x) && finite(y)), `${at}: ${title}`);
    }
    for (const target of section.targets ?? []) {
      need(typeof target.met === "boolean", `${at}: ${target.what}`);
    }
  }
  return faults;
}
