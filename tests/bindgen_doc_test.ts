/** Each code block of docs/wasm-bindgen.md is a part of a file that is built and run. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { knownKeys } from "../src/config/schema.ts";

const folder = new URL("cases/bindgen/", import.meta.url);
const page = Deno.readTextFileSync(new URL("../docs/wasm-bindgen.md", import.meta.url));

/** `<!-- file part -->`, or `<!-- file -->`, before a block says where it is from. */
const blocks = [
  ...page.matchAll(/(?:^<!-- (\S+)(?: (\S+))? -->\n+)?^```([^\n]*)\n([\s\S]*?)^```$/gm),
].map(([, file, part, language, code]) => ({ file, part, language, code }));

/** The parts of a file: what is between `// [name]` and `// [/name]`, without the indentation. */
function partsOf(file: string): Map<string, string> {
  const text = Deno.readTextFileSync(new URL(file, folder));
  const found = text.matchAll(/^( *)(?:#|\/\/) \[([\w-]+)\]\n([\s\S]*?)^ *(?:#|\/\/) \[\/\2\]$/gm);
  return new Map(
    [...found].map((
      [, indent, name, code],
    ) => [name, code.replaceAll(RegExp(`^${indent}`, "gm"), "")]),
  );
}

const FILES = ["recipe.sh", "by_hand.js", "writer/src/lib.rs", "reader/src/lib.rs"]
  .concat("../../../examples/bindgen/gzip/src/lib.rs")
  .concat("../../../examples/bindgen/wasm-share.config.ts");

Deno.test("docs/wasm-bindgen.md: every block is a part of a file that is built or run", () => {
  for (const { file, part, language, code } of blocks) {
    if (language.endsWith(" ignore")) continue;
    assert(file, `a block of ${language} does not say where it is from: ${code}`);
    const source = part === undefined
      ? Deno.readTextFileSync(new URL(file, folder))
      : partsOf(file).get(part);
    assertEquals(code, source, `${file} ${part}`);
  }
  const marked = FILES.flatMap((file) =>
    [...partsOf(file).keys()].map((part) => `${file} ${part}`)
  );
  const shown = blocks.filter(({ part }) => part !== undefined);
  assertEquals(shown.map(({ file, part }) => `${file} ${part}`).sort(), marked.sort());
  assert(marked.length >= 11, `${marked.length} parts`);
  assertEquals([...page.matchAll(/^ *```/gm)].length, blocks.length * 2, "a fence was not seen");
});

Deno.test("docs/wasm-bindgen.md names every option that only crates have", () => {
  const files = knownKeys(["modules", 0]);
  const own = knownKeys(["modules", 0, "crate"]).filter((key) => !files.includes(key));
  assertEquals(own, ["crate", "profile", "features", "bindgen", "optimize"]);
  for (const key of own) assertStringIncludes(page, `\n| \`${key}\``);
});

Deno.test("examples/bindgen: the README shows what main.js prints", async () => {
  const readme = await Deno.readTextFile(new URL("../examples/bindgen/README.md", import.meta.url));
  const example = new URL("../examples/bindgen/", import.meta.url);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read=${example.pathname}`, `${example.pathname}main.js`],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(success, text);
  assertStringIncludes(readme, `\`\`\`text\n${text}\`\`\`\n`);
  for (const [, path] of readme.matchAll(/\]\((?!http|\.\.)([^)#]+)\)/g)) {
    assert((await Deno.stat(new URL(path, example))).isFile, path);
  }
});
