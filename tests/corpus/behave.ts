/**
 * Runs one program of the corpus as its `run.json` says: untouched, moved by `relocate`, and in one
 * memory with another program. All runs must do the same.
 *
 * @module
 */
import { combine, inspect, instantiate, relocate, WasmShareError } from "../../mod.ts";
import type { ExternType, ModuleFacts } from "../../src/core/types.ts";
import { Exit, type Io, nosys, wasi } from "./wasi.ts";

/** A `run.json`. */
export interface Run {
  /** The command's entry; without it `calls` are made. */
  entry?: "_start" | "_begin";
  /** What the untouched command must exit with. */
  exit?: number;
  /** What the untouched command must print. */
  stdout?: string;
  /** An export that is called first. */
  init?: string;
  /** Calls in this order, on one instance, and what the untouched one must return. */
  calls?: { export: string; args?: number[]; expect?: number }[];
}

/** A program: its first link and how it is run. */
export interface Program {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  run: Run;
}

/** What came out of one program. */
export interface Behaviour {
  /** Nothing, or what is wrong. */
  problems: string[];
  /** In how many orders it ran beside another program. */
  together: number;
  /** Why not, if it did not: the code of the error. */
  apart?: string;
}

/** Whatever can be seen of a run. */
interface Seen {
  stdout: string;
  stderr: string;
  /** Results of calls, an exit code, or a trap. */
  results: string[];
}

/** By how much `relocate` moves a program, before it is rounded to the program's alignment. */
const OFFSET = 0x123450;

// deno-lint-ignore no-explicit-any -- exports and imports of any module
type Any = any;

/** The host of one program in one run. */
class Host {
  readonly io: Io = { stdout: [], stderr: [], memory: null };
  readonly imports: Record<string, Record<string, Any>> = {};

  /** Gives everything that a module imports but its memory and its table. */
  constructor(readonly facts: ModuleFacts) {
    const { memory, table } = facts;
    const functions = wasi(this.io, ["program", "argument"]);
    for (const { module, name, type } of facts.imports) {
      if (memory?.imported && memory.module === module && memory.name === name) continue;
      if (table?.imported && table.module === module && table.name === name) continue;
      this.imports[module] ??= {};
      this.imports[module][name] = module === "wasi_snapshot_preview1"
        ? functions[name] ?? nosys
        : made(type);
    }
  }

  /** What is called before anything else, by `instantiate` too. */
  start(exports: Any): void {
    if (exports._initialize) exports._initialize();
    else if (exports.__wasm_call_ctors && !exports._start) exports.__wasm_call_ctors();
  }

  /** Runs an instance that is initialised. */
  see(exports: Any, memory: WebAssembly.Memory | null, run: Run): Seen {
    this.io.memory = memory;
    const results = run.entry ? [attempt(() => exports[run.entry!]())] : this.#calls(exports, run);
    const text = (bytes: number[]) => new TextDecoder().decode(new Uint8Array(bytes));
    return { stdout: text(this.io.stdout), stderr: text(this.io.stderr), results };
  }

  #calls(exports: Any, { init, calls = [] }: Run): string[] {
    const results = [];
    if (init && init !== "_initialize" && init !== "__wasm_call_ctors") {
      results.push(attempt(() => exports[init]()));
    }
    for (const { export: name, args = [] } of calls) {
      const type = this.facts.exports.find((each) => each.name === name)?.type;
      const params = type?.kind === "function" ? type.params : [];
      const values = args.map((each, at) => params[at] === "i64" ? BigInt(each) : each);
      results.push(attempt(() => exports[name](...values)));
    }
    return results;
  }
}

/** Something of the type of an import. A function gives one more than twice its first number. */
function made(type: ExternType): Any {
  switch (type.kind) {
    case "function":
      return (first: number | bigint = 0) => {
        const value = 2 * Number(first) + 1;
        const [result] = type.results;
        return result === "i64" ? BigInt(value) : result === "externref" ? null : value;
      };
    case "global":
      return new WebAssembly.Global(
        { value: type.type as WebAssembly.ValueType, mutable: type.mutable },
        type.type === "i64" ? 7n : type.type.endsWith("ref") ? null : 7,
      );
    case "memory":
      return new WebAssembly.Memory({ initial: type.min, maximum: type.max ?? undefined });
    case "table":
      return new WebAssembly.Table({
        element: type.type === "externref" ? "externref" : "anyfunc",
        initial: type.min,
        maximum: type.max ?? undefined,
      });
    case "tag":
      return new (WebAssembly as Any).Tag({ parameters: type.params });
  }
}

/** The result of a call as text: a value with its type, an exit code, a trap with its reason. */
function attempt(call: () => unknown): string {
  try {
    const value = call();
    return Array.isArray(value) ? value.map(typed).join(", ") : typed(value);
  } catch (error) {
    if (error instanceof Exit) return `exit ${error.code}`;
    if (error instanceof WebAssembly.RuntimeError) return `trap: ${error.message}`;
    if (error instanceof (WebAssembly as Any).Exception) return "an exception of the module";
    throw error;
  }
}

const typed = (value: unknown) =>
  value === undefined || value === null || typeof value === "function" || typeof value === "object"
    ? typeof value
    : `${typeof value} ${Object.is(value, -0) ? "-0" : value}`;

/** Runs the module as it is, or moved by `relocate`. */
async function alone(program: Program, facts: ModuleFacts, offset: number): Promise<Seen> {
  const host = new Host(facts);
  const { memory, table } = facts;
  let bytes = program.bytes;
  if (offset) {
    bytes = await relocate({ bytes, verify: true }, offset) as Uint8Array<ArrayBuffer>;
  }
  const compiled = await WebAssembly.compile(bytes);
  const end = Math.max(facts.heap.end, (memory?.minPages ?? 0) * 65536);
  let shared = new WebAssembly.Memory({ initial: Math.ceil((end + offset) / 65536) });
  const imports: Record<string, Record<string, Any>> = { ...host.imports };
  for (const { module, name, kind } of WebAssembly.Module.imports(compiled)) {
    if (imports[module]?.[name] !== undefined) continue;
    if (kind === "memory") {
      if (!offset) shared = made({ kind, min: memory!.minPages, max: memory!.maxPages });
      imports[module] = { ...imports[module], [name]: shared };
    } else if (kind === "table") {
      const slots = new WebAssembly.Table({ element: "anyfunc", initial: table!.min });
      imports[module] = { ...imports[module], [name]: slots };
    }
  }
  const { exports } = await WebAssembly.instantiate(compiled, imports);
  host.start(exports);
  const own = exports.memory instanceof WebAssembly.Memory ? exports.memory : shared;
  return host.see(exports, own, program.run);
}

/** Runs two programs in one memory, the first one first. */
async function beside(
  programs: [Program, Program],
  facts: [ModuleFacts, ModuleFacts],
): Promise<[Seen, Seen]> {
  const hosts = facts.map((each) => new Host(each));
  const [one, two] = programs;
  const renamed = one.run.entry && two.run.entry ? withoutStart(two) : two;
  const set = await combine({ one: one.bytes, two: renamed.bytes });
  const modules = { one: hosts[0].imports, two: hosts[1].imports };
  const { memory, exports } = await instantiate(set, { modules });
  return [
    hosts[0].see(exports.one, memory, one.run),
    hosts[1].see(exports.two, memory, renamed.run),
  ];
}

/** A set can have one command. The same program with another name for its entry, of the same length. */
function withoutStart({ name, bytes, run }: Program): Program {
  const [from, to] = ["\x06_start\x00", "\x06_begin\x00"];
  const text = new TextDecoder("latin1").decode(bytes);
  // The first one is the export: imports have no such name, and symbols come later.
  const at = text.indexOf(from);
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(to), at);
  return { name, bytes: changed, run: { ...run, entry: "_begin" } };
}

/** What differs between two runs. */
function difference(seen: Seen, expected: Seen): string | undefined {
  for (const [at, result] of expected.results.entries()) {
    if (seen.results[at] !== result) {
      return `result ${at} is "${seen.results[at]}", untouched "${result}"`;
    }
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const [now, then] = [seen[stream], expected[stream]].map((text) => text.split("\n"));
    const at = then.findIndex((line, at) => line !== now[at]);
    if (at >= 0 || now.length !== then.length) {
      return `${stream} differs: ${JSON.stringify(now[at])}, untouched ${JSON.stringify(then[at])}`;
    }
  }
}

/** What the untouched program does otherwise than its `run.json` says. */
function unexpected({ run }: Program, seen: Seen): string[] {
  const wrong = [];
  if (run.entry) {
    const expected = run.exit ? `exit ${run.exit}` : "undefined";
    // Some programs call exit(0) by themselves.
    const result = seen.results[0] === "exit 0" ? "undefined" : seen.results[0];
    if (run.exit !== undefined && result !== expected) {
      wrong.push(`untouched: ${seen.results[0]}, and exit ${run.exit} is expected`);
    }
    if (run.stdout !== undefined && seen.stdout !== run.stdout) {
      wrong.push(`untouched: prints ${JSON.stringify(seen.stdout)}`);
    }
  }
  const results = seen.results.slice(seen.results.length - (run.calls?.length ?? 0));
  for (const [at, { export: name, expect }] of (run.calls ?? []).entries()) {
    const value = results[at].split(" ").at(-1);
    if (expect !== undefined && Number(value) !== expect) {
      wrong.push(`untouched: ${name} (call ${at}) gives ${results[at]}, not ${expect}`);
    }
  }
  return wrong;
}

/** Why two programs cannot share a memory: their heaps, and nothing else. */
function heapProblem(error: unknown): string | undefined {
  if (!(error instanceof WasmShareError)) return;
  const codes = error.errors.map(({ code }) => code);
  return codes.every((code) => code === "heap_conflict") ? codes[0] : undefined;
}

/**
 * Runs a program in every way.
 *
 * @param program The program.
 * @param others Programs to run it beside: the first one whose heap allows it.
 * @param refused The code with which it must be refused, if it must.
 * @returns What is wrong.
 */
export async function behave(
  program: Program,
  others: readonly Program[],
  refused?: string,
): Promise<Behaviour> {
  const facts = await inspect(program.bytes);
  const untouched = await alone(program, facts, 0);
  const problems = unexpected(program, untouched);
  const step = facts.data?.alignment ?? 16;
  const offset = Math.ceil(OFFSET / step) * step;
  if (refused) {
    const codes = await relocate(program.bytes, offset).then(() => [] as string[], (error) => {
      if (!(error instanceof WasmShareError)) throw error;
      return error.errors.map(({ code }) => code as string);
    });
    if (!codes.includes(refused)) problems.push(`relocate does not say ${refused} but "${codes}"`);
    return { problems, together: 0, apart: refused };
  }
  const wrong = difference(await alone(program, facts, offset), untouched);
  if (wrong) problems.push(`moved by ${offset}: ${wrong}`);

  let apart: string | undefined;
  for (const other of others) {
    try {
      const otherFacts = await inspect(other.bytes);
      // That is not this program's fault.
      if (otherFacts.problems.length > 0) continue;
      const otherUntouched = await alone(other, otherFacts, 0);
      const [one, two] = await beside([program, other], [facts, otherFacts]);
      const [three, four] = await beside([other, program], [otherFacts, facts]);
      for (
        const [how, seen, expected] of [
          [`first, then ${other.name}`, one, untouched],
          [`${other.name} after it`, two, otherUntouched],
          [`${other.name} before it`, three, otherUntouched],
          [`second, after ${other.name}`, four, untouched],
        ] as const
      ) {
        const wrong = difference(seen, expected);
        if (wrong) problems.push(`in one memory, ${how}: ${wrong}`);
      }
      return { problems, together: 2 };
    } catch (error) {
      apart = heapProblem(error);
      if (!apart) throw error;
    }
  }
  return { problems, together: 0, apart };
}
