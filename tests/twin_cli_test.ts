/** Twins by config and on the command line. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, toFileUrl } from "@std/path";
import { callExports } from "./cases/case.ts";
import { expected, testCase } from "./host/cases.ts";
import { type Folder, inFolder } from "./temp.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const c = testCase("twin-c");

async function cli(folder: Folder, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${ROOT}deno.json`,
      "--allow-read=.",
      "--allow-write=out",
      `${ROOT}src/bin.ts`,
      ...args,
    ],
    cwd: folder.path,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const files = {
  "a.wasm": c.bytes("opt"),
  "a.64k.wasm": c.bytes("opt-near"),
  "a.17m.wasm": c.bytes("opt-far"),
  "other.wasm": testCase("twin-c-malloc").bytes("base-near"),
  "b.wasm": testCase("c-statics").bytes(),
};

Deno.test("the command twin says what differs", async () => {
  await inFolder(files, async (folder) => {
    const { code, stdout } = await cli(folder, ["twin", "a.wasm", "a.64k.wasm", "a.17m.wasm"]);
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /^ {2}kind +twin: /m);
    assertMatch(stdout, /^ {2}bases +\+0x00010000 and \+0x01100000: 2 twins$/m);
    assertMatch(stdout, /^ {2}differ +65 operands, 42 words of data, 0 globals, 0 table slots /m);
    assertMatch(stdout, /✔ combine accepts it\n$/);
    const json = await cli(folder, ["twin", "--json", "a.wasm", "a.64k.wasm"]);
    const { ok, modules: [{ kind, twin }] } = JSON.parse(json.stdout);
    assertEquals([ok, kind, twin.distances, twin.code, twin.data], [true, "twin", [65536], 65, 42]);
  });
});

Deno.test("the command twin exits with 1 if they are none", async () => {
  await inFolder(files, async (folder) => {
    const { code, stdout, stderr } = await cli(folder, ["twin", "a.wasm", "other.wasm"]);
    assertEquals(code, 1);
    assertStringIncludes(stdout + stderr, "[twin_mismatch]");
    assertEquals((await cli(folder, ["twin", "a.wasm"])).code, 2, "no twin at all");
  });
});

Deno.test("a config names the twins, and combine writes modules that run", async () => {
  const module = { path: "a.wasm", twin: ["a.64k.wasm", "a.17m.wasm"] };
  const config = JSON.stringify({ modules: ["b.wasm", module] });
  await inFolder({ ...files, "wasm-share.config.json": config }, async (folder) => {
    const { code, stdout } = await cli(folder, ["combine"]);
    assertEquals(code, 0, stdout);
    const made = (await folder.list()).filter((name) => name.startsWith("out/"));
    assertEquals(made.filter((name) => name.endsWith(".wasm")), ["out/a.wasm", "out/b.wasm"]);
    const { instantiate } = await import(toFileUrl(folder.file("out/mod.js")).href);
    const { memory, exports } = await instantiate();
    const { layout } = JSON.parse(await folder.read("out/wasm-share.json"));
    const placed = layout.modules.find(({ name }: { name: string }) => name === "a");
    const calls = c.described.calls.filter(({ returns }) => returns !== "slot");
    const described = { ...c.described, calls };
    const results = callExports(exports.a, memory, described, { dataDelta: placed.dataDelta });
    assertEquals(results.map(({ value }) => value), expected(described));
    // Nothing to do again; and a twin that changed is noticed.
    assertEquals((await cli(folder, ["combine", "--check"])).code, 0);
    await folder.write("a.64k.wasm", files["other.wasm"]);
    const changed = await cli(folder, ["combine", "--check"]);
    assertEquals(changed.code, 1);
    assertStringIncludes(changed.stdout + changed.stderr, "[twin_mismatch]");
  });
});

Deno.test("a twin that is not there is named with its place in the config", async () => {
  const modules = [{ path: "a.wasm", twin: ["a.64k.wasm", "gone.wasm"] }];
  const config = JSON.stringify({ modules });
  await inFolder({ ...files, "wasm-share.config.json": config }, async (folder) => {
    const { code, stdout, stderr } = await cli(folder, ["combine"]);
    assertEquals(code, 1);
    assertMatch(stdout + stderr, /"gone\.wasm".*\[module_not_found\]/);
    assertStringIncludes(stdout + stderr, "modules[0].twin[1]");
  });
});
