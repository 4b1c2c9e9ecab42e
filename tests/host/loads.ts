/**
 * Runs a program with the generated loader of a set.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Combined } from "../../mod.ts";
import { generateLoader } from "../../src/write/loader.ts";
import { inFolder } from "../temp.ts";
import { has, run } from "./output.ts";

/**
 * Writes the loader with its modules inside, and runs a program that uses it in Deno and in Node.
 *
 * @param set What `combine` gave.
 * @param main The program after the import of `instantiate`: a module of JavaScript.
 * @param what What is tested, for the line that says that Node is missing.
 * @returns What the program printed in each host, and the types of the loader.
 */
export async function loads(
  set: Combined,
  main: string,
  what: string,
): Promise<{ printed: string[]; types: string }> {
  const files = set.names.map((name) => ({ name, path: `${name}.wasm` }));
  const [js, types] = generateLoader(set, { loader: "js", inline: true, files });
  const contents = {
    "mod.js": js.text,
    "main.js": `import { instantiate } from "./mod.js";\n${main}`,
    "package.json": '{ "type": "module" }',
  };
  const printed: string[] = [];
  await inFolder(contents, async (folder) => {
    const file = folder.file("main.js");
    const hosts = [[Deno.execPath(), "run", "--no-config", file]];
    if (await has("node", `${what} in Node`)) hosts.push(["node", file]);
    for (const [command, ...args] of hosts) {
      const { ok, text } = await run(command, args);
      assert(ok, text);
      printed.push(text);
    }
  });
  return { printed, types: types.text };
}
