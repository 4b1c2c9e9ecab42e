/**
 * Running the result: programs untouched, moved by us, as position independent code that is linked statically, and as
 * side modules with dynamic linking; in Deno, Node and Bun.
 *
 * @module
 */
import { combine } from "../../mod.ts";
import { generateLoader } from "../../src/write/loader.ts";
import type { Case } from "../../tests/cases/case.ts";
import { engines } from "../lib/peers.ts";
import { output } from "../lib/process.ts";
import type { Section } from "../lib/record.ts";
import { type Context, Draft } from "../lib/section.ts";
import { geomean, paired } from "../lib/stats.ts";
import { ms, times } from "../lib/table.ts";

/** What every form is compared with, and this once more: how far apart two of the same are. */
const BASE = "untouched";
const FORMS = ["untouched again", "moved", "PIC, static", "side module"];

interface Call {
  export: string;
  args: number[];
  expect?: number;
}

interface Runnable {
  name: string;
  what: string;
  calls: Call[];
  forms: Record<string, unknown>;
}

interface Said {
  name: string;
  answers: number[];
  times: Record<string, number[]>;
}

const cases = new URL("../../tests/cases/", import.meta.url);
const child = new URL("child.js", import.meta.url).pathname;

/**
 * Runs the section.
 *
 * @param context The run.
 * @returns What it says.
 */
export async function running(context: Context): Promise<Section> {
  const draft = new Draft("running", "Running the result");
  const { programs, peers, short, scratch } = context;
  const runnable: Runnable[] = [];
  for (const { name, what, folder, entry, n, expect, language, source } of programs.built) {
    runnable.push({
      name,
      what: `${language}, ${source ?? "ours"}: ${what}`,
      calls: [{ export: entry, args: [n], expect: expect || undefined }],
      forms: {
        ...await alike(name, `${folder}untouched.wasm`, scratch),
        "PIC, static": { kind: "alone", path: `${folder}pic.wasm` },
        "side module": { kind: "side", libc: programs.libc, path: `${folder}side.wasm` },
      },
    });
  }
  if (runnable.length === 0) {
    // Those whose answers are the same each time.
    for (const name of ["zlib", "sqlite"]) runnable.push(await fromCase(name, scratch));
    if (!short) {
      draft.skipped.push(
        "position independent forms, and programs beside those of the tests: need compilers",
      );
    }
  }
  const ratios = new Map<string, number[]>();
  for (const [engine, command] of engines(peers, child)) {
    const said: Said[] = [];
    for (const { name, calls, forms } of runnable) {
      context.log(`running ${name} in ${engine}`);
      const job = `${scratch}/job.json`;
      const rounds = short
        ? { rounds: 9, warmup: 8, budget: 8000 }
        : { rounds: 15, warmup: 4, budget: 20_000 };
      await Deno.writeTextFile(
        job,
        JSON.stringify({ ...rounds, programs: [{ name, calls, forms }] }),
      );
      said.push(JSON.parse(await output([...command, job])));
    }
    for (const { name, answers, times } of said) {
      const { calls } = runnable.find((each) => each.name === name)!;
      for (const [at, { expect, export: called }] of calls.entries()) {
        const right = expect !== undefined && answers[at] === expect >>> 0;
        draft.check(
          right,
          `${name} in ${engine}: ${called} gave ${answers[at]}, ${expect} is expected`,
        );
      }
      for (const [form, list] of Object.entries(times)) {
        draft.measure(`${name} in ${engine}`, form, "ms", list);
        if (form === BASE) continue;
        const ratio = draft.measure(
          `${name} in ${engine}`,
          `${form} / ${BASE}`,
          "x",
          paired(list, times[BASE]),
        );
        const key = `${engine}, ${form}`;
        ratios.set(key, [...ratios.get(key) ?? [], ratio.median]);
      }
    }
    engineTable(draft, engine, said);
  }
  summary(draft, ratios, short);
  for (const { name, what } of runnable) draft.notes.push(`${name}: ${what}`);
  return draft.finish();
}

/** The three forms of a module that is not position independent. */
async function alike(name: string, path: string, scratch: string) {
  const folder = `${scratch}/moved-${name}`;
  await Deno.mkdir(folder, { recursive: true });
  // Not the first of its set: everything of it moves.
  const set = await combine([
    { name: "before", bytes: await Deno.readFile(new URL("c-statics/base.wasm", cases)) },
    { name: "it", bytes: await Deno.readFile(path) },
  ]);
  if (set.layout.modules[1].dataDelta === 0) throw new Error(`${name} was not moved`);
  const files = set.names.map((each) => ({ name: each, path: `${each}.wasm` }));
  for (const [at, each] of files.entries()) {
    await Deno.writeFile(`${folder}/${each.path}`, set.modules[at]);
  }
  for (const each of generateLoader(set, { loader: "js", inline: false, files })) {
    await Deno.writeTextFile(`${folder}/${each.path}`, each.text);
  }
  await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }\n');
  return {
    [BASE]: { kind: "alone", path },
    "untouched again": { kind: "alone", path },
    moved: { kind: "moved", loader: `${folder}/mod.js`, module: "it" },
  };
}

/** A committed module of the tests: all its calls that give numbers. */
async function fromCase(name: string, scratch: string): Promise<Runnable> {
  const text = await Deno.readTextFile(new URL(`${name}/case.json`, cases));
  const { what, calls }: Case = JSON.parse(text);
  return {
    name,
    what,
    calls: calls.flatMap(({ export: called, args = [], expect, returns, global, trap }) =>
      global || trap ? [] : [{ export: called, args, expect: returns ? undefined : Number(expect) }]
    ).filter(({ expect }) => expect !== undefined),
    forms: await alike(name, new URL(`${name}/base.wasm`, cases).pathname, scratch),
  };
}

function engineTable(draft: Draft, engine: string, said: readonly Said[]) {
  const forms = FORMS.filter((form) => said[0].times[form]);
  draft.tables.push({
    title: `${engine}: time untouched, and how much of it the other forms take`,
    columns: ["program", BASE, ...forms],
    rows: said.map(({ name, times: seen }) => [
      name,
      ms(draft.median(`${name} in ${engine}`, BASE)!),
      ...forms.map((form) =>
        seen[form] ? times(draft.median(`${name} in ${engine}`, `${form} / ${BASE}`)!) : "–"
      ),
    ]),
  });
  draft.plots.push({
    title: `${engine}: time beside the untouched module`,
    kind: "bars",
    x: "",
    y: "times the untouched module",
    mark: 1,
    series: forms.filter((form) => form !== "untouched again").map((form) => ({
      name: form,
      points: said.map(({ name }, x) => ({
        x,
        y: draft.median(`${name} in ${engine}`, `${form} / ${BASE}`)!,
        label: name,
      })),
    })),
  });
}

/** Geometric means, and how far from 1 two copies of the same module are. */
function summary(draft: Draft, ratios: Map<string, number[]>, short: boolean) {
  const engines = [...new Set([...ratios.keys()].map((key) => key.split(", ")[0]))];
  const forms = FORMS.filter((form) => ratios.has(`${engines[0]}, ${form}`));
  const mean = (engine: string, form: string) => geomean(ratios.get(`${engine}, ${form}`)!);
  draft.tables.push({
    title: "Geometric mean of all programs, beside untouched",
    columns: ["engine", ...forms],
    rows: engines.map((engine) => [engine, ...forms.map((form) => times(mean(engine, form)))]),
  });
  for (const engine of engines) {
    const noise = ratios.get(`${engine}, untouched again`)!;
    const spread = Math.max(...noise.map((each) => Math.abs(Math.log(each))));
    const moved = mean(engine, "moved");
    // Wide in the short run, in which few rounds say little.
    const margin = short ? 0.5 : 0.03;
    draft.targets.push({
      what: `moved code in ${engine}, geometric mean of ${noise.length} programs`,
      wanted: `1.00 ± ${margin} of untouched`,
      measured:
        `${moved.toFixed(3)} (untouched again: ${
          geomean(noise).toFixed(3)
        }, single programs up to ` +
        `${(Math.exp(spread) * 100 - 100).toFixed(1)} % apart)`,
      met: Math.abs(moved - 1) <= margin,
    });
    for (const form of forms) {
      draft.measure("geometric mean", `${engine}: ${form} / ${BASE}`, "x", [mean(engine, form)]);
    }
  }
}
