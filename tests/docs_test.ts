/** The documentation is true: codes, messages, links, tasks, options, code blocks. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { combine, formatProblem, instantiate, relocate, WasmShareError } from "../mod.ts";
import type { ModuleInput } from "../mod.ts";
import { knownKeys } from "../src/config/schema.ts";
import { helpText } from "../src/report/help.ts";
import { layoutReport } from "../src/report/layout.ts";
import { module as imports } from "./host/refused.ts";
import { encode, type ModuleSpec, reader, writer } from "./host/wasm.ts";
import { pick, put, without } from "./faults/edit.ts";

const root = new URL("../", import.meta.url);
const PAGES = [
  "README.md",
  "CHANGELOG.md",
  "docs/architecture.md",
  "docs/compilers.md",
  "docs/debugging.md",
  "docs/errors.md",
  "docs/formats.md",
  "docs/relocations.md",
  "docs/sharing.md",
  "docs/wasm-bindgen.md",
  "examples/bindgen/README.md",
  "examples/sqlite/README.md",
  "tests/cases/README.md",
];

const text = (path: string) => Deno.readTextFile(new URL(path, root));
const bytes = (path: string) => Deno.readFile(new URL(path, root));

/** The members of a union of string literals in `src/errors.ts`. */
async function union(name: string): Promise<string[]> {
  const [, body] = new RegExp(`export type ${name} =([^;]*);`).exec(await text("src/errors.ts"))!;
  return [...body.matchAll(/"(\w+)"/g)].map(([, code]) => code);
}

async function allCodes(): Promise<Set<string>> {
  return new Set([
    ...await union("WasmShareErrorCode"),
    ...await union("WasmShareWarningCode"),
  ]);
}

/** Every file below a folder of the repository. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) found.push(...await filesBelow(`${folder}${name}/`));
    else found.push(`${folder}${name}`);
  }
  return found;
}

/** Names of headings as links use them. */
function anchors(markdown: string): Set<string> {
  const headings = withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-")
    ),
  );
}

const withoutBlocks = (markdown: string) => markdown.replace(/^```[\s\S]*?^```$/gm, "");

Deno.test("docs/errors.md has a heading for each code, and for nothing else", async () => {
  const headings = [...(await text("docs/errors.md")).matchAll(/^### `(\w+)`$/gm)];
  const found = headings.map(([, code]) => code).sort();
  assertEquals(found, [...await allCodes()].sort());
});

Deno.test("the codes of the cores are codes of the package", async () => {
  const codes = await allCodes();
  const [, body] = /pub enum Code \{([^}]*)\}/.exec(
    await text("rust-lib/relocator/src/error.rs"),
  )!;
  const variants = [...body.matchAll(/^\s*([A-Z]\w*),$/gm)].map(([, name]) =>
    name.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase()
  );
  assert(variants.length > 20, "the enum was not found");
  assertEquals(variants.filter((code) => !codes.has(code)), []);

  const sources = await Promise.all((await filesBelow("rust-lib/transformer/src/")).map(text));
  const literals = sources.flatMap((source) => [
    ...source.matchAll(/Problem::new\(\s*"(\w+)"/g),
  ]).map(([, code]) => code);
  assert(literals.length > 0, "no code was found");
  assertEquals(literals.filter((code) => !codes.has(code)), []);
});

/** What goes wrong in `run`, or is worth knowing, as `docs/errors.md` shows it. */
async function reports(run: () => Promise<unknown>): Promise<[code: string, text: string][]> {
  try {
    const { warnings = [] } = await run() as { warnings?: Parameters<typeof formatProblem>[0][] };
    return warnings.map((warning) => [warning.code, `⚠ ${formatProblem(warning)}`]);
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
    return error.errors.map((problem) => [problem.code, `✖ ${formatProblem(problem)}`]);
  }
}

Deno.test("the messages in docs/errors.md are those of the program", async () => {
  const parser = await bytes("examples/records/parser.wasm");
  const stats = await bytes("examples/records/stats.wasm");
  const list = await bytes("tests/cases/pic-c/base.wasm");
  const alloc = await bytes("tests/cases/c-malloc/base.wasm");
  const zlib = await bytes("tests/cases/zlib/base.wasm");
  const symbols = await bytes("tests/cases/c-symbols/base.wasm");
  const sites = await bytes("tests/cases/refuse/sites.wasm");
  const debug = await bytes("tests/cases/refuse/debug.wasm");
  const [linkers] = pick(sites, { item: "symbol", name: "__heap_base", field: "name" });
  const mixed = await bytes("tests/cases/pic-mixed/base.wasm");
  const asks = encode(imports("writer", ["env.b_value"], ["a_value"]));
  const gives = encode(imports("one", [], ["b_value"]));
  const takesLevel = (from: string): ModuleSpec => ({
    name: "",
    imports: [{ module: from, name: "level", kind: "global", type: "i32", mutable: true }],
    global: { export: "level", value: 1 },
  });
  const early: ModuleSpec = { ...imports("writer", ["reader.f"], ["f"]), start: 0 };
  const fails = encode({ name: "", functions: [{ export: "_initialize", body: [0x00] }] });
  const late = encode(imports("reader", ["writer.f"], ["f"]));
  const other = { ...writer.imports![1], params: ["i64" as const] };
  const command = await bytes("tests/cases/wasi/command.wasm");
  const catches = await bytes("tests/cases/exceptions/catch-own.wasm");
  const throws = await bytes("tests/cases/exceptions/throw-own.wasm");
  const thrown = await Promise.all(
    ["catch", "throw"].map((name) => bytes(`tests/cases/exceptions/${name}.wasm`)),
  );
  const stock = await bytes("tests/cases/debug-c/base.wasm");
  const module = (...sections: number[][]) =>
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...sections.flat()]);
  const refused: { file: string; code: string | null }[] = JSON.parse(
    await text("tests/cases/refuse/refuse.json"),
  );
  const runs: (() => Promise<unknown>)[] = [
    ...refused.map(({ file }) => async () => {
      const input = await bytes(`tests/cases/refuse/${file}`);
      return await combine([{ name: file.replace(".wasm", ""), bytes: input }]);
    }),
    // A memory with pages of 1 byte; a passive segment.
    () => combine({ a: module([5, 4, 1, 8, 1, 0]) }),
    () => combine({ a: module([5, 3, 1, 0, 1], [12, 1, 1], [11, 4, 1, 1, 1, 65]) }),
    // A recursive group of types; an absolute symbol of the user's; debug information that stays.
    () => combine({ types: module([1, 3, 1, 0x4e, 0]) }),
    () => combine({ device: put(sites, linkers, new TextEncoder().encode("io_register")) }),
    () => combine({ debug: without(debug, "reloc..debug_info") }),
    () => combine({ callbacks: without(debug, "reloc.DATA") }),
    () => combine({ mixed }),
    () => combine({ list }),
    () => combine({ list }, { strict: true }),
    () => combine({ list }, { pointers: "ignore" }),
    () => combine([parser, stats].map((bytes): ModuleInput => ({ bytes, name: "a" }))),
    () => combine([{ bytes: parser, name: "a", stack: 100 }]),
    () => combine([{ bytes: parser, name: "a", stirp: false } as ModuleInput]),
    () => relocate(parser, 8),
    () => combine({ parser, stats }, { additionalStack: 2 ** 31 }),
    () =>
      combine([
        { bytes: parser, name: "a", base: 0x200000 },
        { bytes: stats, name: "b", base: 0x200010 },
      ]),
    () => combine({ parser, stats }, { memory: { maximum: 4 } }),
    () => combine({ symbols, zlib }),
    () => combine({ alloc, parser }),
    () => combine({ one: command, two: command }),
    () => combine({ writer: encode({ ...writer, imports: [other] }), reader: encode(reader) }),
    () => combine({ stock }),
    async () => await instantiate(await combine({ writer: asks })),
    async () => await instantiate(await combine({ writer: asks, one: gives, two: gives })),
    async () => {
      const [writer, reader] = ["reader", "writer"].map((from) => encode(takesLevel(from)));
      await instantiate(await combine({ writer, reader }));
    },
    async () => await instantiate(await combine({ writer: encode(early), reader: late })),
    async () => await instantiate(await combine({ writer: fails })),
    () => combine({ catch: thrown[0], throw: thrown[1] }),
    () => combine({ catch: catches, throw: throws }),
    async () => {
      const set = await combine({ parser, stats });
      set.modules[1] = stats;
      await instantiate(set);
    },
  ];
  const said = new Map<string, string[]>();
  for (const run of runs) {
    for (const [code, message] of await reports(run)) {
      said.set(code, [...said.get(code) ?? [], message]);
    }
  }
  // Said by the command line, or of modules that are not in the repository.
  const elsewhere = ['Cannot use the name "parser"', 'module "bss"'];
  const page = await text("docs/errors.md");
  let compared = 0;
  for (const [, block] of page.matchAll(/^```text\n([\s\S]*?)\n```$/gm)) {
    const known = said.get(/\[(\w+)\]$/m.exec(block)?.[1] ?? "");
    if (known === undefined || elsewhere.some((part) => block.includes(part))) continue;
    assert(known.includes(block), `${block}\n\nis not among\n\n${known.join("\n")}`);
    compared++;
  }
  assert(compared >= 30, `${compared} messages were compared`);
});

Deno.test("links between the pages lead somewhere", async () => {
  const dead: string[] = [];
  for (const page of PAGES) {
    for (const [, link] of withoutBlocks(await text(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const target = new URL(link, new URL(page, root));
      const { hash } = target;
      target.hash = "";
      const found = await Deno.stat(target).catch(() => null);
      const content = found && (found.isFile ? await Deno.readTextFile(target) : "");
      if (content === null || hash && !anchors(content).has(decodeURIComponent(hash.slice(1)))) {
        dead.push(`${page}: ${link}`);
      }
    }
  }
  assertEquals(dead, []);
});

Deno.test("files and tasks that the pages name exist", async () => {
  const { tasks } = JSON.parse(await text("deno.json"));
  const missing: string[] = [];
  for (const page of PAGES) {
    const content = await text(page);
    for (const [, task] of content.matchAll(/deno task ([a-z]+(?::[a-z]+)*)/g)) {
      if (!(task in tasks)) missing.push(`${page}: deno task ${task}`);
    }
    for (const [, path] of content.matchAll(/`((?:src|rust-lib|tests|schema)\/[\w./-]*[\w/])`/g)) {
      const exists = await Deno.stat(new URL(path, root)).then(() => true, () => false);
      if (!exists) missing.push(`${page}: ${path}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("README names every option, and the flags as --help does", async () => {
  const page = await text("README.md");
  const nested = ["memory", "checks", "output"];
  const options = [
    ...knownKeys([]).filter((key) => key !== "$schema" && !nested.includes(key)),
    ...nested.flatMap((key) => knownKeys([key]).map((inner) => `${key}.${inner}`)),
    ...knownKeys(["modules", 0]),
  ];
  // Options of crates are in docs/wasm-bindgen.md.
  const cells = [...page.matchAll(/^\| (`[^|]*`)/gm)].map(([, cell]) => cell).join();
  assertEquals(options.filter((option) => !cells.includes(`\`${option}\``)), []);

  const topics = [null, "combine", "init"] as const;
  const help = topics.map(helpText).join("\n").split("\n");
  const lines = help.filter((line) => /^ +(-|wasm-share .*(→|takes|help|version))/.test(line));
  assert(lines.length >= 12, "the flags were not found");
  for (const line of lines) assertStringIncludes(page, line.trim());
});

Deno.test("README shows the layout that the example gets", async () => {
  const names = ["parser", "stats", "transform"];
  const modules = await Promise.all(names.map(async (name): Promise<ModuleInput> => ({
    name,
    bytes: await bytes(`examples/records/${name}.wasm`),
  })));
  const { layout } = await combine(modules);
  assertStringIncludes(await text("README.md"), layoutReport(layout));
});

Deno.test("code blocks of the pages run", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--doc", "--allow-read", "README.md", "docs/debugging.md"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stdout) + decoder.decode(stderr));
});
