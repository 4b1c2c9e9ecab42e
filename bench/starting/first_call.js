/**
 * From the start of the process to the first call: three modules by the loader of `combine`, or each instantiated by
 * hand with a memory of its own. Prints the answer. For Deno, Node and Bun alike.
 *
 * Arguments: `loader FILE`, or `separate FOLDER`, or `nothing`.
 */
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [how, path] = globalThis.Deno?.args ?? process.argv.slice(2);
let exports = null;
if (how === "loader") {
  const { instantiate } = await import(pathToFileURL(path).href);
  ({ exports } = await instantiate({ env: {} }));
} else if (how === "separate") {
  exports = {};
  for (const name of ["parser", "stats", "transform"]) {
    const { instance } = await WebAssembly.instantiate(await readFile(`${path}/${name}.wasm`), {});
    exports[name] = instance.exports;
    instance.exports._initialize?.();
  }
}
console.log(exports ? exports.stats.metric_count() : "nothing");
