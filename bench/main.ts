/**
 * The benchmark suite: us beside everybody, on this machine, in one run. Each result is checked for the right answer; a
 * wrong one ends the run with exit code 1.
 *
 * `deno task bench [--short] [--only moving,running,…] [--json FILE] [--html FILE] [--record]`
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { renderPage } from "./lib/html.ts";
import { commit, load, machine } from "./lib/machine.ts";
import { findPeers, type Peers } from "./lib/peers.ts";
import { buildPrograms, compilers, listed } from "./lib/programs.ts";
import { type BenchRecord, recordFaults, type Section } from "./lib/record.ts";
import type { Context } from "./lib/section.ts";
import { renderTable } from "./lib/table.ts";
import { moving } from "./moving/mod.ts";
import { passing } from "./passing/mod.ts";
import { running } from "./running/mod.ts";
import { scale } from "./scale/mod.ts";
import { starting } from "./starting/mod.ts";

const SECTIONS: Record<string, (context: Context) => Promise<Section>> = {
  moving,
  running,
  passing,
  starting,
  scale,
};

const root = new URL("../", import.meta.url);
const USAGE = `Usage: deno task bench [flags]
    --short              few rounds, nothing built: answers and wide margins only
    --only <sections>    some of: ${Object.keys(SECTIONS).join(", ")}
    --json <file>        write what was measured
    --html <file>        write a page with tables and plots
    --record             write both into bench/records, named by the day`;

const log = (line: string) => console.error(`· ${line}`);

async function run(short: boolean, names: string[]): Promise<BenchRecord> {
  const start = performance.now();
  const before = load();
  const peers: Peers = await findPeers(short, log);
  const builds = !short && names.some((name) => name === "moving" || name === "running");
  const programs = await buildPrograms(builds ? listed : [], builds, log);
  const found = await compilers();
  if (builds && found.c) peers.versions.clang = /version ([\d.]+)/.exec(found.c)?.[1] ?? found.c;
  const scratch = await Deno.realPath(await Deno.makeTempDir({ prefix: "wasm-share-bench-" }));
  const context: Context = { short, peers, programs, scratch, log };
  const sections: Section[] = [];
  try {
    for (const name of names) {
      log(`section ${name}`);
      const section = await SECTIONS[name](context);
      sections.push(section);
      show(section);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  if (!short) {
    for (const line of [...peers.skipped, ...programs.skipped]) console.log(`skipped: ${line}`);
  }
  return {
    format: 1,
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(root),
    short,
    machine: await machine(),
    versions: peers.versions,
    load: [before, load()],
    sections,
    seconds: Math.round((performance.now() - start) / 1000),
  };
}

function show({ title, tables, notes, targets, skipped, checks, seconds }: Section) {
  console.log(`\n${title.toUpperCase()}\n`);
  for (const table of tables) console.log(`${renderTable(table)}\n`);
  for (const note of notes) console.log(note);
  for (const { what, wanted, measured, met, why } of targets) {
    console.log(
      `${met ? "✔" : "✖"} ${what}: ${wanted}: ${measured}${!met && why ? ` (${why})` : ""}`,
    );
  }
  for (const line of skipped) console.log(`skipped: ${line}`);
  console.log(`${checks} answers were right (${seconds} s)`);
}

function footer(record: BenchRecord): string {
  const { machine, versions, load, commit, seconds } = record;
  return [
    `\n${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; load ${
      load.join(" → ")
    }`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
    `commit ${commit}, ${seconds} s`,
  ].join("\n");
}

async function main(args: string[]): Promise<number> {
  const flags = parseArgs(args, {
    boolean: ["short", "record", "help"],
    string: ["only", "json", "html"],
    unknown: (flag) => {
      console.error(`Cannot use "${flag}"\n${USAGE}`);
      Deno.exit(2);
    },
  });
  if (flags.help) return console.log(USAGE), 0;
  const names: string[] = flags.only?.split(",") ?? Object.keys(SECTIONS);
  const unknown = names.find((name) => !(name in SECTIONS));
  if (unknown !== undefined) return console.error(`There is no section "${unknown}"\n${USAGE}`), 2;
  const record = await run(flags.short, names);
  console.log(footer(record));
  const faults = recordFaults(record);
  if (faults.length > 0) {
    return console.error(`The record is not complete:\n${faults.join("\n")}`), 1;
  }
  const json = `${JSON.stringify(record, null, 1)}\n`;
  const page = renderPage(record);
  const writes: [string | URL | undefined, string][] = [[flags.json, json], [flags.html, page]];
  if (flags.record) {
    const at = (ending: string) => new URL(`bench/records/${record.date}.${ending}`, root);
    writes.push([at("json"), json], [at("html"), page]);
  }
  for (const [path, content] of writes) if (path) await Deno.writeTextFile(path, content);
  const missed = record.sections.flatMap(({ targets }) => targets).filter(({ met }) => !met);
  if (missed.length > 0) console.log(`${missed.length} targets were missed`);
  // The margins of the short run are so wide that only a defect misses them.
  return flags.short && missed.length > 0 ? 1 : 0;
}

Deno.exit(
  await main(Deno.args).catch((error) => {
    console.error(`✖ ${error.message ?? error}`);
    return 1;
  }),
);
