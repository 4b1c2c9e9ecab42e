/**
 * One error class, one shape of a problem, one list of stable codes. `docs/errors.md` has a heading
 * for each code.
 *
 * @module
 */

/** Codes of what can be wrong. Stable: minor versions only add to them. */
export type WasmShareErrorCode =
  // The input.
  | "not_wasm"
  | "component"
  | "malformed_module"
  | "no_relocations"
  | "object_file"
  | "stale_relocations"
  | "incomplete_relocations"
  | "unsupported_relocation"
  | "shared_memory"
  | "memory64"
  | "multiple_memories"
  | "unsupported_memory"
  | "unsupported_type"
  | "passive_segments"
  | "table_renumbering"
  | "unsupported_element_segment"
  | "linker_function"
  | "unclassified_global"
  | "unclassified_symbol"
  | "side_module"
  | "mixed_position_independence"
  | "twin_mismatch"
  | "twin_granularity"
  | "twin_unconfirmed"
  | "twin_stack"
  | "guessed_pointers"
  // The layout.
  | "duplicate_name"
  | "invalid_option"
  | "misaligned_offset"
  | "address_overflow"
  | "layout_overlap"
  | "memory_limit"
  | "table_limit"
  | "heap_conflict"
  | "allocator_missing"
  | "allocator_partial"
  | "several_commands"
  | "signature_mismatch"
  // Config, files, command line.
  | "usage"
  | "config_not_found"
  | "config_unreadable"
  | "config_invalid"
  | "module_not_found"
  | "module_unreadable"
  | "output_conflict"
  | "output_unwritable"
  // Crates, and the tools that build them.
  | "crate_invalid"
  | "crate_build_failed"
  | "tool_unusable"
  | "tool_version"
  | "tool_failed"
  | "glue_unknown"
  // Run time.
  | "build_mismatch"
  | "unresolved_import"
  | "ambiguous_import"
  | "import_cycle"
  | "instantiation_failed"
  | "load_failed"
  // Ours.
  | "internal_error";

/** Codes of what is worth knowing. Same rules as for errors. */
export type WasmShareWarningCode =
  | "guessed_pointers"
  | "ignored_pointers"
  | "stale_debug_info"
  | "separate_table"
  | "twin_unconfirmed"
  | "fixed_stack"
  | "exceptions_separate"
  | "exceptions_leave_stack"
  | "allocator_order"
  | "dropped_section"
  | "source_map_dropped"
  | "unchecked_free";

/** One thing that is wrong, or worth knowing: what, where, and what to do. */
export interface Problem<Code extends string = WasmShareErrorCode | WasmShareWarningCode> {
  /** Stable code: what a program should look at. */
  code: Code;
  /** What was tried, the value in quotes, the state that was found. One sentence, no full stop. */
  message: string;
  /** What to change, with the exact flag or option. */
  hint?: string;
  /** Name of the module. */
  module?: string;
  /** Name of the section: `code`, `data`, `reloc.CODE`, … */
  section?: string;
  /** Offset in the module's file, in bytes. */
  offset?: number;
  /** Path inside the config (`modules[1].path`) or of a file. */
  path?: string;
}

/** A problem that stops the run. */
export type WasmShareProblem = Problem<WasmShareErrorCode>;
/** A problem that does not. */
export type WasmShareWarning = Problem<WasmShareWarningCode>;

/**
 * Everything this package throws on purpose. The fields mirror the first problem; `errors` holds all
 * problems of the run.
 *
 * @example
 * ```ts
 * import { combine, WasmShareError } from "@wasm-share/memory";
 * try {
 *   await combine([new Uint8Array([1, 2, 3])]);
 * } catch (error) {
 *   if (!(error instanceof WasmShareError)) throw error;
 *   console.error(error.code, error.hint); // not_wasm …
 * }
 * ```
 */
export class WasmShareError extends Error {
  /** Always `"WasmShareError"`. */
  override name = "WasmShareError";
  /** Stable code of the first problem. */
  readonly code: WasmShareErrorCode;
  /** What to change; empty if there is nothing to add. */
  readonly hint: string;
  /** Name of the module that the first problem is in. */
  readonly module?: string;
  /** Section of the module. */
  readonly section?: string;
  /** Offset in the module's file, in bytes. */
  readonly offset?: number;
  /** Path inside the config or of a file. */
  readonly path?: string;
  /** Every problem of the run, the first one included. */
  readonly errors: readonly WasmShareProblem[];

  /**
   * Makes one error of all problems of a run.
   *
   * @param problems At least one problem.
   * @param options `cause`, as for `Error`.
   */
  constructor(
    problems: WasmShareProblem | readonly WasmShareProblem[],
    options?: { cause?: unknown },
  ) {
    const list: readonly WasmShareProblem[] = Array.isArray(problems)
      ? problems as readonly WasmShareProblem[]
      : [problems as WasmShareProblem];
    super(list.map(formatProblem).join("\n"), options);
    const [first] = list;
    this.code = first.code;
    this.hint = first.hint ?? "";
    this.module = first.module;
    this.section = first.section;
    this.offset = first.offset;
    this.path = first.path;
    this.errors = list;
  }
}

/**
 * One problem as text: the message with its place, then the hint on a line of its own.
 *
 * @param problem The problem or warning.
 * @returns `message (module "a", section code, at offset 0x1f)` and, if there is one, `→ hint`.
 */
export function formatProblem(problem: Problem<string>): string {
  const place: string[] = [];
  if (problem.path !== undefined) place.push(`at ${problem.path}`);
  if (problem.module !== undefined) place.push(`module "${problem.module}"`);
  if (problem.section !== undefined) place.push(`section ${problem.section}`);
  if (problem.offset !== undefined) place.push(`at offset 0x${problem.offset.toString(16)}`);
  const where = place.length ? ` (${place.join(", ")})` : "";
  const hint = problem.hint ? `\n  → ${problem.hint}` : "";
  return `${problem.message}${where} [${problem.code}]${hint}`;
}
