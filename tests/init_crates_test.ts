/** `init` in projects with crates that depend on wasm-bindgen. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { toFileUrl } from "@std/path";
import { resolveConfig } from "../src/config/resolve.ts";
import { init, type InitRequest } from "../src/init/init.ts";
import { type Folder, inFolder } from "./temp.ts";

const stats = await Deno.readFile(new URL("../examples/records/stats.wasm", import.meta.url));
const bound = await Deno.readFile(
  new URL("cases/refuse/wasm-bindgen.wasm", import.meta.url),
);
const LIB = '[lib]\ncrate-type = ["cdylib"]\n';
const OVERRIDES = { dir: null, additionalStack: null, strict: null, inline: null, loader: null };

function run(folder: Folder, more: Partial<InitRequest> = {}) {
  return init({
    cwd: folder.path,
    files: [],
    out: null,
    config: null,
    force: false,
    host: { runtime: "deno", program: "file:///ws/src/bin.ts", typescript: true },
    cargoTargetDir: null,
    mayRead: () => true,
    ...more,
  });
}

async function configOf(folder: Folder) {
  const url = toFileUrl(folder.file("wasm-share.config.ts")).href;
  const { default: value } = await import(url);
  const { problems } = resolveConfig({ value, directory: folder.path, name: "c" }, OVERRIDES);
  return { modules: value.modules, problems };
}

Deno.test("init() writes crates for what depends on wasm-bindgen, built or not", async () => {
  const release = "target/wasm32-unknown-unknown/release";
  await inFolder({
    "Cargo.toml":
      '[workspace]\nmembers = ["crates/*"]\n[workspace.dependencies]\nwasm-bindgen = "1"\n',
    "crates/my-parser/Cargo.toml":
      `[package]\nname = "my-parser"\n${LIB}[dependencies]\nwasm-bindgen.workspace = true\n`,
    "crates/memory/Cargo.toml":
      `[package]\nname = "memory"\n${LIB}[dependencies.web-sys]\nversion = "0.3"\n`,
    "crates/plain/Cargo.toml": `[package]\nname = "plain"\n${LIB}[dev-dependencies]\nx = "1"\n`,
    [`${release}/my_parser.wasm`]: bound,
    [`${release}/plain.wasm`]: stats,
    "dist/my_parser_bg.wasm": bound,
  }, async (folder) => {
    const { modules, leftOut, notes, next } = await run(folder);
    assertEquals(modules.map(({ path, name, usable }) => [path, name, usable]), [
      ["crates/memory", "memory_2", true],
      ["crates/my-parser", "my_parser", true],
      [`${release}/plain.wasm`, "plain", true],
    ]);
    assertEquals([leftOut, notes], [[], []]);
    assertEquals(await configOf(folder), {
      modules: [
        { crate: "crates/memory", name: "memory_2" },
        { crate: "crates/my-parser" },
        `${release}/plain.wasm`,
      ],
      problems: [],
    });
    assertStringIncludes(next, "--allow-write=out,target --allow-run=cargo,wasm-bindgen ");
  });
});

Deno.test("init() takes a crate alone, in the current folder, into JSON", async () => {
  await inFolder({
    "Cargo.toml":
      `[package]\nname = "solo"\n${LIB}[target.'cfg(x)'.dependencies]\njs-sys = "0.3"\n`,
  }, async (folder) => {
    const { modules, next } = await run(folder, {
      config: "c.json",
      host: { runtime: "node", program: "file:///ws/src/bin.ts", typescript: false },
    });
    assertEquals(modules.map(({ path }) => path), ["."]);
    const { modules: written } = JSON.parse(await folder.read("c.json"));
    assertEquals(written, [{ crate: "." }]);
    assertStringIncludes(next, "combine --config c.json");
  });
});

Deno.test("init() takes named modules for what they are", async () => {
  await inFolder({
    "Cargo.toml": `[package]\nname = "solo"\n${LIB}[dependencies]\nwasm-bindgen = "0.2"\n`,
    "a.wasm": stats,
  }, async (folder) => {
    const { modules } = await run(folder, { files: ["a.wasm"] });
    assertEquals(modules.map(({ path }) => path), ["a.wasm"]);
  });
});
