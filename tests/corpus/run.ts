/**
 * Builds the corpus, moves every program natively and compares it with what the linker made
 * (`rust-lib/oracle`), and runs every program untouched, moved, and beside another one.
 *
 * ```
 * deno task oracle [--json FILE] [set…]
 * ```
 *
 * Sets are built into `$WASM_SHARE_CACHE/corpus`, by default below the user's cache directory, and
 * built again only if a recipe, a source or a compiler changed.
 */
import type { Case } from "../cases/case.ts";
import type { Behaviour } from "./behave.ts";
import type { Task } from "./worker.ts";

const here = new URL("./", import.meta.url);
const root = new URL("../../", here);
const cache = Deno.env.get("WASM_SHARE_CACHE") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/wasm-share-fixtures`;

/** A program must be done with all its runs after so many seconds. */
const LIMIT = 30;

/** What the Rust oracle writes with `--json`, as far as it is used here. */
interface Oracle {
  sets: Record<string, { programs: number; links: number; refused: number }>;
  failures: Record<string, string>;
}

const exists = (path: string | URL) => Deno.stat(path).then(() => true, () => false);

async function run(command: string, args: string[], options: Deno.CommandOptions = {}) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

/** Directories with a recipe. */
async function findSets(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(here)) {
    if (isDirectory && await exists(new URL(`${name}/recipe.sh`, here))) found.push(name);
  }
  return found.sort();
}

async function* files(folder: URL): AsyncGenerator<URL> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory) yield* files(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}

/** Hash of whatever decides what a recipe builds. */
async function stampOf(set: string): Promise<string> {
  const parts: string[] = [];
  const tools = ["tools.sh", "../cases/tools.sh", "../cases/wasm-ld"].map((each) =>
    new URL(each, here)
  );
  for await (const file of files(new URL(`${set}/`, here))) tools.push(file);
  // It has the Rust library and the linker script of another set.
  if (set === "rust-ui") tools.push(new URL("own/rust-ld", here), new URL("own/recipe.sh", here));
  for (const file of tools) parts.push(file.pathname.slice(root.pathname.length), await hash(file));
  const packages = ["clang-22", "lld-22", "wasi-libc", "libc++-22-dev-wasm32", "rustc-web"];
  const versions = await run("dpkg-query", ["-W", ...packages]);
  const python = Deno.env.get("PYTHON") ?? "python3";
  const zig = await run(python, ["-m", "ziglang", "version"]).catch(() => ({ stdout: "" }));
  parts.push(versions.stdout, zig.stdout);
  return hex(new TextEncoder().encode(parts.join("\n")));
}

const hash = async (file: URL) => await hex(await Deno.readFile(file));

async function hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Builds a set, unless it is there. Gives its directory. */
async function build(set: string): Promise<string> {
  const out = `${cache}/corpus/${set}`;
  const stamp = await stampOf(set);
  if (await Deno.readTextFile(`${out}.stamp`).catch(() => "") === stamp) return out;
  await Deno.remove(`${out}.stamp`).catch(() => {});
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await Deno.mkdir(out, { recursive: true });
  const { success, stderr } = await run("sh", ["./recipe.sh"], {
    cwd: new URL(`${set}/`, here),
    env: { OUT: out, CACHE: cache, LC_ALL: "C", DENO: Deno.execPath() },
  });
  if (!success) throw new Error(`Cannot build the set "${set}":\n${stderr}`);
  await Deno.writeTextFile(`${out}.stamp`, stamp);
  return out;
}

/** Runs the oracle over the sets. */
async function oracle(folders: string[], json: string): Promise<Oracle> {
  const refused = new URL("refused.json", here).pathname;
  const args = ["run", "--release", "--quiet", "--locked", "-p", "wasm-share-oracle", "--"];
  const { stdout, stderr } = await run("cargo", [
    ...args,
    ...["--json", json, "--refused", refused],
    ...folders,
  ], { cwd: new URL("rust-lib/", root) });
  const lines = stdout.split("\n");
  const sum = /^\d+ passed, \d+ failed$/;
  // Without its last line the oracle did not come to its end.
  if (!sum.test(lines.at(-1)!)) throw new Error(`Cannot run the oracle:\n${stdout}\n${stderr}`);
  // One such line is enough for whoever adds them up: it comes at the end of all.
  console.log(lines.slice(0, -1).join("\n"));
  return JSON.parse(await Deno.readTextFile(json));
}

/**
 * Cases of `tests/cases` as programs to run others beside: one that grows the memory, and one that
 * leaves all of the heap to others.
 */
async function findNeighbours(): Promise<Task["others"]> {
  const neighbours = [];
  for (const name of ["rust-std", "c-statics"]) {
    const from = new URL(`../cases/${name}/`, here);
    const folder = `${cache}/corpus/.cases/${name}`;
    const { calls, init }: Case = JSON.parse(await Deno.readTextFile(new URL("case.json", from)));
    // Results that are addresses would have to be moved back.
    const numbers = calls.filter(({ returns, global, trap, optional }) =>
      !returns && !global && !trap && !optional
    );
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(new URL("base.wasm", from), `${folder}/a.wasm`);
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify({ init, calls: numbers }));
    neighbours.push({ name: `cases/${name}`, folder });
  }
  return neighbours;
}

/** Programs with a `run.json`, and others to run each beside. */
async function findTasks(sets: Map<string, string>): Promise<Task[]> {
  const refused = JSON.parse(await Deno.readTextFile(new URL("refused.json", here)));
  const neighbours = await findNeighbours();
  const tasks: Task[] = [];
  for (const [set, folder] of sets) {
    const own: Task[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      if (!(await exists(`${folder}/${name}/run.json`))) continue;
      const program = { name: `${set}/${name}`, folder: `${folder}/${name}` };
      own.push({ ...program, others: [], refused: refused[program.name] });
    }
    own.sort((a, b) => a.name < b.name ? -1 : 1);
    const usable = own.filter((task) => !task.refused);
    for (const task of own) {
      const at = usable.indexOf(task);
      // The next one; if both claim the rest of the memory, one that does not.
      const next = usable[(at + 1) % usable.length];
      task.others = next && next !== task
        ? [{ name: next.name, folder: next.folder }, ...neighbours]
        : neighbours;
    }
    tasks.push(...own);
  }
  return tasks;
}

/** Does all tasks in workers, as many at a time as there are processors. */
async function behaveAll(tasks: readonly Task[]): Promise<Map<string, Behaviour>> {
  const done = new Map<string, Behaviour>();
  let next = 0;
  const lane = async () => {
    let worker: Worker | undefined;
    for (let task = tasks[next++]; task; task = tasks[next++]) {
      worker ??= new Worker(new URL("worker.ts", here), { type: "module" });
      const { promise, resolve } = Promise.withResolvers<Behaviour | string>();
      const timer = setTimeout(() => resolve(`it did not end within ${LIMIT} s`), LIMIT * 1000);
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(`the worker stopped: ${event.message}`);
      };
      worker.postMessage(task);
      const result = await promise;
      clearTimeout(timer);
      if (typeof result === "string") {
        worker.terminate();
        worker = undefined;
        done.set(task.name, { problems: [result], together: 0 });
      } else done.set(task.name, result);
    }
    worker?.terminate();
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, lane));
  return done;
}

async function main(args: string[]): Promise<number> {
  const option = args.indexOf("--json");
  const wanted = args.filter((_, at) => option < 0 || at !== option && at !== option + 1);
  const all = await findSets();
  const unknown = wanted.find((each) => !all.includes(each));
  if (unknown !== undefined || option >= 0 && !args[option + 1]) {
    console.error(unknown === undefined ? "--json needs a file" : `Cannot find set "${unknown}"`);
    return 2;
  }
  const seconds = () => performance.now() / 1000;
  const folders = new Map<string, string>();
  const built = new Map<string, number>();
  for (const set of wanted.length ? wanted : all) {
    const start = seconds();
    folders.set(set, await build(set));
    built.set(set, seconds() - start);
  }
  let start = seconds();
  const json = option >= 0 ? args[option + 1] : `${cache}/corpus/oracle.json`;
  const { sets, failures } = await oracle([...folders.values()], json);
  console.log(`oracle: ${(seconds() - start).toFixed(0)} s`);
  start = seconds();
  const tasks = await findTasks(folders);
  const behaviour = await behaveAll(tasks);
  console.log(`behaviour: ${(seconds() - start).toFixed(0)} s`);

  const failed = new Set(Object.keys(failures));
  const apart: Record<string, number> = {};
  for (const { name } of tasks) {
    const { problems, apart: why } = behaviour.get(name)!;
    for (const problem of problems) console.log(`✖ ${name}: ${problem}`);
    if (problems.length) failed.add(name);
    if (why) apart[why] = (apart[why] ?? 0) + 1;
  }
  console.log(`not run beside another program: ${JSON.stringify(apart)}`);
  console.log("set           programs    links  refused      run together   failed    built");
  let programs = 0;
  for (const [name, set] of Object.entries(sets)) {
    const own = tasks.filter((task) => task.name.startsWith(`${name}/`));
    const together = own.filter((task) => behaviour.get(task.name)!.together > 0).length;
    const wrong = [...failed].filter((each) => each.startsWith(`${name}/`)).length;
    const row = [set.programs, set.links, set.refused, own.length, together, wrong];
    const time = `${built.get(name)!.toFixed(0)} s`.padStart(9);
    console.log(name.padEnd(13) + row.map((each) => String(each).padStart(9)).join("") + time);
    programs += set.programs;
  }
  console.log(`${programs - failed.size} passed, ${failed.size} failed`);
  return failed.size ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
