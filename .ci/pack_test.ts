/**
 * The package as its users get it: packed, installed by npm in an empty folder, and used from Node,
 * Bun, the type checker and a bundler. And the module itself in a Deno without any permission.
 *
 * `deno test -A .ci/pack_test.ts`. Needs npm.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { gzipSync } from "node:zlib";
import { inProject } from "../tests/host/crates.ts";
import { esbuild } from "../tests/host/npm.ts";
import { pack } from "./pack.ts";

const BUN = "bun@1.4.5";
const TYPESCRIPT = "typescript@5.9.3";
const NAME = "@wasm-share/memory";
const root = new URL("../", import.meta.url);
const modules = ["parser", "stats", "transform"];

interface Installed {
  /** The folder of the user's project. */
  dir: string;
  /** Path of the package in it. */
  package: string;
  tarball: string;
  /** What is in the package, by path. */
  files: string[];
}

let installing: Promise<Installed> | undefined;
let project: string | undefined;

/** Packs and installs, once for all tests. */
function installed(): Promise<Installed> {
  return installing ??= (async () => {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "wasm-share-user-" }));
    project = dir;
    const tarball = await pack(`${dir}/tarball`);
    await Deno.writeTextFile(`${dir}/package.json`, '{ "type": "module", "private": true }\n');
    await run("npm", ["install", "--no-audit", "--no-fund", tarball], dir);
    for (const name of modules) {
      await Deno.copyFile(new URL(`examples/records/${name}.wasm`, root), `${dir}/${name}.wasm`);
    }
    // The example, with the package instead of the sources.
    const source = await Deno.readTextFile(new URL("examples/records/records.ts", root));
    const typed = source.replace('"../../src/memory/mod.ts"', `"${NAME}/memory"`);
    assert(typed !== source, "records.ts imports something else");
    await Deno.writeTextFile(`${dir}/records.ts`, typed);
    const { code } = await esbuild.transform(typed, { loader: "ts" });
    await esbuild.stop();
    await Deno.writeTextFile(`${dir}/records.js`, code);
    await Deno.writeTextFile(`${dir}/main.js`, USER);
    const inside = `${dir}/node_modules/${NAME}`;
    return { dir, package: inside, tarball, files: (await list(inside, "")).sort() };
  })();
}

globalThis.addEventListener("unload", () => {
  if (project) Deno.removeSync(project, { recursive: true });
});

/** What a user writes: bytes in, running modules out. */
const USER = `\
import { readFile } from "node:fs/promises";
import { combine, instantiate } from "${NAME}";
import { run } from "./records.js";
const read = (name) => readFile(new URL(name + ".wasm", import.meta.url));
const [parser, stats, transform] = await Promise.all(["parser", "stats", "transform"].map(read));
const set = await combine({ parser, stats, transform });
const wrong = run(await instantiate(set), () => {});
console.log(wrong.length ? wrong.join("\\n") : "right");
`;

async function list(dir: string, under: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${under}`)) {
    if (isDirectory) found.push(...await list(dir, `${under}${name}/`));
    else found.push(`${under}${name}`);
  }
  return found;
}

async function run(
  command: string,
  args: string[],
  cwd: string,
  more: Record<string, string> = {},
): Promise<string> {
  const quiet = { npm_config_yes: "true", npm_config_update_notifier: "false" };
  const env = { NO_COLOR: "1", ...quiet, ...more };
  const child = new Deno.Command(command, { args, cwd, env, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
  assert(success, `${command} ${args.join(" ")}\n${out}\n${err}`);
  return out;
}

Deno.test("the package has what users need, and nothing else", async () => {
  const { files, tarball } = await installed();
  const top = new Set(files.map((path) => path.split("/")[0]));
  for (const needed of ["LICENSE", "README.md", "CHANGELOG.md", "mod.js", "mod.d.ts", "schema"]) {
    assert(top.delete(needed), `${needed} is missing`);
  }
  assertEquals([...top].sort(), ["package.json", "src", "third_party"]);
  assertEquals(files.filter((path) => /generate\.(ts|js)$|_test\.|\.map$/.test(path)), []);
  const { size } = await Deno.stat(tarball);
  assert(size < 1_450_000, `the tarball has ${size} bytes`);
});

Deno.test("the package names no folder of the machine that packed it", async () => {
  const { files, package: inside } = await installed();
  const folder = decodeURIComponent(root.pathname);
  for (const path of files) {
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${inside}/${path}`));
    assert(!text.includes(folder) && !/[#@] sourceMappingURL=/.test(text), path);
  }
});

Deno.test("the package needs two others", async () => {
  const { package: inside } = await installed();
  const { dependencies } = JSON.parse(await Deno.readTextFile(`${inside}/package.json`));
  assertEquals(Object.keys(dependencies).sort(), ["deno-std", "zod"]);
});

Deno.test("Node combines and runs modules", async () => {
  const { dir } = await installed();
  assertEquals(await run("node", ["main.js"], dir), "right");
});

Deno.test("Bun combines and runs modules", async () => {
  const { dir } = await installed();
  assertEquals(await run("npx", ["-y", BUN, "main.js"], dir), "right");
});

for (const [host, command] of [["Node", []], ["Bun", [BUN, "--bun", "run"]]] as const) {
  Deno.test(`the program runs in ${host}, and what it writes`, async () => {
    const { dir } = await installed();
    const out = `out-${host.toLowerCase()}`;
    const program = command.length === 0
      ? ["--no-install", "wasm-share"]
      : ["-y", ...command, "node_modules/.bin/wasm-share"];
    const args = ["combine", ...modules.map((name) => `${name}.wasm`), "-o", out];
    assertMatch(await run("npx", [...program, ...args], dir), /3 modules combined/);
    await run("npx", [...program, ...args, "--check"], dir);
    await Deno.writeTextFile(
      `${dir}/${out}.js`,
      `import { instantiate } from "./${out}/mod.js";\nimport { run } from "./records.js";\n` +
        'console.log(run(await instantiate(), () => {}).join("\\n") || "right");\n',
    );
    const runner = command.length === 0 ? ["node"] : ["npx", "-y", BUN];
    assertEquals(await run(runner[0], [...runner.slice(1), `${out}.js`], dir), "right");
  });
}

for (const host of ["Node", "Bun"]) {
  Deno.test(`init in ${host} writes a config and names a command, and both work`, async () => {
    const { dir } = await installed();
    const user = `${dir}/init-${host}`;
    await Deno.mkdir(`${user}/build`, { recursive: true });
    for (const name of modules) {
      await Deno.copyFile(`${dir}/${name}.wasm`, `${user}/build/${name}.wasm`);
    }
    const program = host === "Node"
      ? ["--no-install", "wasm-share"]
      : ["-y", BUN, "--bun", "run", "../node_modules/.bin/wasm-share"];
    const said = await run("npx", [...program, "init"], user);
    assertMatch(said, /wasm-share\.config\.m?[jt]s written: 3 modules/);
    const [, command] = /Next: (.*)$/.exec(said) ?? [];
    assertEquals(command, `${host === "Node" ? "npx" : "bunx"} wasm-share combine`);
    assertMatch(await run("npx", [...program, "combine"], user), /3 modules combined/);
  });
}

Deno.test("the program takes a config that imports the package", async () => {
  const { dir } = await installed();
  await Deno.writeTextFile(
    `${dir}/wasm-share.config.mjs`,
    `import { defineConfig } from "${NAME}";\n` +
      'export default defineConfig({ modules: ["parser.wasm", "stats.wasm"], output: { dir: "o" } });\n',
  );
  assertMatch(await run("npx", ["--no-install", "wasm-share"], dir), /2 modules combined/);
});

Deno.test("the program builds crates in Node", async () => {
  const { dir } = await installed();
  await inProject({}, { modules: [{ crate: "parser" }, "stats.wasm"] }, async (project) => {
    const PATH = await project.onPath();
    const program = `${dir}/node_modules/.bin/wasm-share`;
    assertMatch(await run(program, ["combine"], project.path, { PATH }), /2 modules combined/);
    await project.write(
      "main.mjs",
      'const { parser } = await (await import("./out/index.js")).init();\n' +
        "console.log(parser.twice(21));\n",
    );
    assertEquals(await run("node", ["main.mjs"], project.path), "42");
  });
});

Deno.test("Node gets the raw cores, and they fit", async () => {
  const { dir } = await installed();
  await Deno.writeTextFile(
    `${dir}/cores.js`,
    `import { readFile } from "node:fs/promises";
import { init, inspect } from "${NAME}";
for (const name of ["relocator", "converter", "transformer"]) {
  await init(readFile(new URL(import.meta.resolve("${NAME}/" + name + ".wasm"))), name);
}
console.log((await inspect(await readFile("parser.wasm"))).kind);
const [bytes, ...twin] = await Promise.all(["", "-near", "-far"].map((end) =>
  readFile("text" + end + ".wasm")
));
console.log((await inspect({ bytes, twin })).kind);
`,
  );
  for (const end of ["", "-near", "-far"]) {
    const built = new URL(`tests/cases/compilers/c-opt${end}.wasm`, root);
    await Deno.copyFile(built, `${dir}/text${end}.wasm`);
  }
  assertEquals(await run("node", ["cores.js"], dir), "relocs\ntwin");
});

for (const resolution of ["nodenext", "bundler"]) {
  Deno.test(`TypeScript resolves all types, the ${resolution} way`, async () => {
    const { dir } = await installed();
    await Deno.writeTextFile(
      `${dir}/types.ts`,
      `import { combine, type Combined, defineConfig, getHeapBase, inspect, instantiate, relocate,
  WasmShareError } from "${NAME}";
import { struct, view } from "${NAME}/memory";
import { instantiate as start } from "${NAME}/runtime";
import { run } from "./records.js";
const bytes = new Uint8Array();
const set: Combined = await combine([{ bytes, name: "a", additionalStack: 1 }], 4096);
const pages: number = set.neededPages;
const moved: Uint8Array = await relocate(bytes, 65536);
const base: number = await getHeapBase(moved);
const { exports } = await instantiate<{ a: { f(x: number): number } }>(set);
const answer: number = exports.a.f(pages + base);
// @ts-expect-error there is no such export
exports.a.g();
// @ts-expect-error there is no such key
defineConfig({ modules: ["a.wasm"], outputs: {} });
const Row = struct({ x: "f32", name: ["u8", 16] });
const row = Row.read(view(new WebAssembly.Memory({ initial: 1 })), answer);
const x: number = row.x;
// @ts-expect-error there is no such field
row.y;
try { await start(set, { env: { f: () => x } }); } catch (error) {
  if (error instanceof WasmShareError) { const code: string = error.code; void code; }
}
const facts = await inspect(bytes);
const kind: string = facts.kind;
void [kind, run, defineConfig({ modules: ["a.wasm"] })];
`,
    );
    const options = {
      strict: true,
      noEmit: true,
      target: "esnext",
      module: resolution === "bundler" ? "esnext" : resolution,
      moduleResolution: resolution,
      lib: ["esnext", "dom"],
      types: [],
      skipLibCheck: false,
    };
    const config = { compilerOptions: options, files: ["types.ts"] };
    await Deno.writeTextFile(`${dir}/tsconfig.${resolution}.json`, JSON.stringify(config));
    const args = ["-y", "-p", TYPESCRIPT, "tsc", "-p", `tsconfig.${resolution}.json`];
    await run("npx", args, dir);
  });
}

/** Size of a page's script, minified, after gzip. */
async function bundled(source: string): Promise<{ size: number; text: string }> {
  const { dir } = await installed();
  const { outputFiles, warnings } = await esbuild.build({
    stdin: { contents: source, resolveDir: dir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  await esbuild.stop();
  assertEquals(warnings, []);
  const [{ contents, text }] = outputFiles;
  return { size: gzipSync(contents, { level: 9 }).length, text };
}

for (
  const [entry, use, limit] of [
    ["memory", "struct, view", 3 * 512],
    ["runtime", "instantiate", 6 * 1024],
  ] as const
) {
  Deno.test(`a page with ./${entry} alone has at most ${limit} bytes`, async () => {
    const from = `${NAME}/${entry}`;
    const { size, text } = await bundled(
      `import { ${use} } from "${from}"; globalThis.used = [${use}];`,
    );
    assert(size <= limit, `${size} bytes after gzip`);
    assert(!/AGFzbQ|\bzod\b|"node:/.test(text), "has a core, zod or an import of Node's");
  });
}

Deno.test("a bundler takes the whole entry for a page, without zod and Node's modules", async () => {
  const { size, text } = await bundled(
    `import { combine, instantiate } from "${NAME}"; globalThis.used = [combine, instantiate];`,
  );
  assert(size < 740_000, `${size} bytes after gzip`);
  assert(!/ZodError|from ?"node:|import\("node:/.test(text), "has zod or an import of Node's");
});

Deno.test("the module works in Deno without any permission, config or lock", async () => {
  const { dir } = await installed();
  const embed = async (name: string) =>
    `Uint8Array.fromBase64("${(await Deno.readFile(`${dir}/${name}.wasm`)).toBase64()}")`;
  const sets = await Promise.all(modules.map(async (name) => `${name}: ${await embed(name)}`));
  const pic = await Deno.readFile(new URL("tests/cases/pic-c/base.wasm", root));
  await Deno.writeTextFile(
    `${dir}/alone.ts`,
    `import { combine, instantiate } from ${JSON.stringify(new URL("mod.ts", root).href)};
import { run } from ${JSON.stringify(new URL("examples/records/records.ts", root).href)};
// deno-lint-ignore no-explicit-any
const linked = await instantiate<any>(await combine({ ${sets.join(", ")} }));
const wrong = run(linked, () => {});
const pic = await combine([Uint8Array.fromBase64("${pic.toBase64()}")]);
await WebAssembly.compile(pic.modules[0]);
console.log(wrong.length ? wrong.join("\\n") : "right");
`,
  );
  const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
  assertEquals(await run(Deno.execPath(), [...args, "alone.ts"], dir), "right");
});
