/**
 * Passing data: the same pipeline of three modules with memories of their own and copies, in one memory, and linked
 * statically; and calls between modules.
 *
 * @module
 */
import { combine } from "../../mod.ts";
import { generateLoader } from "../../src/write/loader.ts";
import { engines } from "../lib/peers.ts";
import { output } from "../lib/process.ts";
import type { Section } from "../lib/record.ts";
import { type Context, Draft } from "../lib/section.ts";
import { summarize } from "../lib/stats.ts";
import { digits } from "../lib/table.ts";

interface Said {
  sizes: Record<string, Record<string, number[]>>;
  calls: Record<string, number[]>;
  checks: number;
}

const fixtures = new URL("../fixtures/pipeline/", import.meta.url);
const child = new URL("child.js", import.meta.url).pathname;
const NAMES = ["make", "change", "sum"];

/**
 * Runs the section.
 *
 * @param context The run.
 * @returns What it says.
 */
export async function passing({ short, peers, scratch, log }: Context): Promise<Section> {
  const draft = new Draft("passing", "Passing data between modules");
  const folder = `${scratch}/passing`;
  await Deno.mkdir(folder);
  const set = await combine(
    await Promise.all(
      NAMES.map(async (name) => ({
        name,
        bytes: await Deno.readFile(new URL(`${name}.wasm`, fixtures)),
      })),
    ),
  );
  const files = NAMES.map((name) => ({ name, path: `${name}.wasm` }));
  for (const [at, { path }] of files.entries()) {
    await Deno.writeFile(`${folder}/${path}`, set.modules[at]);
  }
  for (const { path, text } of generateLoader(set, { loader: "js", inline: false, files })) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }\n');
  const part = short ? 10 : 1;
  const sizes = [
    { name: "16 B", records: 300_000 / part, words: 4 },
    { name: "256 B", records: 200_000 / part, words: 64 },
    { name: "4 KiB", records: 20_000 / part, words: 1024 },
    { name: "64 KiB", records: 1000 / part, words: 16_384 },
    { name: "1 MiB", records: 60 / part, words: 262_144 },
  ];
  const calls = 10_000_000 / part;
  const job = {
    rounds: short ? 5 : 21,
    warmup: short ? 2 : 4,
    fixtures: fixtures.pathname.slice(0, -1),
    loader: `${folder}/mod.js`,
    sizes,
    calls,
  };
  await Deno.writeTextFile(`${folder}/job.json`, JSON.stringify(job));
  for (const [engine, command] of engines(peers, child)) {
    log(`passing data in ${engine}`);
    const said: Said = JSON.parse(await output([...command, `${folder}/job.json`]));
    // The child ends at a wrong answer.
    for (let at = 0; at < said.checks; at++) draft.check(true, engine);
    const kinds = Object.keys(said.sizes[sizes[0].name]);
    for (const { name, records, words } of sizes) {
      for (const kind of kinds) {
        const rates = said.sizes[name][kind].map((time) => records * words * 4 / time / 1000);
        draft.measure(`records of ${name} in ${engine}`, kind, "MB/s", rates);
      }
    }
    const rate = (size: string, kind: string) =>
      draft.median(`records of ${size} in ${engine}`, kind)!;
    draft.tables.push({
      title: `${engine}: throughput by size of the record, MB/s`,
      columns: ["record", ...kinds, "pointers beside copies"],
      rows: sizes.map(({ name }) => [
        name,
        ...kinds.map((kind) => digits(rate(name, kind))),
        `${(rate(name, kinds[1]) / rate(name, kinds[0])).toFixed(2)} x`,
      ]),
    });
    draft.plots.push({
      title: `${engine}: throughput by size of the record`,
      kind: "lines",
      x: "bytes of a record",
      y: "MB/s",
      series: kinds.map((kind) => ({
        name: kind,
        points: sizes.map(({ name, words }) => ({
          x: words * 4,
          y: rate(name, kind),
          label: name,
        })),
      })),
    });
    const rows = Object.entries(said.calls).map(([kind, list]) => {
      const { median } = draft.measure(
        `calls in ${engine}`,
        kind,
        "1/s",
        summarize(list.map((time) => calls / time * 1000)),
      );
      return [kind, digits(median / 1e6), digits(1e9 / median)];
    });
    draft.tables.push({
      title: `${engine}: calls from one module to another`,
      columns: ["how", "million a second", "ns a call"],
      rows,
    });
  }
  draft.notes.push(
    "A record is written by one module, changed by the second and read by the third, word by word; copies are made with TypedArray.set",
  );
  return draft.finish();
}
