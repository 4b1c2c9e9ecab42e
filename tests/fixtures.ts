/**
 * Rebuilds the modules of the examples and of the tests from their recipes, and compares.
 *
 * ```
 * deno run -A tests/fixtures.ts [--check | --write | --verify | --bless] [case…]
 * ```
 *
 * - `--check` (default): builds into a temporary directory and lists committed files that differ.
 * - `--write`: replaces the committed files.
 * - `--verify`: builds nothing; calls every committed, untouched module as its `case.json` says.
 * - `--bless`: the same, and fills in expected values that `case.json` lacks, from its first link.
 *
 * Sources and intermediate files are kept in `$WASM_SHARE_CACHE`, by default the user's cache
 * directory.
 */
import { moduleIn } from "./cases/delta.ts";
import { type Call, callAll, type Case, type Link } from "./cases/case.ts";
import { callSide } from "./cases/side.ts";

const root = new URL("../", import.meta.url);
/** Folders whose folders have a recipe; the ones of the examples come first. */
const groups = ["examples/", "examples/records/", "tests/cases/", "bench/fixtures/"];
/** One recipe for all modules of an example, which lie beside it; or one for each. */
const recipes = ["build.sh", "recipe.sh"];

/** The recipe in a folder. */
async function recipeIn(path: string): Promise<string | undefined> {
  for (const each of recipes) if (await exists(new URL(path + each, root))) return each;
}

async function exists(path: URL): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function findCases(): Promise<string[]> {
  const found: string[] = [];
  for (const group of groups) {
    for await (const entry of Deno.readDir(new URL(group, root))) {
      const path = `${group}${entry.name}/`;
      if (entry.isDirectory && await recipeIn(path)) found.push(path);
    }
  }
  return found.sort();
}

/** Where the built files of a recipe belong: a module with a recipe of its own lies beside its folder. */
function destination(path: string): URL {
  return new URL(path.startsWith("examples/records/") ? `${path}../` : path, root);
}

/** Committed files that a recipe makes: all `.wasm` of a case but not those in `.gitignore`. */
async function ignored(path: string): Promise<Set<string>> {
  const text = await Deno.readTextFile(new URL(`${path}.gitignore`, root)).catch(() => "");
  return new Set(text.split("\n").map((line) => line.trim()).filter(Boolean));
}

async function build(path: string): Promise<string> {
  const out = await Deno.makeTempDir({ prefix: "wasm-share-" });
  const cache = Deno.env.get("WASM_SHARE_CACHE") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/wasm-share-fixtures`;
  await Deno.mkdir(cache, { recursive: true });
  const { success, stderr } = await new Deno.Command("sh", {
    args: [`./${await recipeIn(path)}`],
    cwd: new URL(path, root),
    env: { OUT: out, CACHE: cache, LC_ALL: "C", DENO: Deno.execPath() },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot build: ${new TextDecoder().decode(stderr).trim()}`);
  return out;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Every file below a folder, but not those in folders that begin with a full stop. */
async function* filesIn(folder: string, below = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (!isDirectory) yield below + name;
    else if (!name.startsWith(".")) yield* filesIn(folder, `${below}${name}/`);
  }
}

async function rebuild(path: string, write: boolean): Promise<string[]> {
  const out = await build(path);
  try {
    const different: string[] = [];
    const skip = await ignored(path);
    for await (const name of filesIn(out)) {
      const built = await Deno.readFile(`${out}/${name}`);
      const target = new URL(name, destination(path));
      const committed = await Deno.readFile(target).catch(() => null);
      if (committed && same(built, committed)) continue;
      if (write) {
        await Deno.mkdir(new URL(".", target), { recursive: true });
        await Deno.writeFile(target, built, { mode: 0o644 });
      } else if (committed || !skip.has(name)) {
        different.push(`${name} ${committed ? "differs" : "is missing"}`);
      }
    }
    return different;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function verify(path: string, bless: boolean): Promise<string[]> {
  const file = new URL("case.json", new URL(path, root));
  if (!(await exists(file))) return await verifyRefused(path);
  const described: Case = JSON.parse(await Deno.readTextFile(file));
  const wrong: string[] = [];
  const links: Record<string, Link> = described.links ?? { base: {} };
  for (const [name, link] of Object.entries(links)) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = moduleIn(file, name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (!(await ignored(path)).has(`${name}.wasm`)) wrong.push(`${name}.wasm is missing`);
      continue;
    }
    const others = described.sides?.[name];
    const actual = others
      ? await callSide(
        Object.fromEntries([name, ...others].map((each) => [each, moduleIn(file, each)])),
        described,
        described.libc ? moduleIn(file, described.libc) : undefined,
      )
      : await callAll(bytes, described, link);
    described.calls.forEach((call: Call, at) => {
      if (bless && name === Object.keys(links)[0] && call.expect === undefined && !call.trap) {
        call.expect = actual[at].value;
      }
      const expected = call.trap ? "trap" : call.expect;
      if (expected === undefined || actual[at].value !== expected) {
        const text = `${call.export}(${call.args ?? ""})`;
        wrong.push(
          `${name}.wasm: call ${at}, ${text}, returned ${actual[at].text}, not ${expected}`,
        );
      }
    });
  }
  if (bless) {
    const lines = described.calls.map((call) => `    ${spaced(call)}`).join(",\n");
    const rest = JSON.stringify({ ...described, calls: [] }, null, 2);
    const text = rest.replace(/"calls": \[\]/, () => `"calls": [\n${lines}\n  ]`);
    await Deno.writeTextFile(file, text + "\n");
  }
  return wrong;
}

/** Every module of the list is there, and every module is on the list. */
async function verifyRefused(path: string): Promise<string[]> {
  const list = new URL(`${path}refuse.json`, root);
  if (!(await exists(list))) return [];
  const described: { file: string; twin?: string[] }[] = JSON.parse(await Deno.readTextFile(list));
  const names = new Set(described.flatMap(({ file, twin = [] }) => [file, ...twin]));
  const wrong: string[] = [];
  for await (const { name } of Deno.readDir(new URL(path, root))) {
    if (name.endsWith(".wasm") && !names.delete(name)) wrong.push(`${name} is not in refuse.json`);
  }
  return [...wrong, ...[...names].map((name) => `${name} is missing`)];
}

/** JSON on one line, with spaces. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${fields.map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`).join(", ")} }`;
}

async function main(args: string[]): Promise<number> {
  const modes = ["--check", "--write", "--verify", "--bless"];
  const mode = args.find((arg) => modes.includes(arg)) ?? "--check";
  const unknown = args.find((arg) => arg.startsWith("-") && !modes.includes(arg));
  const wanted = args.filter((arg) => !arg.startsWith("-"));
  const all = await findCases();
  // An example may have the name of a case: its path, as the output shows it, is its own.
  const isNamed = (path: string, each: string) =>
    [path.split("/").at(-2), path.slice(0, -1)].includes(each);
  const missing = wanted.find((each) => !all.some((path) => isNamed(path, each)));
  if (unknown || missing) {
    console.error(unknown ? `Cannot use "${unknown}"` : `Cannot find case "${missing}"`);
    return 2;
  }
  let passed = 0;
  let failed = 0;
  const chosen = all.filter((path) => !wanted.length || wanted.some((each) => isNamed(path, each)));
  for (const path of chosen) {
    const start = performance.now();
    const problems = await (mode === "--verify" || mode === "--bless"
      ? verify(path, mode === "--bless")
      : rebuild(path, mode === "--write")).catch((error) => [String(error.message ?? error)]);
    const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
    console.log(`${problems.length ? "✖" : "✔"} ${path.slice(0, -1)} (${time})`);
    for (const problem of problems) {
      console.log(`    ${problem}`);
    }
    if (problems.length) {
      failed++;
    } else passed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
