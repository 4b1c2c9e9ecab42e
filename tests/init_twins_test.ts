/** `init` and twins: which files it takes for them, what it writes, and that `combine` runs with it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { build } from "../src/build.ts";
import { init, type InitRequest, type InitResult } from "../src/init/init.ts";
import { initReport } from "../src/report/init.ts";
import { twinOf } from "../src/init/twins.ts";
import { moduleAt } from "./host/cases.ts";
import { type Folder, inFolder } from "./temp.ts";

/** A program of docs/compilers.md at its bases. */
const links = (name: string) =>
  ["", "-near", "-far"].map((end) => moduleAt(`compilers/${name}${end}.wasm`));
const [script, scriptNear, scriptFar] = links("assemblyscript");
const [c, cNear, cFar] = links("c-opt");
const [emcc, emccNear, emccFar] = links("emscripten");
const records = moduleAt("compilers/c.wasm");
const side = moduleAt("compilers/side.wasm");
const fresh = moduleAt("c-statics/base.wasm");

function run(folder: Folder, more: Partial<InitRequest> = {}): Promise<InitResult> {
  return init({
    cwd: folder.path,
    files: [],
    out: null,
    config: "wasm-share.config.json",
    force: false,
    host: { runtime: "deno", program: "file:///ws/src/bin.ts", typescript: true },
    cargoTargetDir: null,
    mayRead: () => true,
    ...more,
  });
}

const modulesOf = async (folder: Folder) =>
  JSON.parse(await folder.read("wasm-share.config.json")).modules;

/** Combines with the config that was written; runs the result. */
async function combined(folder: Folder) {
  const overrides = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };
  const request = { cwd: folder.path, files: [], config: null, mode: "production", check: false };
  const { dir } = await build({ ...request, overrides });
  const loader = await import(toFileUrl(join(folder.path, dir, "mod.js")).href);
  return await loader.instantiate({ env: { abort: () => {} } });
}

Deno.test("twinOf() tells twins by the ends of their names", () => {
  for (
    const [path, module] of [
      ["build/words.near.wasm", "build/words.wasm"],
      ["words-near.wasm", "words.wasm"],
      ["words.64k.wasm", "words.wasm"],
      ["a.b/words.far.wasm", "a.b/words.wasm"],
      ["words-far.wasm", "words.wasm"],
      ["near.wasm", null],
      ["build/.far.wasm", null],
      ["afar.wasm", null],
      ["words.nearer.wasm", null],
      ["words.17.wasm", null],
    ] as const
  ) assertEquals(twinOf(path), module, path);
});

Deno.test("init() writes twins that lie beside a module, and combine runs with them", async () => {
  await inFolder({
    "build/words.wasm": script,
    "build/words.near.wasm": scriptNear,
    "build/words.far.wasm": scriptFar,
    "dist/text-64k.wasm": cNear,
    "dist/text-far.wasm": cFar,
    "dist/text.wasm": c,
    "build/side.wasm": side,
  }, async (folder) => {
    const result = await run(folder);
    assertEquals(
      result.modules.map(({ path, name, usable, twins }) => ({ path, name, usable, twins })),
      [
        { path: "build/side.wasm", name: "side", usable: true, twins: [] },
        {
          path: "build/words.wasm",
          name: "words",
          usable: true,
          twins: ["build/words.near.wasm", "build/words.far.wasm"],
        },
        {
          path: "dist/text.wasm",
          name: "text",
          usable: true,
          twins: ["dist/text-64k.wasm", "dist/text-far.wasm"],
        },
      ],
    );
    assertEquals(result.leftOut, []);
    const report = initReport(result);
    assertStringIncludes(report, "build/words.wasm (words.near.wasm, words.far.wasm)\n");
    assertStringIncludes(report, "combine takes all");
    await Deno.remove(folder.file("build/side.wasm"));
    await run(folder, { force: true });
    assertEquals(await modulesOf(folder), [
      { path: "build/words.wasm", twin: ["build/words.near.wasm", "build/words.far.wasm"] },
      { path: "dist/text.wasm", twin: ["dist/text-64k.wasm", "dist/text-far.wasm"] },
    ]);
    const { exports, memory } = await combined(folder);
    const address = exports.words.text(0) >>> 0;
    const bytes = new Uint8Array(memory.buffer, address);
    const text = new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
    assert(text.startsWith("first of AssemblyScript"), text);
    // The other one reads it where it is.
    assertEquals(exports.text.length(address), text.length);
  });
});

Deno.test("init() takes links that are called by their bases", async () => {
  await inFolder({
    "build/text.65536.wasm": emcc,
    "build/text.131072.wasm": emccNear,
    "build/text.2145386496.wasm": emccFar,
    // Versions of something else are no twins.
    "build/lib-1000.wasm": fresh,
    "build/lib-2000.wasm": records,
  }, async (folder) => {
    const { modules } = await run(folder);
    assertEquals(modules.map(({ name }) => name), ["lib-1000", "lib-2000", "text"]);
    assertEquals((await modulesOf(folder))[2], {
      path: "build/text.65536.wasm",
      name: "text",
      twin: ["build/text.131072.wasm", "build/text.2145386496.wasm"],
    });
  });
});

Deno.test("init() says what is wrong with twins, and what is missing", async () => {
  const advice = async (files: Record<string, Uint8Array>) => {
    let found: InitResult | null = null;
    await inFolder(files, async (folder) => void (found = await run(folder)));
    const { modules, leftOut } = found!;
    assertEquals([modules.length, leftOut.length], [1, 0]);
    return { code: modules[0].problems[0]?.code, ...modules[0] };
  };
  const near = await advice({ "words.wasm": script, "words.near.wasm": scriptNear });
  assertEquals([near.usable, near.code], [false, "twin_unconfirmed"]);
  assertStringIncludes(near.advice!.say, "second twin");
  const far = await advice({ "words.wasm": script, "words.far.wasm": scriptFar });
  assertEquals([far.usable, far.code], [false, "twin_granularity"]);
  const other = await advice({ "words.wasm": script, "words.near.wasm": cNear });
  assertEquals([other.usable, other.code, other.twins], [false, "twin_granularity", [
    "words.near.wasm",
  ]]);
  const text = new TextEncoder().encode("text");
  const broken = await advice({ "words.wasm": script, "words.near.wasm": text });
  assertEquals([broken.usable, broken.twins], [false, ["words.near.wasm"]]);
});

Deno.test("init() gives no twins to modules with records", async () => {
  await inFolder({
    "build/a.wasm": fresh,
    "build/a.near.wasm": moduleAt("c-statics/moved.wasm"),
    "build/b.wasm": records,
    "build/b.far.wasm": fresh,
  }, async (folder) => {
    const { modules, leftOut } = await run(folder);
    // A program that is another one is a module.
    assertEquals(modules.map(({ path }) => path), [
      "build/a.wasm",
      "build/b.far.wasm",
      "build/b.wasm",
    ]);
    assertEquals(modules.map(({ twins }) => twins), [[], [], []]);
    assertEquals(leftOut, [{
      path: "build/a.near.wasm",
      reason: 'Twin of "build/a.wasm", which needs none',
      problems: [],
    }]);
  });
});

Deno.test("init() takes twins rather than a guess", async () => {
  const pic = {
    "p.wasm": moduleAt("pic-c/base.wasm"),
    "p.near.wasm": moduleAt("pic-c/moved.wasm"),
  };
  await inFolder(pic, async (folder) => {
    const { modules: [{ usable, twins, advice }] } = await run(folder);
    assertEquals([usable, twins, advice], [true, ["p.near.wasm"], null]);
  });
});

Deno.test("init() looks for twins of modules that are named, and takes nothing else", async () => {
  await inFolder({
    "build/words.wasm": script,
    "build/words.near.wasm": scriptNear,
    "build/words.64k.wasm": scriptNear,
    "build/words.far.wasm": scriptFar,
    "build/b.wasm": records,
    "build/b.far.wasm": fresh,
  }, async (folder) => {
    const { modules, leftOut } = await run(folder, { files: ["build/words.wasm", "build/b.wasm"] });
    assertEquals(leftOut, []);
    assertEquals(modules.map(({ path }) => path), ["build/words.wasm", "build/b.wasm"]);
    assertEquals(modules[0].twins, ["build/words.64k.wasm", "build/words.far.wasm"]);
    // Twins that are named, too, are no modules.
    const files = ["build/words.wasm", "build/words.near.wasm", "build/words.far.wasm"];
    const named = await run(folder, { files, force: true });
    assertEquals(named.modules.map(({ path }) => path), ["build/words.wasm"]);
    // One alone is what it is.
    const alone = await run(folder, { files: ["build/words.far.wasm"], force: true });
    assertEquals(alone.modules.map(({ usable, twins }) => [usable, twins]), [[false, []]]);
    const all = await run(folder, { force: true });
    assertEquals(all.modules.map(({ path }) => path), [
      "build/b.far.wasm",
      "build/b.wasm",
      "build/words.wasm",
    ]);
    assertEquals(all.leftOut.map(({ path, reason }) => [path, reason]), [
      ["build/words.near.wasm", 'Another twin of "build/words.wasm"'],
    ]);
  });
});
