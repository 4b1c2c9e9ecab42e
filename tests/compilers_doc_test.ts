/**
 * The recipes of docs/compilers.md: each block is a part of a file in tests/cases/compilers, says what
 * `init` says, and what it made runs.
 */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { combine, inspect, instantiate, type ModuleInput } from "../mod.ts";
import { view } from "../src/memory/mod.ts";
import { judge } from "../src/init/advice.ts";
import type { Advice } from "../src/init/flags.ts";
import type { CargoBuild } from "../src/init/project.ts";
import { factsReport } from "../src/report/facts.ts";
import { facts } from "./fake.ts";

const folder = new URL("cases/compilers/", import.meta.url);
const page = Deno.readTextFileSync(new URL("../docs/compilers.md", import.meta.url));
const textOf = (file: string) => Deno.readTextFileSync(new URL(file, folder));
const bytesOf = (file: string) => Deno.readFileSync(new URL(file, folder));

/** `<!-- file part -->` before a block says where it is from. */
const blocks = [
  ...page.matchAll(/(?:^<!-- (\S+) (\S+) -->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm),
].map(([, file, part, language, code]) => ({ file, part, language, code }));

/** The parts of a source: what is between `# [name]` and `# [/name]`, without the indentation. */
function partsOf(file: string): Map<string, string> {
  const found = textOf(file).matchAll(
    /^( *)(?:#|\/\/) \[([\w-]+)\]\n([\s\S]*?)^ *(?:#|\/\/) \[\/\2\]$/gm,
  );
  return new Map(
    [...found].map((
      [, indent, name, code],
    ) => [name, code.replaceAll(RegExp(`^${indent}`, "gm"), "")]),
  );
}

const SOURCES = ["recipe.sh", "Makefile", "CMakeLists.txt", "zig/build.zig"]
  .concat("rust/Cargo.toml", "rust/.cargo/config.toml");

Deno.test("docs/compilers.md: every block is a part of a file that is built", () => {
  for (const { file, part, language, code } of blocks) {
    assert(file, `a block of ${language} does not say where it is from: ${code}`);
    if (file === "inspect") continue;
    assertEquals(code, partsOf(file).get(part), `${file} ${part}`);
  }
  const marked = SOURCES.flatMap((file) =>
    [...partsOf(file).keys()].map((part) => `${file} ${part}`)
  );
  const shown = blocks.filter(({ file }) => file !== "inspect");
  assertEquals(shown.map(({ file, part }) => `${file} ${part}`).sort(), marked.sort());
  assert(marked.length > 12, `${marked.length} parts`);
  assertEquals([...page.matchAll(/^ *```/gm)].length, blocks.length * 2, "a fence was not seen");
});

Deno.test("docs/compilers.md: what inspect says is what it says", async () => {
  const [shown, ...more] = blocks.filter(({ file }) => file === "inspect");
  assertEquals(more, []);
  const report = factsReport(await inspect({ name: "text", bytes: bytesOf(`${shown.part}.wasm`) }));
  const [before, after, ...rest] = shown.code.trimEnd().split("\n  …\n");
  assertEquals(rest, []);
  assert(report.startsWith(`${before}\n`), report);
  assert(report.endsWith(`\n${after}`), report);
});

Deno.test("docs/compilers.md: the versions are those of the recipe's last run", () => {
  const rows = [...page.matchAll(/^\| ([\w-]+) +\| ([\d.]+) +\|$/gm)];
  const versions = rows.map(([, tool, version]) => `${tool} ${version}\n`).join("");
  assertEquals(versions, textOf("versions.txt"));
  assertEquals(rows.length, 7);
});

/** What `init` says of a module without records. */
function advise(path: string, files: Record<string, string>, cargo: CargoBuild | null = null) {
  const problems = [{ code: "no_relocations" as const, message: "No records", hint: "Link" }];
  const { advice } = judge({ path, cargo }, facts("text", { problems }), [{ dir: ".", files }]);
  assert(advice !== null);
  return advice as Advice;
}

const lines = (file: string, part: string) => partsOf(file).get(part)!.trimEnd().split("\n");

/** A file without one of its parts: as it was before somebody read the page. */
function before(file: string, part: string): string {
  const whole = textOf(file);
  const [marked] = RegExp(`^ *(?:#|//) \\[${part}\\]\\n[\\s\\S]*?\\[/${part}\\]\\n`, "m").exec(
    whole,
  )!;
  return whole.replace(marked, () => "");
}

Deno.test("docs/compilers.md says of Rust what init says", () => {
  const files = { "Cargo.toml": textOf("rust/Cargo.toml") };
  for (
    const [triple, part, run] of [
      ["wasm32-unknown-unknown", "config", "rust"],
      ["wasm32-wasip1", "config-wasip1", "wasip1"],
    ]
  ) {
    const build = { dir: ".", triple, profile: "release" };
    const advice = advise(`target/${triple}/release/text.wasm`, files, build);
    assertEquals(advice.say, 'Add to ".cargo/config.toml"');
    assertEquals(advice.lines, lines("rust/.cargo/config.toml", part));
    assertEquals([advice.then], lines("recipe.sh", run));
  }
});

Deno.test("docs/compilers.md says of make, CMake and Zig what init says", () => {
  const make = advise("text.wasm", { Makefile: before("Makefile", "make") });
  assertEquals(make.lines, lines("Makefile", "make"));
  assertEquals([make.then], lines("recipe.sh", "run-make"));

  const cmake = advise("build/text.wasm", { "CMakeLists.txt": before("CMakeLists.txt", "cmake") });
  assertEquals(cmake.lines, lines("CMakeLists.txt", "cmake"));
  assertEquals(cmake.then, lines("recipe.sh", "run-cmake").at(-1));

  const build = advise("zig-out/bin/text.wasm", { "build.zig": before("zig/build.zig", "link") });
  assertEquals(build.lines, lines("zig/build.zig", "link"));
  assertEquals([build.then], lines("recipe.sh", "run-zig"));

  const script = "#!/bin/sh\nzig build-exe text.zig -femit-bin=text.wasm\n";
  const [compile, link] = advise("text.wasm", { "build.sh": script }).lines;
  const commands = partsOf("recipe.sh").get("zig")!.replaceAll("\\\n  ", "");
  const [start, end] = compile.split(" … ");
  assert(commands.startsWith(`${start} `), commands);
  assertStringIncludes(commands, ` ${end}\n`);
  assertStringIncludes(commands, `\n${link}\n`);

  // A flag that is missing in a command is a flag of the recipe.
  const plain = "#!/bin/sh\nclang --target=wasm32 -nostdlib text.c -o text.wasm\n";
  const [flags] = advise("text.wasm", { "build.sh": plain }).lines;
  for (const recipe of ["c", "cpp", "plain", "pic"]) {
    for (const flag of flags.split(" ")) {
      assertStringIncludes(partsOf("recipe.sh").get(recipe)!, ` ${flag} `);
    }
  }
});

Deno.test("docs/compilers.md says of twins what init says", () => {
  const bases = (text: string) =>
    [...text.matchAll(/[ =](\d{5,10})(?=[ ;])/g)].map(([, base]) => base);
  const script = (command: string) => ({ "build.sh": `#!/bin/sh\n${command}\n` });
  const asc = advise("text.wasm", script("asc text.ts -O3 -o text.wasm"));
  assertEquals(
    asc.lines.map((line) => line.replace("…", "text.ts -O3")),
    lines("recipe.sh", "asc").map((line) => line.replace(/ +#.*/, "")),
  );

  const recipe = partsOf("recipe.sh").get("emcc")!;
  const emcc = advise("text.wasm", script("emcc text.c -o text.wasm")).lines.map((line) =>
    [...line.matchAll(/ (-[-\w]+)(=\d+)?/g)].map(([, flag]) => flag)
  );
  for (const flag of emcc.flat()) assertStringIncludes(recipe, `${flag}`);
  assertEquals(new Set(emcc.map((flags) => flags.join())).size, 1);

  for (
    const [part, command] of [
      ["c-opt", "clang text.c -o text.wasm"],
      ["rust-opt", "cargo build --target wasm32-unknown-unknown && cp x text.wasm"],
    ]
  ) {
    const { more } = advise("text.wasm", script(`${command}\nwasm-opt -O3 text.wasm -o text.wasm`));
    const [{ lines: links }] = more!;
    const text = partsOf("recipe.sh").get(part)!;
    assertEquals(links.map((line) => bases(line)[0]), bases(text.split("\n")[0]), part);
    assertStringIncludes(text, links[0].replace(/\d+ .*/, "$base"));
  }
  // And the entry of the config is the one on the page.
  const entry = '{ path: "text.wasm", twin: ["text.near.wasm", "text.far.wasm"] }';
  assertEquals(asc.more![0].lines, [entry]);
  assertStringIncludes(page, `\`${entry}\``);
});

/** The modules, and the start of their texts. */
const MODULES: Record<string, string> = {
  rust: "Rust",
  "rust-wasip1": "Rust",
  c: "C",
  cpp: "C++",
  plain: "plain C",
  pic: "PIC",
  zig: "Zig",
};

Deno.test("docs/compilers.md: every recipe makes a module whose addresses are all known", async () => {
  const built = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".wasm")).map((name) => name.slice(0, -5));
  // Those without records are for compilers_twins_test.ts.
  const records = built.filter((name) =>
    !/^(assemblyscript|c-opt|emscripten|rust-opt|side)/.test(name)
  );
  assertEquals(records.sort(), [...Object.keys(MODULES), "zig-driver"].sort());
  for (const name of Object.keys(MODULES)) {
    const { kind, stack, heap, problems, warnings } = await inspect({
      name,
      bytes: bytesOf(`${name}.wasm`),
    });
    assertEquals([kind, problems, warnings], ["relocs", [], []], name);
    const rust = name.startsWith("rust");
    assertEquals(stack?.size, rust ? 0x100000 : 0x10000, name);
    const libc = ["c", "cpp", "rust-wasip1"].includes(name);
    assertEquals(heap.claim, libc ? "all" : "none", name);
  }
});

Deno.test("docs/compilers.md: what the recipes made runs in one memory", async () => {
  const inputs = Object.keys(MODULES).map((name): ModuleInput => ({
    name,
    bytes: bytesOf(`${name}.wasm`),
  }));
  const set = await combine(inputs, { strict: true });
  // What `malloc` and `free` are exported for: who has both is primed, and its code stays as it is.
  assertEquals(set.layout.startup.map(({ module }) => module), ["c", "cpp"]);
  const rewritten = set.layout.modules.filter(({ transforms }) => transforms.length > 0);
  assertEquals(rewritten.map(({ name }) => name), ["rust-wasip1"]);
  // libc++ and Rust's std would print, if they had to.
  const unused = (name: string) => () => {
    throw new Error(`${name} is called`);
  };
  const names = [
    "fd_close",
    "fd_seek",
    "fd_write",
    "environ_get",
    "environ_sizes_get",
    "proc_exit",
  ];
  const { memory, exports } = await instantiate(set, {
    shared: {
      wasi_snapshot_preview1: Object.fromEntries(names.map((name) => [name, unused(name)])),
    },
  });
  const read = (address: number) => {
    const all = new Uint8Array(memory.buffer);
    return new TextDecoder().decode(all.slice(address >>> 0, all.indexOf(0, address >>> 0)));
  };
  const texts = new Map<number, string>();
  for (const [maker, of] of Object.entries(MODULES)) {
    for (const [n, which] of ["first", "second"].entries()) {
      const address = exports[maker].text(n) >>> 0;
      const text = read(address);
      assert(text.startsWith(`${which} of ${of}`), `${maker}: ${text}`);
      texts.set(address, text);
      for (const reader of Object.keys(MODULES)) {
        assertEquals(exports[reader].length(address), text.length, `${maker} → ${reader}`);
      }
    }
  }
  assertEquals(texts.size, 2 * inputs.length, "each has texts of its own");

  // Blocks of every allocator lie side by side, until their owners free them.
  const owners: [string, string][] = [["c", "free"], ["cpp", "free"]];
  owners.push(["rust", "free_copy"], ["rust-wasip1", "free_copy"]);
  const blocks: [string, string, number, string][] = [];
  for (let round = 0; round < 100; round++) {
    for (const [owner, free] of owners) {
      for (const [address, text] of texts) {
        blocks.push([owner, free, exports[owner].copy(address), text]);
      }
    }
  }
  assertEquals(new Set(blocks.map(([, , block]) => block)).size, blocks.length);
  for (const [owner, free, block, text] of blocks) {
    assertEquals(read(block), text, owner);
    exports[owner][free](block);
  }

  // One variable for both.
  assertEquals(exports.plain.count(), 40);
  assertEquals(exports.pic.add(2), 42);
  assertEquals(exports.plain.count(), 42);
  const counter = (exports.plain.counter as unknown as WebAssembly.Global).value >>> 0;
  assertNotEquals(counter, 0);
  assertEquals(view(memory).i32[counter >>> 2], 42);
});

/** Modules that were made so, in this case or in `refuse`, whose list has the codes. */
const MISTAKES: Record<string, string> = {
  "the flag is missing": "plain.wasm",
  "Zig linked by `zig build-exe --emit-relocs`": "../compilers/zig-driver.wasm",
  "`llvm-strip` after the link": "llvm-strip.wasm",
  "`llvm-strip --keep-section=linking`": "llvm-strip-keep.wasm",
  "a tool removed one section of records": "llvm-objcopy-no-reloc.CODE.wasm",
  "`wasm-opt` after the link": "stale-wasm-opt.wasm",
  "clang without `--no-wasm-opt`, `wasm-opt` on `PATH`": "stale-clang-wasm-opt.wasm",
  "`wasm-bindgen` after the link": "wasm-bindgen.wasm",
  "linked with `--compress-relocations`": "compressed.wasm",
  "not linked: `clang -c`": "object.wasm",
  "`wasm-ld -r`": "linked-object.wasm",
  "threads: `-matomics`, `--shared-memory`": "shared-memory.wasm",
  "`wasm64`": "memory64.wasm",
  "AssemblyScript or Emscripten, without a twin": "../compilers/assemblyscript.wasm",
};

Deno.test("docs/compilers.md: each mistake has the code that the page says", async () => {
  const rows = [...page.matchAll(/^\| (.*?) +\| \[`(\w+)`\]\(errors\.md#\2\) +\|$/gm)]
    .map(([, mistake, code]) => [mistake, code]);
  assertEquals(rows.map(([mistake]) => mistake).sort(), Object.keys(MISTAKES).sort());
  for (const [mistake, code] of rows) {
    const bytes = bytesOf(`../refuse/${MISTAKES[mistake]}`);
    const { problems } = await inspect({ name: "text", bytes });
    assertEquals(problems.map((problem) => problem.code), [code], mistake);
  }
});
