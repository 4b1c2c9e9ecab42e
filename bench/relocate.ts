/**
 * Moving one real module (SQLite, 1.5 MB), warm, in one process: ours against a plain copy of the bytes,
 * against a walrus round trip of the same module (parse and emit: the least that rewriting costs), and
 * against the engine's own compilation. Rounds alternate; medians; the moved module must give the right
 * answers.
 *
 * `deno task bench [rounds]`
 *
 * @module
 */
import { relocate } from "../mod.ts";
import { guard, relocator, transformer } from "../src/core/load.ts";
import { callExports, type Case } from "../tests/cases/case.ts";

const folder = new URL("../tests/cases/sqlite/", import.meta.url);
const bytes = await Deno.readFile(new URL("base.wasm", folder));
const example: Case = JSON.parse(await Deno.readTextFile(new URL("case.json", folder)));
const rounds = Number(Deno.args[0] ?? 40);
const OFFSET = 0x100000;

const core = await relocator();
const walrus = await transformer();
let copies = 0;
const contestants: Record<string, () => unknown> = {
  "relocate (wasm core)": () => relocate(bytes, OFFSET),
  "of it in the core": () =>
    guard(core, (core) => {
      const options = new core.ModuleOptions(0, -1, -1, -1, 0, 0, 0);
      core.relocate("sqlite", bytes, options, OFFSET, -1).free();
    }),
  "plain copy": () => copies += bytes.slice().length,
  "WebAssembly.compile": () => {
    // V8 keeps compiled modules by their bytes: a changed custom section makes it cold.
    const cold = new Uint8Array(bytes.length + 6);
    cold.set(bytes);
    cold.set([0, 4, 1, 120, copies++ & 255, copies >> 8 & 255], bytes.length);
    return new WebAssembly.Module(cold);
  },
  "walrus round trip": () =>
    guard(walrus, (core) => core.transform(bytes, bytes, '{"passes":[]}').take_bytes()),
};

const SLOW = ["WebAssembly.compile", "walrus round trip"];
const times: Record<string, number[]> = {};
for (let round = -5; round < rounds; round++) {
  for (const [name, run] of Object.entries(contestants)) {
    // The slow ones need fewer rounds.
    if (SLOW.includes(name) && round % 8 !== 0) continue;
    const start = performance.now();
    await run();
    if (round >= 0) (times[name] ??= []).push(performance.now() - start);
  }
}

const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];
const ours = median(times["relocate (wasm core)"]);
console.log(`${bytes.length} bytes, ${rounds} rounds, ${navigator.userAgent}`);
for (const [name, list] of Object.entries(times)) {
  const time = median(list);
  console.log(
    `${name.padEnd(22)} ${time.toFixed(2).padStart(8)} ms  ${
      (bytes.length / time / 1e6).toFixed(2).padStart(6)
    } GB/s  ${(time / ours).toFixed(2).padStart(7)} x ours`,
  );
}

// The answer: the moved module, at work.
const memory = new WebAssembly.Memory({ initial: 64 });
const table = new WebAssembly.Table({ element: "anyfunc", initial: 1000 });
const moved = new WebAssembly.Module(await relocate(bytes, OFFSET) as Uint8Array<ArrayBuffer>);
const instance = new WebAssembly.Instance(moved, {
  env: { memory, __indirect_function_table: table },
});
const link = { dataDelta: OFFSET, heapDelta: OFFSET, stackDelta: OFFSET };
const results = callExports(instance.exports, memory, example, link);
const wrong = results.filter(({ value }, at) => value !== example.calls[at].expect);
if (wrong.length > 0 || results.length === 0) {
  console.error("The moved module gives wrong answers:", wrong);
  Deno.exit(1);
}
console.log(`The moved module gave ${results.length} right answers`);
