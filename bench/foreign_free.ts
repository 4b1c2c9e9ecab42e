/**
 * What `checks: { foreignFree: true }` costs: the same set with and without, in one process, rounds alternating,
 * medians, and their ratio. Both must give the same answer.
 *
 * `deno run --allow-read bench/foreign_free.ts [rounds]`
 *
 * @module
 */
import { combine, instantiate } from "../mod.ts";
import { callExports, type Case } from "../tests/cases/case.ts";

// deno-lint-ignore no-explicit-any -- exports of any module
type Exports = any;

interface Work {
  what: string;
  path: string;
  /** One round; its answer. */
  run(exports: Exports, memory: WebAssembly.Memory): number | string;
}

const root = new URL("../tests/cases/", import.meta.url);
const churn = (what: string, path: string, rounds: number, bytes: number): Work => ({
  what: `${what}: blocks of up to ${bytes} bytes made, resized and freed, nothing else`,
  path,
  run: (exports) => exports.churn(rounds, bytes),
});
const sqlite: Case = {
  ...JSON.parse(Deno.readTextFileSync(new URL("sqlite/case.json", root))),
  init: undefined,
};

const works: Work[] = [
  churn("C, malloc of wasi-libc", "frees/c.wasm", 200_000, 64),
  churn("C, malloc of wasi-libc", "frees/c.wasm", 50_000, 4000),
  churn("Rust, std", "frees/rust.wasm", 200_000, 64),
  churn("Rust, std, LTO", "frees/rust-lto.wasm", 200_000, 64),
  {
    what: "sqlite: all calls of its case",
    path: "sqlite/base.wasm",
    run: (exports, memory) =>
      callExports(exports, memory, sqlite, {}).map(({ value }) => value).join(),
  },
];

const rounds = Number(Deno.args[0] ?? 41);
const policies: readonly boolean[] = [false, true];
const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];

console.log(`${rounds} rounds, ${navigator.userAgent}`);
for (const { what, path, run } of works) {
  const bytes = Deno.readFileSync(new URL(path, root));
  const other = Deno.readFileSync(new URL("frees/rust.wasm", root));
  const sets = await Promise.all(policies.map(async (foreignFree) => {
    const modules = [{ name: "before", bytes: other }, { name: "it", bytes }];
    const set = await combine(modules, { checks: { foreignFree } });
    const { memory, exports } = await instantiate(set, { env: {} });
    return { size: set.modules[1].length, memory, it: exports.it as Exports };
  }));
  const times: number[][] = policies.map(() => []);
  const answers: unknown[] = [];
  for (let round = -10; round < rounds; round++) {
    // Who comes first changes: the second finds the caches warm.
    for (const at of round & 1 ? [1, 0] : [0, 1]) {
      const { it, memory } = sets[at];
      const begin = performance.now();
      answers[at] = run(it, memory);
      if (round >= 0) times[at].push(performance.now() - begin);
    }
    if (answers[0] !== answers[1]) {
      console.error(`${what}: ${answers[1]} with the check, ${answers[0]} without`);
      Deno.exit(1);
    }
  }
  const [bare, checked] = times.map(median);
  console.log(`${what}
  none  ${bare.toFixed(2).padStart(8)} ms, ${sets[0].size} bytes
  check ${checked.toFixed(2).padStart(8)} ms, ${sets[1].size} bytes: ${
    (checked / bare).toFixed(3)
  } x the time`);
}
