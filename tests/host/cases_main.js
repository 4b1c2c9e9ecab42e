/** Run by Node in a folder of sets: the calls of each case, through the generated loader. */
import { readFileSync } from "node:fs";

// Beside this file only in that folder.
const { callExports, importsOf } = await import(new URL("./case.js", import.meta.url).href);

const sets = JSON.parse(readFileSync(new URL("./sets.json", import.meta.url), "utf8"));
const results = {};
for (const { folder, modules } of sets) {
  const { instantiate } = await import(`./${folder}/mod.js`);
  const env = Object.assign({}, ...modules.map(({ described }) => importsOf(described).env));
  const { memory, exports } = await instantiate({ env });
  results[folder] = modules.map(({ name, described, link }) => {
    const once = { ...described, init: undefined };
    return callExports(exports[name], memory, once, link).map(({ value }) => value);
  });
}
console.log(JSON.stringify(results));
