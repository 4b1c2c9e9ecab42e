/**
 * Starting: time to the first call, sizes, time of an import, and `combine` as a whole process.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { engines } from "../lib/peers.ts";
import { output, whole } from "../lib/process.ts";
import type { Section } from "../lib/record.ts";
import { alternate, type Contestant } from "../lib/runner.ts";
import { type Context, Draft } from "../lib/section.ts";
import { ms, size } from "../lib/table.ts";

const root = new URL("../../", import.meta.url);
const child = new URL("first_call.js", import.meta.url).pathname;
const MODULES = ["parser", "stats", "transform"];
/** What the core may weigh, and what is aimed for, in bytes after gzip. */
const [LIMIT, AIM] = [64 * 1024, 40 * 1024];

/**
 * Runs the section.
 *
 * @param context The run.
 * @returns What it says.
 */
export async function starting(context: Context): Promise<Section> {
  const { short, peers, scratch, log } = context;
  const draft = new Draft("starting", "Starting");
  const rounds = { rounds: short ? 5 : 25, warmup: 2, budget: short ? 8000 : 40_000 };
  const out = `${scratch}/starting`;
  const deno = [Deno.execPath(), "run", "--no-check", "--allow-read"];
  const examples = new URL("examples/records/", root).pathname;
  const inputs = MODULES.map((name) => `${examples}${name}.wasm`);
  const combine = [
    ...[...deno, "--allow-write", new URL("src/bin.ts", root).pathname, "combine", ...inputs],
    ...["-o", out],
  ];
  log("starting: combine");
  const { native } = peers;
  const process = (name: string, command: string[]): Contestant => ({
    name,
    run: async () => (await whole(command, native)).time,
  });
  const empty = `${scratch}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  const commands = await alternate([
    process("combine of three modules (Deno)", combine),
    process("an empty program (Deno)", [...deno, empty]),
  ], rounds);
  for (const [contestant, list] of commands) draft.measure("whole process", contestant, "ms", list);
  table(draft, "Whole processes", ["whole process"]);

  log("starting: imports");
  const entries = {
    "mod.ts": "mod.ts",
    "src/runtime/mod.ts": "src/runtime/mod.ts",
    "src/memory/mod.ts": "src/memory/mod.ts",
  };
  const script = new URL("import_time.ts", import.meta.url).pathname;
  const imports = await alternate(
    Object.entries(entries).map(([name, path]) => ({
      name,
      run: async () => Number(await output([...deno, script, new URL(path, root).href])),
    })),
    rounds,
  );
  for (const [contestant, list] of imports) draft.measure("import in Deno", contestant, "ms", list);
  table(
    draft,
    "Import of our modules in a new process (types are not checked, files are in Deno's cache)",
    [
      "import in Deno",
    ],
  );

  await firstCalls(draft, context, out, examples, rounds);
  await sizes(draft, out, examples);
  return draft.finish();
}

/** One row for each subject, with what it was measured on in columns, in the order of the measures. */
function table(draft: Draft, title: string, subjects: readonly string[]) {
  const of = (subject: string) => draft.measures.filter((each) => each.subject === subject);
  draft.tables.push({
    title,
    columns: ["", ...of(subjects[0]).map(({ contestant }) => contestant)],
    rows: subjects.map((subject) => [subject, ...of(subject).map(({ median }) => ms(median))]),
  });
}

async function firstCalls(
  draft: Draft,
  { peers, log }: Context,
  out: string,
  examples: string,
  rounds: { rounds: number; warmup: number; budget: number },
) {
  const subjects: string[] = [];
  for (const [engine, command] of engines(peers, child)) {
    log(`starting: first call in ${engine}`);
    const kinds: Record<string, [string[], string]> = {
      "loader, one memory": [["loader", `${out}/mod.js`], "3"],
      "by hand, three memories": [["separate", examples], "3"],
      "nothing": [["nothing"], "nothing"],
    };
    for (const [args, answer] of Object.values(kinds)) {
      const said = await output([...command, ...args]);
      draft.check(said === answer, `first call in ${engine}: ${said}, ${answer} is expected`);
    }
    const contestants = Object.entries(kinds).map(([name, [args]]) => ({
      name,
      run: async () => (await whole([...command, ...args], peers.native)).time,
    }));
    subjects.push(`first call in ${engine}`);
    for (const [contestant, list] of await alternate(contestants, rounds)) {
      draft.measure(subjects.at(-1)!, contestant, "ms", list);
    }
  }
  table(draft, "From the start of a process to its end, with one call of a function", subjects);
}

async function sizes(draft: Draft, out: string, examples: string) {
  const generated = new URL("src/core/generated/", root).pathname;
  const groups: Record<string, string[]> = {
    "the loader of three modules": [`${out}/mod.js`],
    "three modules, moved": MODULES.map((name) => `${out}/${name}.wasm`),
    "the same modules as linked, with records": MODULES.map((name) => `${examples}${name}.wasm`),
    "core: relocator.wasm": [`${generated}relocator.wasm`],
    "core: transformer.wasm (only if code is written anew)": [`${generated}transformer.wasm`],
    "core as a module of JavaScript (base64)": [`${generated}relocator_wasm.ts`],
  };
  const rows: string[][] = [];
  const packed: Record<string, number> = {};
  for (const [name, paths] of Object.entries(groups)) {
    const files = await Promise.all(paths.map((path) => Deno.readFile(path)));
    const bytes = files.reduce((sum, { length }) => sum + length, 0);
    packed[name] = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
    draft.measure("size", name, "bytes", [bytes]);
    draft.measure("size, gzip", name, "bytes", [packed[name]]);
    rows.push([name, size(bytes), size(packed[name])]);
  }
  draft.tables.push({ title: "Download", columns: ["what", "bytes", "gzip -9"], rows });
  const core = packed["core: relocator.wasm"];
  draft.targets.push({
    what: "relocator core after gzip",
    wanted: `≤ ${LIMIT} bytes, ${AIM} is the aim`,
    measured: `${core} bytes`,
    met: core <= LIMIT,
  });
}
