/**
 * What `stackGuard: "check"` and `stack: "shared"` cost: the same module without, with the one and with the
 * other, in one process, rounds alternating, medians, and their ratios. All must give the same answer.
 *
 * `deno run --allow-read bench/stacks.ts [rounds]`
 *
 * @module
 */
import { combine, type CombineOptions, instantiate } from "../mod.ts";
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

/** All calls of a case. */
function wholeCase(name: string): Work {
  const text = Deno.readTextFileSync(new URL(`${name}/case.json`, root));
  const described: Case = { ...JSON.parse(text), init: undefined };
  return {
    what: `${name}: all calls of its case`,
    path: `${name}/base.wasm`,
    run: (exports, memory) =>
      callExports(exports, memory, described, {}).map(({ value }) => value).join(),
  };
}

const works: Work[] = [
  {
    what: "nothing but calls, each with a frame (fib, -O2)",
    path: "stack/o2.wasm",
    run: (exports) => exports.fib(30),
  },
  {
    what: "the same, -O0",
    path: "stack/o0.wasm",
    run: (exports) => exports.fib(30),
  },
  wholeCase("sqlite"),
  wholeCase("zlib"),
];

const rounds = Number(Deno.args[0] ?? 41);
const variants: Record<string, CombineOptions> = {
  plain: {},
  check: { stackGuard: "check" },
  shared: { stack: "shared" },
};
const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];

console.log(`${rounds} rounds, ${navigator.userAgent}`);
for (const { what, path, run } of works) {
  const bytes = Deno.readFileSync(new URL(path, root));
  const sets = await Promise.all(
    Object.values(variants).map(async (options) => {
      // Not the first of its set, whose stack begins at 0 and needs one instruction less.
      const before = { name: "before", bytes: Deno.readFileSync(new URL("stack/rust.wasm", root)) };
      const set = await combine([before, { name: "it", bytes }], options);
      const { memory, exports } = await instantiate(set, { env: {} });
      return { size: set.modules[1].length, memory, it: exports.it as Exports };
    }),
  );
  const times: number[][] = sets.map(() => []);
  const answers: unknown[] = [];
  for (let round = -10; round < rounds; round++) {
    for (const [at, { it, memory }] of sets.entries()) {
      const begin = performance.now();
      answers[at] = run(it, memory);
      if (round >= 0) times[at].push(performance.now() - begin);
    }
    for (const [at, variant] of Object.keys(variants).entries()) {
      if (answers[at] === answers[0]) continue;
      console.error(`${what}: ${answers[at]} with ${variant}, ${answers[0]} plain`);
      Deno.exit(1);
    }
  }
  console.log(what);
  const medians = times.map(median);
  for (const [at, variant] of Object.keys(variants).entries()) {
    const time = medians[at].toFixed(2).padStart(8);
    const ratio = (medians[at] / medians[0]).toFixed(3);
    console.log(`  ${variant.padEnd(6)} ${time} ms, ${sets[at].size} bytes: ${ratio} x the time`);
  }
}
