/**
 * Runs the fuzz targets of `rust-lib/fuzz`: `deno task fuzz [target...] [--seconds N] [--jobs N] [--seed N]`.
 *
 * Without a target it runs every one, 60 seconds each, two at a time. With a seed it makes the same choices
 * every time, which a gate needs; without one others, which finds more. It installs nothing: if something
 * is missing it says the command that installs it. At the end a table, and `N passed, N failed`.
 * Needs a C++ compiler (libFuzzer is C++). No sanitizer: the core has no unsafe code, and without one it
 * runs on stable Rust and twice as fast; overflows and broken assertions are panics all the same.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, relative, resolve } from "@std/path";

const RUST = fromFileUrl(new URL("./", import.meta.url));
const FUZZ = resolve(RUST, "fuzz");
const CASES = fromFileUrl(new URL("../tests/cases/", import.meta.url));

/** Targets that take a module and 24 bytes of choices; the others take choices only. */
const MODULES = ["inspect", "relocate", "there_and_back"];
const CHOICES = 24;
/** Larger modules make a fuzzer slow and teach it nothing. */
const LARGEST_SEED = 20_000;

/** What came out of one target. */
interface Outcome {
  target: string;
  executions: number;
  perSecond: number;
  /** Files and bytes, as libFuzzer writes them. */
  corpus: string;
  coverage: number;
  /** Inputs that crashed, minimised or not. */
  crashes: string[];
  /** It neither ended well nor left an input. */
  broken: boolean;
}

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["seconds", "jobs", "seed"],
    default: { seconds: "60", jobs: "2", seed: "0" },
    unknown: (arg) => {
      if (arg.startsWith("-")) unknown.push(arg);
      return !arg.startsWith("-");
    },
  });
  const seconds = Number(options.seconds);
  const jobs = Number(options.jobs);
  // 0 lets libFuzzer choose.
  const seed = Number(options.seed);
  const isSeed = seed === 0 || isPositive(seed);
  if (unknown.length > 0 || !isPositive(seconds) || !isPositive(jobs) || !isSeed) {
    console.error("Usage: deno task fuzz [target...] [--seconds N] [--jobs N] [--seed N]");
    return 2;
  }
  const missing = await findMissing();
  if (missing !== undefined) {
    console.error(missing);
    return 1;
  }
  const all = (await output(["fuzz", "list"])).split("\n").filter((line) => line !== "");
  const wanted = options._.length > 0 ? options._.map(String) : all;
  for (const target of wanted) {
    if (!all.includes(target)) {
      console.error(
        `Cannot run target "${target}": there is none; the targets are ${all.join(", ")}`,
      );
      return 2;
    }
  }
  const built = new Deno.Command("cargo", {
    args: ["fuzz", "build", "--sanitizer", "none"],
    cwd: FUZZ,
    stdout: "inherit",
    stderr: "inherit",
  });
  if (!(await built.output()).success) return 1;

  const outcomes: Outcome[] = [];
  const queue = [...wanted];
  const work = async () => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      await plant(target);
      outcomes.push(await run(target, seconds, seed));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  outcomes.sort((a, b) => wanted.indexOf(a.target) - wanted.indexOf(b.target));
  return report(outcomes);
}

function isPositive(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

/** What is not installed, and how to install it. */
async function findMissing(): Promise<string | undefined> {
  if (!await runs("cargo", ["--version"])) {
    return 'Cannot run "cargo": install Rust, https://rust-lang.org/tools/install';
  }
  if (!await runs("cargo", ["fuzz", "--version"])) {
    return 'Cannot run "cargo fuzz": install it with "cargo install cargo-fuzz"';
  }
  if (!await runs(Deno.env.get("CXX") ?? "c++", ["--version"])) {
    return 'Cannot run "c++", which builds libFuzzer: install a C++ compiler ("apt-get install g++")';
  }
}

async function runs(command: string, args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function output(args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("cargo", { args, cwd: FUZZ, stderr: "inherit" })
    .output();
  return new TextDecoder().decode(stdout);
}

/** Writes the small committed modules into the corpus of a target, or noise if it takes choices only. */
async function plant(target: string): Promise<void> {
  const corpus = resolve(FUZZ, "corpus", target);
  await Deno.mkdir(corpus, { recursive: true });
  if (!MODULES.includes(target)) {
    // From nothing it would take minutes until an input is long enough for a whole module.
    let state = 1;
    for (let at = 0; at < 32; at++) {
      const noise = Uint8Array.from({ length: 400 + 100 * at }, () => {
        state = Math.imul(state, 1664525) + 1013904223;
        return state >>> 24;
      });
      await Deno.writeFile(resolve(corpus, `seed-${at}`), noise);
    }
    return;
  }
  for (const { name: folder, isDirectory } of Deno.readDirSync(CASES)) {
    if (!isDirectory) continue;
    for (const { name } of Deno.readDirSync(resolve(CASES, folder))) {
      if (!name.endsWith(".wasm")) continue;
      const module = await Deno.readFile(resolve(CASES, folder, name));
      if (module.length > LARGEST_SEED) continue;
      const input = new Uint8Array(module.length + CHOICES);
      input.set(module);
      await Deno.writeFile(resolve(corpus, `seed-${folder}-${name}`), input);
    }
  }
}

async function run(target: string, seconds: number, seed: number): Promise<Outcome> {
  const artifacts = resolve(FUZZ, "artifacts", target);
  await Deno.mkdir(artifacts, { recursive: true });
  const before = new Set(Array.from(Deno.readDirSync(artifacts), (entry) => entry.name));
  const command = new Deno.Command("cargo", {
    args: ["fuzz", "run", "--sanitizer", "none", target, "--"].concat([
      `-max_total_time=${seconds}`,
      `-seed=${seed}`,
      `-max_len=${MODULES.includes(target) ? 40_000 : 4000}`,
      `-len_control=${MODULES.includes(target) ? 100 : 0}`,
      "-timeout=20",
      "-rss_limit_mb=2048",
    ]),
    cwd: FUZZ,
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  const text = new TextDecoder().decode(stderr);
  // "#4096	pulse  cov: 3253 ft: 7262 corp: 510/28Kb lim: 74 exec/s: 4032 rss: 34Mb"
  const last = [...text.matchAll(/^#(\d+)\s.*$/gm)].at(-1);
  const field = (name: string) => last?.[0].match(new RegExp(`${name}: (\\S+)`))?.[1];
  const crashes = Array.from(Deno.readDirSync(artifacts), (entry) => entry.name)
    .filter((name) => !before.has(name))
    .map((name) => relative(Deno.cwd(), resolve(artifacts, name)));
  if (!success) {
    const panic = text.match(/panicked at .*\n.*/)?.[0] ?? text.split("\n").slice(-15).join("\n");
    console.error(`${target}: ${panic}`);
  }
  return {
    target,
    executions: Number(last?.[1] ?? 0),
    perSecond: Number(field("exec/s") ?? 0),
    corpus: field("corp") ?? "",
    coverage: Number(field("cov") ?? 0),
    crashes,
    broken: !success && crashes.length === 0,
  };
}

function report(outcomes: Outcome[]): number {
  const rows = [["target", "executions", "per second", "corpus", "coverage", "crashes"]];
  for (const o of outcomes) {
    const crashes = o.broken ? "did not run" : String(o.crashes.length);
    const numbers = [o.executions, o.perSecond, o.corpus, o.coverage].map(String);
    rows.push([o.target, ...numbers, crashes]);
  }
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  for (const row of rows) {
    const cells = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])
    );
    console.log(cells.join("  "));
  }
  for (const { target, crashes } of outcomes) {
    for (const path of crashes) {
      console.log(`${target}: crash input "${path}"`);
      console.log(`  again:   cd rust-lib/fuzz && cargo fuzz run -s none ${target} <input>`);
      console.log(`  smaller: cd rust-lib/fuzz && cargo fuzz tmin -s none ${target} <input>`);
      console.log(
        `  as wasm: cd rust-lib/fuzz && cargo run --example module ${target} <input> <folder>`,
      );
    }
  }
  const failed = outcomes.filter((o) => o.broken || o.crashes.length > 0).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
