/** `combine` with files: source maps are read, shifted and written beside the modules. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { build, type BuildRequest } from "../src/build.ts";
import { WasmShareError } from "../src/errors.ts";
import { readDataUrl, sourceMapUrl, writeDataUrl } from "../src/move_source_map.ts";
import { sha256 } from "../src/write/manifest.ts";
import { withSourceMappingUrl } from "./cases/source_map.ts";
import { testCase } from "./host/cases.ts";
import { traceMapping } from "./host/npm.ts";
import { assemble, sections } from "./host/sections.ts";
import { type Folder, inFolder } from "./temp.ts";

const OVERRIDES = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };
const MAP = Deno.readTextFileSync(new URL("cases/debug-c/base.wasm.map", import.meta.url));
const PLAIN = assemble(
  sections(testCase("debug-c").bytes()).filter(({ name }) => name !== "sourceMappingURL"),
);
const module = (url: string) => withSourceMappingUrl(PLAIN, url);

function run({ path }: Folder, request: Partial<BuildRequest> = {}) {
  const defaults = { files: ["in/a.wasm"], config: null, mode: "production", check: false };
  return build({ cwd: path, ...defaults, overrides: OVERRIDES, ...request });
}

const inProject = (
  files: Record<string, string | Uint8Array>,
  test: (folder: Folder) => Promise<void>,
) => inFolder({ "in/a.wasm": module("a.map"), "in/a.map": MAP, ...files }, test);

/** The sources of a map as their files, seen from the root of the project. */
function sourcesOf(text: string, map: string): string[] {
  const trace = new traceMapping.TraceMap(text, `file:///${map}`);
  return trace.resolvedSources.map((url) => url!.replace("file:///", ""));
}

const warnings = ({ combined }: Awaited<ReturnType<typeof build>>) =>
  combined.warnings.map(({ code, message, hint }) => `${code}: ${message} → ${hint}`);

Deno.test("build() writes the map of a module beside it", async () => {
  await inProject({}, async (folder) => {
    const result = await run(folder);
    assertEquals(warnings(result), []);
    assertEquals(result.files.slice(0, 2).map(({ path, state }) => `${state} ${path}`), [
      "new a.wasm",
      "new a.wasm.map",
    ]);
    const text = await folder.read("out/a.wasm.map");
    assertEquals(sourceMapUrl(await Deno.readFile(folder.file("out/a.wasm"))), "a.wasm.map");
    const map = JSON.parse(text);
    assertEquals([map.file, map.sourcesContent], ["a.wasm", JSON.parse(MAP).sourcesContent]);
    assertEquals(sourcesOf(text, "out/a.wasm.map"), sourcesOf(MAP, "in/a.map"));

    const manifest = JSON.parse(await folder.read("out/wasm-share.json"));
    assertEquals(manifest.inputs[0].codeShift, result.combined.codeShifts[0]);
    assert(manifest.inputs[0].codeShift !== 0);
    assertEquals(manifest.outputs[1], {
      file: "a.wasm.map",
      size: text.length,
      sha256: await sha256(new TextEncoder().encode(text)),
    });

    // Nothing is written twice, --check sees it, and it goes with the map.
    assertEquals((await run(folder, { check: true })).current, true);
    await folder.write("in/a.map", MAP.replace("stock.c", "stack.c"));
    const { files, current } = await run(folder, { check: true });
    const states = Object.fromEntries(files.map(({ path, state }) => [path, state]));
    assertEquals([current, states["a.wasm"], states["a.wasm.map"]], [
      false,
      "unchanged",
      "changed",
    ]);
    await folder.write("in/a.wasm", PLAIN);
    await run(folder);
    assert(!(await folder.list()).includes("out/a.wasm.map"));
  });
});

Deno.test("build() finds the map by the URL, relative to the module", async () => {
  await inProject({
    "in/maps of a/ü.map": JSON.stringify({ ...JSON.parse(MAP), sourceRoot: "../src/" }),
    "in/a.wasm": module("maps%20of%20a/%C3%BC.map?v=1#x"),
  }, async (folder) => {
    assertEquals(warnings(await run(folder)), []);
    const text = await folder.read("out/a.wasm.map");
    assertEquals(
      sourcesOf(text, "out/a.wasm.map"),
      ["stock.c", "check.h", "total.c"].map((name) => `in/src/${name}`),
    );
  });
});

Deno.test("build() keeps sources that are URLs or absolute, in indexed maps too", async () => {
  const sources = ["webpack:///a.c", "/rust/b.rs", "c.c", null];
  const map = { version: 3, sources, names: [], mappings: "AAAA" };
  const sections = [{ offset: { line: 0, column: 300 }, map }];
  await inProject({ "in/a.map": JSON.stringify({ version: 3, sections }) }, async (folder) => {
    await run(folder);
    const written = JSON.parse(await folder.read("out/a.wasm.map"));
    assertEquals(written.sections[0].map.sources, [...sources.slice(0, 2), "../in/c.c", null]);
  });
});

Deno.test("build() leaves the paths of sources alone if the map stays in its folder", async () => {
  await inProject({}, async (folder) => {
    const request = { overrides: { ...OVERRIDES, dir: folder.file("in"), loader: false } as const };
    await folder.write("c.json", `{"modules":[{"path":"in/a.wasm","name":"b"}]}`);
    await run(folder, { ...request, files: [], config: "c.json" });
    assertEquals(JSON.parse(await folder.read("in/b.wasm.map")).sources, JSON.parse(MAP).sources);
  });
});

Deno.test("build() keeps a map in the module if it was there, or if there are no files", async () => {
  await inProject({ "in/d.wasm": module("d") }, async (folder) => {
    const parts = sections(PLAIN);
    const bytes = new TextEncoder().encode(writeDataUrl(MAP));
    const length = [bytes.length % 128 | 128, bytes.length >> 7];
    assert(bytes.length < 128 * 128);
    const content = new Uint8Array([...length, ...bytes]);
    await folder.write(
      "in/d.wasm",
      assemble([...parts, { id: 0, name: "sourceMappingURL", bytes: content }]),
    );
    const inline = { ...OVERRIDES, inline: true };
    for (const [file, overrides] of [["d", OVERRIDES], ["a", inline]] as const) {
      const result = await run(folder, { files: [`in/${file}.wasm`], overrides });
      assertEquals(warnings(result), []);
      assert(result.files.every(({ path }) => !path.endsWith(".map")));
      const text = readDataUrl(sourceMapUrl(result.combined.modules[0])!)!;
      assertEquals(JSON.parse(text).file, `${file}.wasm`);
      assertEquals(sourcesOf(text, "out/a.wasm"), sourcesOf(MAP, "in/a.map"));
    }
  });
});

Deno.test("build() drops a map that it cannot read or use, and says why", async () => {
  const cases: [url: string, map: string | null, message: string, hint: string][] = [
    ["no.map", null, "the file does not exist", 'Put it at "in/no.map", beside the module'],
    [".", null, "it is a folder", "Name a file in sourceMappingURL"],
    ["//host:x/a", null, "this is not a path", "Name the map in sourceMappingURL by its file name"],
    ["a.map", "<html>", "it is not JSON", "Make the map again"],
    ["https://example.com/a.map", null, "the code lies 39 bytes later", "Put the map beside"],
  ];
  for (const [url, map, message, hint] of cases) {
    await inProject(
      { "in/a.wasm": module(url), ...(map && { "in/a.map": map }) },
      async (folder) => {
        const result = await run(folder);
        const [warning] = warnings(result);
        assertStringIncludes(
          warning,
          `source_map_dropped: The source map "${url}" was dropped: ${message}`,
        );
        assertStringIncludes(warning, hint);
        const { warnings: written } = JSON.parse(await folder.read("out/wasm-share.json"));
        assertEquals(written, result.combined.warnings);
        assertEquals(sourceMapUrl(await Deno.readFile(folder.file("out/a.wasm"))), undefined);
        assert(!(await folder.list()).includes("out/a.wasm.map"));
      },
    );
  }
});

Deno.test("build() does not overwrite a map that it reads", async () => {
  await inProject({ "a.wasm.map": MAP, "in/a.wasm": module("../a.wasm.map") }, async (folder) => {
    const overrides = { ...OVERRIDES, dir: folder.path };
    const error = await assertRejects(() => run(folder, { overrides }), WasmShareError);
    assertEquals(error.code, "output_conflict");
    assertStringIncludes(error.message, 'Cannot write "a.wasm.map"');
  });
});

Deno.test("combine reads maps with the permission to read its own folder", async () => {
  await inProject({ "other/b.map": MAP }, async (folder) => {
    const combine = async (read: string) => {
      const bin = new URL("../src/bin.ts", import.meta.url).pathname;
      const config = new URL("../deno.json", import.meta.url).pathname;
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-prompt", "--config", config, `--allow-read=${read}`],
          ...["--allow-write=out", bin, "combine", "in/a.wasm"],
        ],
        cwd: folder.path,
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert(success, text);
      return text;
    };
    const text = await combine(".");
    assertStringIncludes(text, "out/a.wasm.map");
    assert(!text.includes("⚠"), text);
    await folder.write("in/a.wasm", module("../other/b.map"));
    const denied = await combine("in,out");
    assertStringIncludes(denied, "was dropped: Deno has no permission to read it");
    assertStringIncludes(denied, "Run Deno with --allow-read=other/b.map");
  });
});
