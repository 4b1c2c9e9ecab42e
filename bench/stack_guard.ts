/**
 * What `stackGuard: "check"` costs: the same module with and without, in one process, rounds alternating,
 * medians, and their ratio. Both must give the same answer.
 *
 * `deno run --allow-read bench/stack_guard.ts [rounds]`
 *
 * @module
 */
import { combine, instantiate, type StackGuardPolicy } from "../mod.ts";
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
const policies: readonly StackGuardPolicy[] = ["none", "check"];
const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];

console.log(`${rounds} rounds, ${navigator.userAgent}`);
for (const { what, path, run } of works) {
  const bytes = Deno.readFileSync(new URL(path, root));
  const sets = await Promise.all(policies.map(async (stackGuard) => {
    // Not the first of its set, whose stack begins at 0 and needs one instruction less.
    const before = { name: "before", bytes: Deno.readFileSync(new URL("stack/rust.wasm", root)) };
    const set = await combine([before, { name: "it", bytes }], { stackGuard });
    const { memory, exports } = await instantiate(set, { env: {} });
    return { size: set.modules[1].length, memory, it: exports.it as Exports };
  }));
  const times: number[][] = policies.map(() => []);
  const answers: unknown[] = [];
  for (let round = -10; round < rounds; round++) {
    for (const [at, { it, memory }] of sets.entries()) {
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
