/**
 * What a `case.json` holds, and how to call a module as it says. For every host: no Deno here.
 *
 * @module
 */

/** One of the links. All numbers are differences to `base`, or to the link that `of` names. */
export interface Link {
  /** The link that the differences are to, if it is not `base`. */
  of?: string;
  /** Bytes that static data, the heap and the stack are moved by. */
  dataDelta?: number;
  heapDelta?: number;
  /** The same for the end of the heap, if it moves otherwise. */
  heapEndDelta?: number;
  stackDelta?: number;
  /** Slots that table elements are moved by. */
  slotDelta?: number;
}

/** A link of which there are twins: the same program at other bases. */
export interface Twins {
  /** The twins' links, the near one first. */
  of: string[];
  /** With the near one alone: the code that it is refused with, if it proves too little. */
  near?: string;
  /** The code with which `relocate` refuses it, which keeps no room for what may lie below the data. */
  fixed?: string;
}

/** One call, or one look at an exported global. */
export interface Call {
  export: string;
  /** The export is a global: read it. */
  global?: boolean;
  args?: number[];
  /** The first argument is an address in data as well, as `base` has it. */
  moves?: "data";
  /**
   * What the result is: a plain number (default), a pointer to text (`cstr`), an address in data,
   * heap or stack (moves with it), the end of the heap, a slot of the table (moves with the
   * elements), or the number of a page of data.
   */
  returns?: "cstr" | "data" | "heap" | "heap_end" | "stack" | "slot" | "page";
  /** The result as the module at its own place gives it. */
  expect?: number | string;
  /** The call traps instead. */
  trap?: boolean;
  /** Only some links have this export: skip the call in others. */
  optional?: boolean;
}

/** A `case.json`. */
export interface Case {
  /** What is special about it. */
  what: string;
  /** Source package, version and licence, if not ours. */
  source?: Record<string, string>;
  /** The links, by file name; `base` alone if absent. */
  links?: Record<string, Link>;
  /** The links that have no records but twins, by file name. */
  twins?: Record<string, Twins>;
  /**
   * The links that are side modules (`dylink.0`), by file name: which others are loaded with each. All
   * other links are static, of the same sources.
   */
  sides?: Record<string, string[]>;
  /** A static module of the same folder that has what side modules call: a libc. */
  libc?: string;
  /** The code with which it must be refused. */
  refuse?: string;
  /** An export to call first. */
  init?: string;
  /** Names of functions that it imports from `env`: each doubles its argument and adds one. */
  imports?: string[];
  /** Pages of an imported memory, `env.memory`. */
  memory?: number;
  /** In this order, on one instance. */
  calls: Call[];
}

/** A result, moved back to where `base` would have it. */
export interface Result {
  value: number | string;
  /** The same for people, with the raw value. */
  text: string;
}

// deno-lint-ignore no-explicit-any
type Any = any;

/**
 * The functions that a case imports.
 *
 * @param described The case.
 * @returns Imports for the host to give; without the memory.
 */
export function importsOf(described: Case): { env: Record<string, (value: number) => number> } {
  const double = (value: number) => 2 * value + 1;
  return { env: Object.fromEntries((described.imports ?? []).map((name) => [name, double])) };
}

/**
 * Calls a module that shares nothing as its case says.
 *
 * @param bytes The module.
 * @param described The case.
 * @param link Where this link has its parts.
 * @returns One result a call, as the link `base` would return it.
 */
export async function callAll(
  bytes: Uint8Array<ArrayBuffer>,
  described: Case,
  link: Link,
): Promise<Result[]> {
  const imported = new WebAssembly.Memory({ initial: described.memory ?? 0 });
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, {
    env: { ...importsOf(described).env, memory: imported },
  });
  const exports = instance.exports as Any;
  return callExports(exports, exports.memory ?? imported, described, link);
}

/**
 * Calls the exports of an instance as its case says.
 *
 * @param exports The instance's exports.
 * @param memory Its memory.
 * @param described The case.
 * @param link How far its parts are from where `base` has them.
 * @returns One result a call, as the link `base` would return it.
 */
export function callExports(
  exports: Record<string, Any>,
  memory: WebAssembly.Memory,
  described: Case,
  link: Link,
): Result[] {
  if (described.init) exports[described.init]();
  return described.calls.map((call) => {
    if (call.optional && !exports[call.export]) return { value: call.expect!, text: "skipped" };
    let raw: number;
    const args = [...(call.args ?? [])];
    if (call.moves) args[0] += link.dataDelta ?? 0;
    try {
      raw = call.global ? exports[call.export].value : exports[call.export](...args);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      return { value: "trap", text: `trap (${error.message})` };
    }
    const value = interpret(raw, call, memory, link);
    return { value, text: value === raw ? `${raw}` : `${JSON.stringify(value)} (${raw})` };
  });
}

function interpret(raw: number, call: Call, memory: WebAssembly.Memory, link: Link) {
  switch (call.returns) {
    case "cstr": {
      const bytes = new Uint8Array(memory.buffer);
      const start = raw >>> 0;
      return new TextDecoder().decode(bytes.slice(start, bytes.indexOf(0, start)));
    }
    case "data":
      return (raw >>> 0) - (link.dataDelta ?? 0);
    case "heap":
      return (raw >>> 0) - (link.heapDelta ?? 0);
    case "heap_end":
      return (raw >>> 0) - (link.heapEndDelta ?? link.heapDelta ?? 0);
    case "stack":
      return (raw >>> 0) - (link.stackDelta ?? 0);
    case "slot":
      return (raw >>> 0) - (link.slotDelta ?? 0);
    case "page":
      return (raw >>> 0) - (link.dataDelta ?? 0) / 65536;
    default:
      return raw;
  }
}
