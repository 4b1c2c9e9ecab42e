/**
 * Debug information in Chromium: traps of moved modules lead to the right lines, by the source map
 * that the browser announces, and by DWARF.
 */
import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix -- no dependency of the package
import type { Browser } from "npm:playwright-core@1.65.1";
import { build } from "../../src/build.ts";
import { executablePath, launch } from "../host/chromium.ts";
import { codeStart } from "../host/dwarf.ts";
import { has, serve } from "../host/output.ts";
import { lineByDwarf, lineByMap, lineOf, offsetsOf, type Trap, TRAPS } from "../host/traps.ts";
import { inFolder } from "../temp.ts";

const NAMES = ["debug-c", "debug-rust"] as const;

/** Calls each export in the page, and puts the stacks where the test finds them. */
const page = (load: string) =>
  `<!doctype html><link rel="icon" href="data:,">
<script type="module">
${load}
const traps = ${JSON.stringify(TRAPS)};
globalThis.stacks = traps.map(({ module, export: name, args }) => {
  try {
    return "no trap: " + exports[module][name](...args);
  } catch (error) {
    return error.stack;
  }
});
</script>`;

const moved = page(
  'import { instantiate } from "./mod.js"; const { exports } = await instantiate();',
);
const untouched = page(`const exports = {};
for (const name of ${JSON.stringify(NAMES)}) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch("./" + name + "/base.wasm"));
  exports[name] = instance.exports;
}`);

/** What Chromium says of a module: the event \`Debugger.scriptParsed\`. */
interface Script {
  url: string;
  sourceMapURL?: string;
  debugSymbols?: { type: string; externalURL?: string }[];
  scriptLanguage?: string;
}

/** Opens a page: the stacks of its traps, and the modules that its debugger saw. */
async function open(browser: Browser, url: string) {
  const tab = await browser.newPage();
  try {
    const scripts: Script[] = [];
    const session = await tab.context().newCDPSession(tab);
    session.on("Debugger.scriptParsed", (script: Script) => {
      if (script.scriptLanguage === "WebAssembly") scripts.push(script);
    });
    await session.send("Debugger.enable");
    await tab.goto(url);
    await tab.waitForFunction("globalThis.stacks !== undefined");
    const stacks: string[] = await tab.evaluate("globalThis.stacks");
    return { stacks, scripts };
  } finally {
    await tab.close();
  }
}

Deno.test("traps in Chromium lead to the lines of the sources", async () => {
  if (!await has(executablePath, "traps in Chromium")) return;
  const files: Record<string, string | Uint8Array> = {
    "untouched.html": untouched,
    "out/index.html": moved,
  };
  for (const name of NAMES) {
    for (const file of ["base.wasm", "base.wasm.map"]) {
      const url = new URL(`../cases/${name}/${file}`, import.meta.url);
      files[`${name}/${file}`] = await Deno.readFile(url);
    }
  }
  await inFolder(files, async (folder) => {
    const modules = NAMES.map((name) => ({ name, path: `${name}/base.wasm` }));
    await folder.write("wasm-share.config.json", JSON.stringify({ modules }));
    const overrides = {
      dir: null,
      additionalStack: null,
      strict: null,
      inline: null,
      loader: null,
    };
    const { combined } = await build({
      ...{ cwd: folder.path, files: [], config: null, mode: "production", check: false },
      overrides,
    });
    assertEquals(combined.warnings, []);
    await using site = serve(folder.path);
    const browser = await launch();
    try {
      const before = await open(browser, `${site.origin}/untouched.html`);
      const after = await open(browser, `${site.origin}/out/index.html`);
      const maps = new Map<string, { bytes: Uint8Array; map: string }>();
      for (const [index, name] of NAMES.entries()) {
        const url = `${site.origin}/out/${name}.wasm`;
        const script = after.scripts.find((script) => script.url === url);
        assert(script, `Chromium did not see ${url}`);
        // What it announces to DevTools, which takes the map from there.
        assertEquals(script.sourceMapURL, `${name}.wasm.map`);
        assertEquals(
          script.debugSymbols?.map(({ type, externalURL }) => [type, externalURL ?? ""]).sort(),
          [["EmbeddedDWARF", ""], ["SourceMap", `${name}.wasm.map`]],
        );
        const [bytes, map] = await Promise.all([
          fetch(url).then((response) => response.bytes()),
          fetch(new URL(script.sourceMapURL!, url)).then((response) => response.text()),
        ]);
        maps.set(name, { bytes, map });
        const old = await Deno.readFile(folder.file(`${name}/base.wasm`));
        assertEquals(combined.codeShifts[index], codeStart(bytes) - codeStart(old));
      }
      for (const [at, trap] of TRAPS.entries()) {
        const frames = offsetsOf(after.stacks[at]);
        assert(frames.length > 0, `${trap.export}: ${after.stacks[at]}`);
        const shift = combined.codeShifts[NAMES.indexOf(trap.module)]!;
        const old = offsetsOf(before.stacks[at]);
        assertEquals(frames, old.map((offset) => offset + shift), trap.export);
        const { bytes, map } = maps.get(trap.module)!;
        assertLines(trap, frames.map((offset) => lineByMap(map, offset)), "source map");
        assertLines(trap, frames.map((offset) => lineByDwarf(bytes, offset)), "DWARF");
        // The same as in the untouched module.
        const base = await Deno.readFile(folder.file(`${trap.module}/base.wasm`));
        assertEquals(
          frames.map((offset) => lineByDwarf(bytes, offset)),
          old.map((offset) => lineByDwarf(base, offset)),
        );
      }
    } finally {
      await browser.close();
    }
  });
});

function assertLines(trap: Trap, lines: string[], by: string): void {
  // Paths of sources are relative to the map.
  const found = lines.map((line) => line.replace(`../${trap.module}/`, ""));
  const what = `${trap.export} by ${by}: ${found}`;
  assertEquals(found.at(-1), lineOf(trap, trap.outer), what);
  if (trap.inner) assertEquals(found[0], lineOf(trap, trap.inner), what);
}
