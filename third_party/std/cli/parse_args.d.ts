/** The part of `@std/cli/parse-args` that this repository uses. */
export interface ParseOptions {
  boolean?: string[];
  string?: string[];
  collect?: string[];
  alias?: Record<string, string | string[]>;
  default?: Record<string, unknown>;
  "--"?: boolean;
  stopEarly?: boolean;
  negatable?: string[];
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}
// deno-lint-ignore no-explicit-any
export declare function parseArgs(
  args: readonly string[],
  options?: ParseOptions,
): { _: (string | number)[]; [key: string]: any };
