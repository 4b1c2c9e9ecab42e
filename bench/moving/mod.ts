/**
 * Moving a module: ours beside a walrus round trip, `wasm-ld`, `wasm-merge` and a plain copy.
 *
 * @module
 */
import type { Section } from "../lib/record.ts";
import { type Context, Draft } from "../lib/section.ts";
import { exponent, split } from "../lib/stats.ts";
import { digits, ms, size, speed, times } from "../lib/table.ts";
import { findSubjects, fromProgram, type Subject } from "./modules.ts";
import { COPY, NATIVE, OURS, WALRUS_NATIVE, warm } from "./warm.ts";
import { CLI, cold, LINKER, MERGE, NATIVE_PROCESS, wholeProcesses } from "./whole.ts";

/** Why a target was missed if it was, as profiles of both cores say. */
const WHY =
  "what is left are two copies, into the core and out of it, a third of the time and more where the memory of the result is " +
  "fresh, and some 10 ns for each record, which is read and proved before anything is patched, also where nothing moves";

/** How many modules the target for the command line is about. */
const MANY = 10;

/**
 * Runs the section.
 *
 * @param context The run.
 * @returns What it says.
 */
export async function moving(context: Context): Promise<Section> {
  const draft = new Draft("moving", "Moving a module");
  const subjects = findSubjects(context.programs);
  const sites = new Map<string, number>();
  for (const subject of subjects) {
    context.log(`moving ${subject.name}, ${size(subject.bytes.length)}`);
    sites.set(subject.name, await warm(draft, subject, context));
  }
  warmTables(draft, subjects, sites, context.short);
  const chosen = context.short
    ? subjects.slice(1, 2)
    : subjects.filter(({ name }) => name !== "shapes");
  for (const subject of chosen) {
    context.log(`moving ${subject.name} as whole processes`);
    await wholeProcesses(draft, subject.name, [subject], context);
    await cold(draft, subject, context);
  }
  const many = context.programs.built.filter(({ language, source }) => language === "C" && source)
    .slice(0, MANY).map(fromProgram);
  const name = `${MANY} modules`;
  if (many.length === MANY && !context.short) {
    context.log(`moving ${name} as whole processes`);
    await wholeProcesses(draft, name, many, context);
  } else if (!context.short) draft.skipped.push(`${name} beside wasm-ld: need the programs in C`);
  wholeTables(draft, [...chosen.map((each) => each.name), ...many.length === MANY ? [name] : []]);
  const skipped = new Set(draft.measures.map(({ contestant }) => contestant));
  if (!context.short && !skipped.has(LINKER)) {
    draft.skipped.push("wasm-ld relinking: needs the objects, which need the compilers of Debian");
  }
  return draft.finish();
}

const of = (draft: Draft, subject: string, start: string) =>
  draft.measures.find((each) => each.subject === subject && each.contestant.startsWith(start));

function warmTables(
  draft: Draft,
  subjects: readonly Subject[],
  sites: Map<string, number>,
  short: boolean,
) {
  const walrus = draft.measures.find(({ contestant }) => contestant.startsWith("walrus, wasm"))!
    .contestant;
  const names = [OURS, "of it in the core", NATIVE, COPY, walrus, WALRUS_NATIVE];
  const there = names.filter((name) => draft.median(subjects[0].name, name) !== undefined);
  draft.tables.push({
    title: "Moving by 1 MiB, warm: medians",
    columns: ["module", "bytes", "sites", ...there, "V8 compiles"],
    rows: subjects.map(({ name, bytes }) => [
      name,
      size(bytes.length),
      `${sites.get(name)}`,
      ...there.map((each) => ms(draft.median(name, each)!)),
      ms(draft.median(name, "WebAssembly.compile")!),
    ]),
  });
  const pairs: [string, string][] = [[OURS, walrus], [NATIVE, WALRUS_NATIVE]];
  const both = pairs.filter(([ours]) => there.includes(ours));
  draft.tables.push({
    title: "The same as throughput of input, and beside walrus in the same form",
    columns: ["module", ...both.flatMap(([ours]) => [ours, "walrus takes"])],
    rows: subjects.map(({ name, bytes }) => [
      name,
      ...both.flatMap(([ours, theirs]) => [
        speed(bytes.length, draft.median(name, ours)!),
        times(draft.median(name, theirs)! / draft.median(name, ours)!),
      ]),
    ]),
  });
  const points = (contestant: string) =>
    subjects.map(({ name, bytes }) => ({
      x: bytes.length,
      y: draft.median(name, contestant)!,
      label: name,
    }));
  draft.plots.push({
    title: "Time by size of the module, warm",
    kind: "lines",
    x: "bytes of input",
    y: "milliseconds",
    series: there.map((name) => ({ name, points: points(name) })),
  });
  for (const { name, what, bytes } of subjects) {
    draft.notes.push(`${name}: ${what}, ${size(bytes.length)}`);
  }

  // What is smaller than this is dominated by the call.
  const large = subjects.filter(({ bytes }) => bytes.length >= 500_000);
  for (const [ours, theirs] of both) {
    const rates = large.map(({ name, bytes }) => bytes.length / draft.median(name, ours)! / 1e6);
    const range = (list: number[], unit: string) =>
      `${digits(Math.min(...list))} to ${digits(Math.max(...list))}${unit}`;
    draft.targets.push({
      what: `moving, warm, ${ours} (modules of 0.5 MB and more)`,
      wanted: `≥ ${short ? 0.05 : 1} GB/s of input`,
      measured: range(rates, " GB/s"),
      met: Math.min(...rates) >= (short ? 0.05 : 1),
      why: WHY,
    });
    const copy = ours === OURS ? COPY : "plain copy, native";
    const copies = subjects.map(({ name }) =>
      draft.median(name, theirs)! / draft.median(name, copy)!
    );
    const ratios = subjects.map(({ name }) =>
      draft.median(name, theirs)! / draft.median(name, ours)!
    );
    draft.targets.push({
      what: `moving, warm, ${ours} beside ${theirs}`,
      wanted: `≥ ${short ? 2 : 100} x faster`,
      measured: range(ratios, " x"),
      met: Math.min(...ratios) >= (short ? 2 : 100),
      why:
        `a plain copy of the same bytes is ${
          range(copies, " x")
        } faster than that walrus, and ours has to copy twice and to read and prove ` +
        "each record in between; walrus drops debug information, which we move",
    });
    if (large.length < 3) continue;
    const costs = split(
      large.map(({ name, bytes }) => [bytes.length, sites.get(name)!, draft.median(name, ours)!]),
    );
    const growth = exponent(
      large.map(({ name, bytes }) => [bytes.length, draft.median(name, ours)!]),
    );
    draft.notes.push(
      `${ours}: ${digits(costs.each[0] * 1e6)} ns a byte and ${
        digits(costs.each[1] * 1e6)
      } ns a site explain the ` +
        `times of modules of 0.5 MB and more to ${
          digits(costs.worst * 100)
        } %; time grows with the size to the power ` +
        `of ${growth.toFixed(2)}`,
    );
    draft.targets.push({
      what: `moving, ${ours}: cost by size`,
      wanted: "linear in bytes plus sites",
      measured: `bytes^${growth.toFixed(2)}; bytes and sites explain all but ${
        digits(costs.worst * 100)
      } %`,
      met: growth < 1.2 && costs.worst < 0.5,
    });
  }
}

function wholeTables(draft: Draft, names: readonly string[]) {
  const there = [CLI, NATIVE_PROCESS, LINKER, MERGE, "walrus, native process", "cp"]
    .filter((name) => draft.measures.some(({ contestant }) => contestant === name));
  const cell = (subject: string, contestant: string, render: (value: number) => string) => {
    const median = draft.median(subject, contestant);
    return median === undefined ? "–" : render(median);
  };
  draft.tables.push({
    title: "As whole processes: time",
    columns: ["module", ...there],
    rows: names.map((name) => [name, ...there.map((each) => cell(name, each, ms))]),
  });
  const peaks = [...there, "ours, wasm core, in Deno", "reading the file, in Deno"];
  const rows = names.map((name) => [
    name,
    ...peaks.map((each) => cell(`${name}, peak memory`, each, (kb) => size(kb * 1024))),
  ]);
  if (rows.some((row) => row.slice(1).some((each) => each !== "–"))) {
    draft.tables.push({
      title: "As whole processes: peak memory (of the largest, where it takes several)",
      columns: ["module", ...peaks],
      rows,
    });
  } else draft.skipped.push("peak memory: needs Linux, and for other programs cargo of rustup");
  const fresh = names.filter((name) => of(draft, `${name}, new process`, "ours"));
  draft.tables.push({
    title: "In a new process of Deno: our functions, cold",
    columns: ["module", "import mod.ts", "first call", "second call", "walrus: first call"],
    rows: fresh.map((name) => {
      const at = (start: string) => ms(of(draft, `${name}, new process`, start)!.median);
      return [
        name,
        at("ours, wasm core: import"),
        at("ours, wasm core: first"),
        at("ours, wasm core: second"),
        at("walrus, wasm: first"),
      ];
    }),
  });
  const many = names.find((name) => name === `${MANY} modules`);
  const linked = many && draft.median(many, LINKER);
  if (linked) {
    const ours = draft.median(many, CLI)!;
    draft.targets.push({
      what: `whole process, ${MANY} modules: combine in Deno beside wasm-ld`,
      wanted: "faster",
      measured: `${ms(ours)} beside ${ms(linked)}: ${times(linked / ours)} as fast`,
      met: ours < linked,
    });
  }
}
