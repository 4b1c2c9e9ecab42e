/**
 * What README quotes, made of a record: nobody types a number.
 *
 * `deno task bench:quote` puts the newest record into README, and makes the pages of all records again.
 *
 * @module
 */
import { renderPage } from "./html.ts";
import type { BenchRecord, Section } from "./record.ts";
import { digits, ms, size, times } from "./table.ts";

/** Between these lines README has what is made here. */
export const MARKS = ["<!-- bench -->", "<!-- /bench -->"] as const;

const records = new URL("../records/", import.meta.url);

/**
 * Finds the newest record.
 *
 * @returns Its file name without ending, and what it says.
 */
export function newestRecord(): { name: string; record: BenchRecord } {
  const names = [...Deno.readDirSync(records)].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).sort();
  const name = names.at(-1);
  if (!name) throw new Error("There is no record: run `deno task bench --record`");
  return {
    name: name.slice(0, -".json".length),
    record: JSON.parse(Deno.readTextFileSync(new URL(name, records))),
  };
}

/** The median of a measure. */
function at(section: Section, subject: string, contestant: string): number {
  const found = section.measures.find((each) =>
    each.subject === subject && each.contestant === contestant
  );
  if (!found) throw new Error(`The record has no "${contestant}" of "${subject}"`);
  return found.median;
}

/**
 * Writes the block for README.
 *
 * @param name Name of the record.
 * @param record A full run.
 * @returns Markdown, without the marks.
 */
export function quote(name: string, record: BenchRecord): string {
  const of = (wanted: string) => record.sections.find((each) => each.name === wanted)!;
  const names = ["moving", "running", "passing", "starting", "scale"];
  const [moving, running, passing, starting, scale] = names.map(of);
  const move = (module: string) => {
    const ours = at(moving, module, "ours, wasm core");
    const native = at(moving, module, "ours, native core");
    const walrus = at(moving, module, "walrus, wasm");
    return `${ms(ours)} (native ${ms(native)}, a copy ${
      ms(at(moving, module, "plain copy"))
    }, a walrus round trip ${ms(walrus)})`;
  };
  const whole = (contestant: string) => ms(at(moving, "10 modules", contestant));
  const geomeans = (form: string) =>
    ["Deno", "Node", "Bun"].map((engine) => {
      const mean = at(running, "geometric mean", `${engine}: ${form} / untouched`);
      return `${mean.toFixed(2)} in ${engine}`;
    }).join(", ");
  const rate = (record: string, kind: string) => at(passing, `records of ${record} in Deno`, kind);
  const records = (bytes: string) =>
    times(rate(bytes, "one memory, host passes pointers") / rate(bytes, "own memories, copies"));
  const call = (how: string) => `${digits(1e9 / at(passing, "calls in Deno", how))} ns`;
  const thousand = ms(at(scale, "1000 modules", "combine, first"));
  const core = size(at(starting, "size, gzip", "core: relocator.wasm"));
  const programs =
    running.measures.filter(({ subject, contestant }) =>
      subject.endsWith(" in Deno") && contestant === "untouched"
    ).length;
  const lines = [
    `Moving SQLite (1.7 MB) in a warm process takes ${
      move("sqlite")
    }; 21.6 MB with debug information ${move("large")}.`,
    `Ten modules as a whole process: \`combine\` in Deno ${
      whole("ours, combine in Deno")
    }, ten times \`wasm-ld\` ${whole("wasm-ld, relink")}, \`wasm-merge\` ${whole("wasm-merge")}.`,
    `Moved code takes ${
      geomeans("moved")
    } of the time of the untouched module (geometric mean of ${programs} programs in C and Rust); position independent code, linked statically, ${
      geomeans("PIC, static")
    }; side modules ${geomeans("side module")}.`,
    `Records of 256 bytes pass three modules ${
      records("256 B")
    } as fast as with copies between memories, records of 1 MiB ${
      records("1 MiB")
    } (Deno). A call to another module takes ${call("bound by the loader")}, within one ${
      call("linked statically")
    }, through JavaScript ${call("through JavaScript")}.`,
    `1000 modules are combined in ${thousand}. The core is ${core} after gzip.`,
  ];
  const missed = record.sections.flatMap(({ targets }) => targets).filter(({ met }) => !met);
  const { machine } = record;
  const last = missed.length === 0
    ? "All of the project's targets are met."
    : `${missed.length} of the project's targets are missed; the record says which and why.`;
  return [
    wrap(
      `${machine.cpu}, ${machine.cores} cores, Deno ${record.versions.deno}, Node ${record.versions.node}, Bun ${record.versions.bun}; medians of one run ([record](bench/records/${name}.json), ${record.date}):`,
    ),
    "",
    ...lines.map((line) => wrap(line, "- ")),
    "",
    wrap(last),
  ].join("\n");
}

/** A paragraph or list item as `deno fmt` has it: lines of 100 characters. */
function wrap(text: string, start = ""): string {
  const lines: string[] = [];
  let line = start.trimEnd();
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > 100) {
      lines.push(line);
      line = `${" ".repeat(start.length)}${word}`;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].join("\n");
}

/**
 * Puts the block where it belongs.
 *
 * @param readme The text of README.
 * @param block What {@linkcode quote} made.
 * @returns The text with it.
 */
export function withQuote(readme: string, block: string): string {
  const [start, end] = MARKS.map((mark) => readme.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`README lacks ${MARKS.join(" and ")}`);
  return `${readme.slice(0, start + MARKS[0].length)}\n\n${block}\n\n${readme.slice(end)}`;
}

if (import.meta.main) {
  for (const { name } of [...Deno.readDirSync(records)]) {
    if (!name.endsWith(".json")) continue;
    const page = renderPage(JSON.parse(Deno.readTextFileSync(new URL(name, records))));
    Deno.writeTextFileSync(new URL(name.replace(".json", ".html"), records), page);
  }
  const path = new URL("../../README.md", import.meta.url);
  const { name, record } = newestRecord();
  Deno.writeTextFileSync(path, withQuote(Deno.readTextFileSync(path), quote(name, record)));
}
