/**
 * What a call costs from one module to another: bound directly, and through a trampoline because the
 * two import from each other. In one process, rounds alternating, medians. Both must give the same
 * answer.
 *
 * `deno run --allow-read bench/trampoline.ts [rounds]`
 *
 * @module
 */
import { combine, instantiate } from "../mod.ts";
import { encode, type ModuleSpec } from "../tests/host/wasm.ts";

const CALLS = 10_000_000;
const rounds = Number(Deno.args[0] ?? 21);

const next = (module: string): NonNullable<ModuleSpec["imports"]>[number] => ({
  module,
  name: "next",
  kind: "function",
  params: ["i32"],
  results: ["i32"],
});
/** `run(n, x)`: x = next(x), n times. */
const caller: ModuleSpec = {
  name: "caller",
  imports: [next("callee")],
  functions: [
    {
      export: "run",
      params: ["i32", "i32"],
      results: ["i32"],
      // loop: local 1 = next(local 1); local 0 = local 0 - 1; again if it is not 0.
      body: [
        ...[0x03, 0x40, 0x20, 1, 0x10, 0, 0x21, 1],
        ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1],
      ],
    },
    { export: "next", params: ["i32"], results: ["i32"], body: [0x20, 0] },
  ],
};
const callee: ModuleSpec = {
  name: "callee",
  functions: [
    { export: "next", params: ["i32"], results: ["i32"], body: [0x20, 0, 0x41, 3, 0x6a] },
  ],
};

const input = (spec: ModuleSpec) => ({ name: spec.name, bytes: encode(spec) });
const direct = await combine([input(caller), input(callee)]);
const cycle = await combine([input(caller), input({ ...callee, imports: [next("caller")] })]);
if (direct.layout.trampolines || !cycle.layout.trampolines) throw new Error("Not what is compared");
const runs = await Promise.all([direct, cycle].map(async (set) => {
  const { exports } = await instantiate(set);
  return exports.caller.run as (calls: number, from: number) => number;
}));
const times: number[][] = [[], []];
for (let round = 0; round < rounds + 3; round++) {
  for (const [at, run] of runs.entries()) {
    const start = performance.now();
    const answer = run(CALLS, 1);
    const time = performance.now() - start;
    if (answer !== 1 + 3 * CALLS) throw new Error(`Wrong answer: ${answer}`);
    // The first rounds are for the engine.
    if (round >= 3) times[at].push(time);
  }
}
const [plain, through] = times.map((list) =>
  list.sort((a, b) => a - b)[list.length >> 1] * 1e6 / CALLS
);
console.log(
  `${navigator.userAgent}: direct ${plain.toFixed(2)} ns a call, through a trampoline ` +
    `${through.toFixed(2)} ns: ${(through / plain).toFixed(2)} times`,
);
