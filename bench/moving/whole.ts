/**
 * Moving as whole processes, cold: what somebody waits for who types a command. Time and peak memory.
 *
 * @module
 */
import { noWasi } from "../running/no_wasi.js";
import type { Ran } from "../lib/process.ts";
import { output, whole } from "../lib/process.ts";
import { alternate } from "../lib/runner.ts";
import type { Context, Draft } from "../lib/section.ts";
import { objectsIn, type Subject } from "./modules.ts";
import { OFFSET } from "./offset.ts";

/** Names of contestants, as the record has them. */
export const CLI = "ours, combine in Deno";
export const NATIVE_PROCESS = "ours, native process";
export const LINKER = "wasm-ld, relink";
export const MERGE = "wasm-merge";

const program = new URL("../../src/bin.ts", import.meta.url).pathname;
/** Where the linker puts data by itself: every program here has a stack of 1 MiB. */
const BASE = 0x100000;

/** Not all: with compact imports engines cannot read the result. */
const FEATURES = [
  ...["bulk-memory", "bulk-memory-opt", "mutable-globals", "sign-ext", "nontrapping-float-to-int"],
  ...["multivalue", "reference-types", "call-indirect-overlong", "multimemory"],
];

/** Commands one after the other, that are one piece of work. */
type Commands = readonly (readonly string[])[];

/**
 * Measures a set of modules.
 *
 * @param draft Receives times and memory.
 * @param name What the set is called.
 * @param subjects The modules.
 * @param context The run.
 */
export async function wholeProcesses(
  draft: Draft,
  name: string,
  subjects: readonly Subject[],
  { peers, scratch, short }: Context,
): Promise<void> {
  const out = `${scratch}/whole-${name}`;
  await Deno.mkdir(out, { recursive: true });
  const paths = subjects.map(({ path }) => path);
  // Modules are called by their files: each gets one of its own.
  const inputs = subjects.map(({ name }) => `${out}/${name.replaceAll("/", "-")}.wasm`);
  for (const [at, path] of paths.entries()) await Deno.copyFile(path, inputs[at]);
  const deno = [Deno.execPath(), "run", "--no-check", "--allow-read", "--allow-write"];
  const work: Record<string, Commands> = {
    [CLI]: [[...deno, program, "combine", ...inputs, "-o", `${out}/ours`]],
  };
  if (peers.native) {
    const each = (what: string) =>
      paths.map((
        path,
        at,
      ) => [peers.native!, "once", what, path, `${out}/${what}-${at}.wasm`, `${OFFSET}`]);
    work[NATIVE_PROCESS] = each("relocate");
    work["walrus, native process"] = each("walrus");
  }
  if (peers.wasmLd && subjects.every(({ objects }) => objects)) {
    work[LINKER] = subjects.map(({ objects }, at) => [
      ...[peers.wasmLd!, "--emit-relocs", ...objectsIn(objects!.folder), ...objects!.link],
      ...[`--global-base=${BASE + OFFSET}`, "-o", `${out}/linked-${at}.wasm`],
    ]);
  }
  if (peers.wasmMerge && peers.node) {
    const named = paths.flatMap((path, at) => [path, `m${at}`]);
    work[MERGE] = [[
      ...[peers.node, peers.wasmMerge, ...named, "-o", `${out}/merged.wasm`],
      ...["--rename-export-conflicts", ...FEATURES.map((feature) => `--enable-${feature}`)],
    ]];
  }
  if (Deno.build.os !== "windows") {
    work["cp"] = paths.map((path, at) => ["cp", path, `${out}/copy-${at}.wasm`]);
  }

  const peaks = new Map<string, number[]>();
  const run = async (contestant: string, commands: Commands) => {
    let time = 0;
    for (const command of commands) {
      const ran: Ran = await whole(command, peers.native);
      time += ran.time;
      if (ran.peak !== null) {
        peaks.set(contestant, [...peaks.get(contestant) ?? [], ran.peak]);
      }
    }
    return time;
  };
  const slow = (contestant: string) => contestant === MERGE || contestant.startsWith("walrus");
  const times = await alternate(
    Object.entries(work).map(([contestant, commands]) => ({
      name: contestant,
      run: () => run(contestant, commands),
      every: slow(contestant) ? 4 : 1,
    })),
    { rounds: short ? 3 : 11, warmup: 1, budget: 40_000 },
  );
  for (const [contestant, list] of times) draft.measure(name, contestant, "ms", list);
  for (const [contestant, list] of peaks) {
    draft.measure(`${name}, peak memory`, contestant, "KiB", [Math.max(...list)]);
  }

  for (const [at, subject] of subjects.entries()) {
    const right = async (path: string, offset: number, who: string) => {
      const answers = subject.answers(await Deno.readFile(path), offset);
      draft.check(
        typeof answers === "number" && answers > 0,
        `${subject.name}, ${who}: ${answers}`,
      );
    };
    if (work[LINKER]) await right(`${out}/linked-${at}.wasm`, OFFSET, LINKER);
    if (work[NATIVE_PROCESS]) await right(`${out}/relocate-${at}.wasm`, OFFSET, NATIVE_PROCESS);
    if (work[MERGE] && subjects.length === 1) await right(`${out}/merged.wasm`, 0, MERGE);
  }
  await combinedIsRight(draft, subjects, `${out}/ours`);
}

/** The loader of the CLI, and every function of every module by it: in one memory. */
async function combinedIsRight(draft: Draft, subjects: readonly Subject[], folder: string) {
  const { instantiate } = await import(`file://${folder}/mod.js?${crypto.randomUUID()}`);
  const { exports } = await instantiate({ shared: { env: {} }, wasi: noWasi() });
  for (const { name, calls } of subjects) {
    const own = exports[name.replaceAll("/", "-")];
    for (const { export: called, args, expect } of calls) {
      const value = own[called](...args);
      const same = value === expect || value >>> 0 === expect;
      draft.check(same, `${name}, combined: ${called}(${args}) gave ${value}, not ${expect}`);
    }
  }
}

/**
 * Our functions in a process that has just begun, beside walrus and beside one that only reads the file: first and
 * second call, and memory.
 *
 * @param draft Receives what was measured.
 * @param subject The module.
 * @param context The run.
 */
export async function cold(draft: Draft, subject: Subject, context: Context): Promise<void> {
  const { peers, scratch, short } = context;
  const script = new URL("once.ts", import.meta.url).pathname;
  const walrus = peers.walrus ? [`${scratch}/walrus.wasm`] : [];
  if (peers.walrus) await Deno.writeFile(walrus[0], peers.walrus);
  const kinds: Record<string, string[]> = {
    "ours, wasm core": ["relocate"],
    "walrus, wasm": ["walrus"],
    "reading the file": ["read"],
  };
  const seen: Record<string, Record<"imported" | "first" | "second" | "kb", number>[]> = {};
  const { name, path } = subject;
  await alternate(
    Object.entries(kinds).map(([contestant, [what]]) => ({
      name: contestant,
      run: async () => {
        // All permissions: Deno reads /proc for nobody else.
        const deno = [Deno.execPath(), "run", "--no-check", "--allow-all", script];
        const said = JSON.parse(await output([...deno, what, path, ...walrus]));
        (seen[contestant] ??= []).push(said);
        return said.first;
      },
    })),
    { rounds: short ? 2 : 7, warmup: 1, budget: 30_000 },
  );
  for (const [contestant, list] of Object.entries(seen)) {
    const counted = list.slice(1);
    if (contestant !== "reading the file") {
      const of = (key: "imported" | "first" | "second") => counted.map((each) => each[key]);
      draft.measure(`${name}, new process`, `${contestant}: import`, "ms", of("imported"));
      draft.measure(`${name}, new process`, `${contestant}: first call`, "ms", of("first"));
      draft.measure(`${name}, new process`, `${contestant}: second call`, "ms", of("second"));
    }
    const peaks = counted.map(({ kb }) => kb).filter((kb) => typeof kb === "number");
    if (peaks.length) draft.measure(`${name}, peak memory`, `${contestant}, in Deno`, "KiB", peaks);
  }
}
