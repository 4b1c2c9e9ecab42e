/**
 * What a build did with its files → text.
 *
 * @module
 */
import { type Paint, PLAIN } from "./paint.ts";
import { columns, count, size } from "./units.ts";

/** What became of one file. */
export interface FileReport {
  /** File name in the output folder. */
  path: string;
  /** `leftover`: of an earlier run, no longer made. */
  state: "new" | "changed" | "unchanged" | "leftover";
  /** Bytes; 0 for a leftover. */
  size: number;
}

const WRITTEN = { new: "written", changed: "written", unchanged: "unchanged", leftover: "removed" };
const STALE = { new: "missing", changed: "stale", unchanged: "current", leftover: "left over" };

/**
 * The files of a build.
 *
 * @param dir The output folder for people.
 * @param files What became of each file.
 * @param check Whether nothing was written: `stale`, `missing` and `left over` instead of `written`
 * and `removed`.
 * @param paint Colours; none by default.
 * @returns One line a file, without a final newline.
 */
export function filesReport(
  dir: string,
  files: readonly FileReport[],
  check: boolean,
  paint: Paint = PLAIN,
): string {
  const words = check ? STALE : WRITTEN;
  const lines = columns(
    files.map((file) => [
      words[file.state],
      `${dir}/${file.path}`,
      file.state === "leftover" ? "" : size(file.size),
    ]),
    [2],
  );
  return lines.map((line, index) => files[index].state === "unchanged" ? paint.dim(line) : line)
    .join("\n");
}

/**
 * Files in a few words.
 *
 * @param files What became of each file.
 * @returns `3 files written, 2 unchanged`
 */
export function filesSummary(files: readonly FileReport[]): string {
  const of = (state: string) => files.filter((file) => WRITTEN[file.state] === state).length;
  const parts = [`${count(of("written"), "file")} written`];
  if (of("unchanged") > 0) parts.push(`${of("unchanged")} unchanged`);
  if (of("removed") > 0) parts.push(`${of("removed")} removed`);
  return parts.join(", ");
}
