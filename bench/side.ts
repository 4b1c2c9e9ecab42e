/**
 * What placing side modules gains: the same program as a side module that a dynamic loader loads, as the same side
 * module placed by us, and linked statically from the same sources; in one process, rounds alternating, medians, and
 * how much of the static link's time the others take. All must give the same answers.
 *
 * `deno run --allow-read bench/side.ts [rounds]`
 *
 * @module
 */
import { combine, instantiate } from "../mod.ts";
import { callExports, type Case, importsOf } from "../tests/cases/case.ts";
import { loadSides } from "../tests/cases/side.ts";
import { geomean, median } from "./lib/stats.ts";

const rounds = Number(Deno.args[0] ?? 40);
const root = new URL("../tests/cases/", import.meta.url);
const FORMS = ["static", "dynamic", "placed"] as const;

const ratios: Record<string, number[]> = { dynamic: [], placed: [] };
for (const name of ["dylink-sha256", "dylink-vm", "dylink-zlib"]) {
  const at = (file: string) => new URL(`${name}/${file}`, root);
  const described: Case = JSON.parse(await Deno.readTextFile(at("case.json")));
  const [side, linked] = await Promise.all(
    ["base.wasm", "static.wasm"].map((file) => Deno.readFile(at(file))),
  );
  const imports = importsOf(described);
  const loaded = await loadSides({ side }, imports);
  const placed = await instantiate(await combine([{ bytes: side, name: "it" }]), imports);
  const statically = await instantiate(await combine([{ bytes: linked, name: "it" }]), imports);
  const forms = {
    static: { exports: statically.exports.it, memory: statically.memory },
    dynamic: { exports: loaded.exports.side, memory: loaded.memory },
    placed: { exports: placed.exports.it, memory: placed.memory },
  };
  const times: Record<string, number[]> = { static: [], dynamic: [], placed: [] };
  for (let round = 0; round < rounds + 5; round++) {
    for (const form of round % 2 ? FORMS : FORMS.toReversed()) {
      const { exports, memory } = forms[form];
      const start = performance.now();
      const answers = callExports(exports, memory, { ...described, init: undefined }, {});
      const time = performance.now() - start;
      for (const [index, { value, text }] of answers.entries()) {
        const { expect } = described.calls[index];
        if (value !== expect) throw new Error(`${name}, ${form}: ${text}, not ${expect}`);
      }
      // Until all is compiled.
      if (round >= 5) times[form].push(time);
    }
  }
  const base = median(times.static);
  const shown = FORMS.map((form) => {
    if (form !== "static") ratios[form].push(median(times[form]) / base);
    return `${form} ${median(times[form]).toFixed(2)} ms (${
      (median(times[form]) / base).toFixed(3)
    })`;
  });
  console.log(`${name.padEnd(14)} ${shown.join("   ")}`);
}
for (const [form, list] of Object.entries(ratios)) {
  console.log(`geometric mean, ${form} / static: ${geomean(list).toFixed(3)}`);
}
