/**
 * Scale: 2 to 1000 modules combined. Time, memory, and whether they grow as the modules do.
 *
 * @module
 */
import { combine, instantiate } from "../../mod.ts";
import { output } from "../lib/process.ts";
import type { Section } from "../lib/record.ts";
import { alternate } from "../lib/runner.ts";
import { type Context, Draft } from "../lib/section.ts";
import { exponent } from "../lib/stats.ts";
import { ms, size } from "../lib/table.ts";

const cases = new URL("../../tests/cases/", import.meta.url);
/** Modules that are taken in turn: C and Rust, small and not. */
const FILES = ["c-statics/base", "stack/rust", "zig/base", "compilers/rust"];
const script = new URL("once.ts", import.meta.url).pathname;
/** In milliseconds, for a thousand; the short run is for machines that do something else, too. */
const [LIMIT, SHORT_LIMIT] = [2000, 10_000];

interface Said {
  first: number;
  /** Warm. */
  again: number;
  kb: number | null;
  baseline: number | null;
}

/**
 * Runs the section.
 *
 * @param context The run.
 * @returns What it says.
 */
export async function scale({ short, log }: Context): Promise<Section> {
  const draft = new Draft("scale", "Scale");
  const paths = FILES.map((name) => new URL(`${name}.wasm`, cases).pathname);
  const bytes = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const counts = [2, 10, 100, 1000];
  const volume = (count: number) =>
    Array.from({ length: count }, (_, at) => bytes[at % bytes.length].length).reduce((a, b) =>
      a + b
    );
  const seen = new Map<number, Said[]>(counts.map((count) => [count, []]));
  log("scale: 2 to 1000 modules");
  await alternate(
    counts.map((count) => ({
      name: `${count}`,
      run: async () => {
        // All permissions: Deno reads /proc for nobody else.
        const deno = [Deno.execPath(), "run", "--no-check", "--allow-all", script];
        const said: Said = JSON.parse(await output([...deno, `${count}`, ...paths]));
        seen.get(count)!.push(said);
        return said.first;
      },
    })),
    { rounds: short ? 1 : 7, warmup: 1, budget: 60_000 },
  );
  const rows: string[][] = [];
  const points: [number, number][] = [];
  for (const count of counts) {
    const list = seen.get(count)!.slice(1);
    const subject = `${count} modules`;
    const first = draft.measure(subject, "combine, first", "ms", list.map((each) => each.first));
    const again = draft.measure(subject, "combine, warm", "ms", list.map((each) => each.again));
    const grown = list.flatMap(({ kb, baseline }) => kb && baseline ? [kb - baseline] : []);
    const memory = grown.length
      ? draft.measure(subject, "memory above the start", "KiB", grown)
      : null;
    points.push([volume(count), again.median]);
    rows.push([
      subject,
      size(volume(count)),
      ms(first.median),
      ms(again.median),
      ms(again.median / count),
      memory ? size(memory.median * 1024) : "not measured",
    ]);
  }
  draft.tables.push({
    title: "combine, in a new process whose core has started",
    columns: ["modules", "input", "first", "warm", "a module", "peak memory, more"],
    rows,
  });
  draft.plots.push({
    title: "Time of combine by number of modules",
    kind: "lines",
    x: "modules",
    y: "milliseconds",
    series: [
      { name: "warm", points: counts.map((x, at) => ({ x, y: points[at][1] })) },
      {
        name: "linear from 10",
        points: counts.map((x, at) => ({ x, y: points[1][1] * volume(counts[at]) / volume(10) })),
      },
    ],
  });
  // With two a call itself counts.
  const growth = exponent(points.slice(1));
  const limit = short ? SHORT_LIMIT : LIMIT;
  const thousand = draft.median("1000 modules", "combine, first")!;
  draft.targets.push({
    what: "1000 modules combined, first call",
    wanted: `under ${ms(limit)}`,
    measured: ms(thousand),
    met: thousand < limit,
  }, {
    what: "time of combine by bytes of input, 10 to 1000 modules",
    wanted: "linear",
    measured: `bytes^${growth.toFixed(2)}`,
    met: growth < (short ? 1.5 : 1.15),
  });
  draft.notes.push(
    `Taken in turn: ${FILES.map((name, at) => `${name} (${size(bytes[at].length)})`).join(", ")}`,
  );
  draft.notes.push(
    `Peak memory is that of the whole process, less what it had before; inputs are shared`,
  );
  await answers(draft, bytes, short ? 10 : 100);
  return draft.finish();
}

/** A set that large, at work: every module has its own data. */
async function answers(draft: Draft, bytes: readonly Uint8Array[], count: number) {
  const modules = Array.from(
    { length: count },
    (_, at) => ({ name: `m${at}`, bytes: bytes[at % bytes.length] }),
  );
  const { exports } = await instantiate(await combine(modules), { env: {} });
  const { calls } = JSON.parse(await Deno.readTextFile(new URL("c-statics/case.json", cases)));
  for (let at = 0; at < count; at += bytes.length) {
    for (const { export: name, args = [], expect, returns, global, trap } of calls) {
      if (returns || global || trap) continue;
      const value = exports[`m${at}`][name](...args);
      draft.check(value === expect, `m${at}.${name}(${args}) gave ${value}, not ${expect}`);
    }
  }
}
