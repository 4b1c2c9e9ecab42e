/** Each code block of docs/sharing.md is the marked part of a file in tests/cases/sharing. */
import { assert, assertEquals } from "@std/assert";

const folder = new URL("cases/sharing/", import.meta.url);
const page = Deno.readTextFileSync(new URL("../docs/sharing.md", import.meta.url));

/** `<!-- file part -->` before a block says where it is from. */
const blocks = [
  ...page.matchAll(/(?:^<!-- (\S+) (\S+) -->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm),
].map(([, file, part, language, code]) => ({ file, part, language, code }));

/** The parts of a source: what is between `// [name]` and `// [/name]`. */
function partsOf(file: string): Map<string, string> {
  const source = Deno.readTextFileSync(new URL(file, folder));
  const found = source.matchAll(/^\/\/ \[(\w+)\]\n([\s\S]*?)^\/\/ \[\/\1\]$/gm);
  return new Map([...found].map(([, name, code]) => [name, code]));
}

Deno.test("every code block is a part of a source that is built and run", () => {
  assert(blocks.length > 25, `${blocks.length} blocks`);
  for (const { file, part, language, code } of blocks) {
    assert(file, `a block of ${language} does not say where it is from: ${code}`);
    const names: Record<string, string> = { h: "c", hpp: "cpp", rs: "rust" };
    const extension = file.split(".").at(-1)!;
    assertEquals(names[extension] ?? extension, language, file);
    assertEquals(code, partsOf(file).get(part), `${file} ${part}`);
  }
});

/** Every source below a folder. */
function* sources(below = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(below, folder))) {
    if (isDirectory) yield* sources(`${below}${name}/`);
    else if (/\.(c|h|cpp|hpp|rs|zig|ts)$/.test(name)) yield below + name;
  }
}

Deno.test("every marked part is in the guide, once", () => {
  const marked = [...sources()].flatMap((file) =>
    [...partsOf(file).keys()].map((part) => `${file} ${part}`)
  );
  assertEquals(blocks.map(({ file, part }) => `${file} ${part}`).sort(), marked.sort());
});

Deno.test("every fence of the guide was seen", () => {
  assertEquals([...page.matchAll(/^ *```/gm)].length, blocks.length * 2);
});
