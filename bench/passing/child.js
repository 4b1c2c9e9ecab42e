/**
 * Three modules that pass records on, in whatever engine this is, rounds alternating: in memories of their own with
 * copies between them, in one memory, and linked statically. Prints one line of JSON: times of each, in milliseconds.
 * For Deno, Node and Bun alike.
 *
 * Arguments: a JSON file `{ rounds, warmup, fixtures, loader, sizes: [{ name, records, words }], calls }`.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const args = globalThis.Deno?.args ?? process.argv.slice(2);
const job = JSON.parse(readFileSync(args[0], "utf8"));
const compile = (name) => new WebAssembly.Module(readFileSync(`${job.fixtures}/${name}.wasm`));
const start = (name, imports) => new WebAssembly.Instance(compile(name), imports).exports;

// Each in a memory of its own. What `sum` imports for itself alone goes through JavaScript, as between any two
// instances whose memories differ.
const apart = { make: start("make", {}), change: start("change", {}) };
apart.sum = start("sum", {
  make: { make: () => 0, step: (value) => apart.make.step(value) },
  change: { change: () => {} },
});
const { instantiate } = await import(pathToFileURL(job.loader).href);
const { exports: shared } = await instantiate({ env: {} });
const whole = start("static", {});

/** What `run` of `sum.c` gives. */
function expected(records, words) {
  let value = 0;
  for (let record = 0; record < records; record++) {
    let sum = 0;
    for (let at = 0; at < words; at++) sum = (sum + ((record + at * 3) << 1 ^ 0x5a5a5a5a)) | 0;
    value = (Math.imul(value, 31) + sum) | 0;
  }
  return value >>> 0;
}

/** The host passes records from one memory to the next. */
function copying(records, words) {
  const { make, change, sum } = apart;
  const [to, last] = [change.change_room() >>> 0, sum.sum_room() >>> 0];
  // The memories do not grow any more.
  make.make(0, 0);
  const [a, b, c] = [make, change, sum].map(({ memory }) => new Uint8Array(memory.buffer));
  let value = 0;
  for (let at = 0; at < records; at++) {
    const from = make.make(words, at) >>> 0;
    b.set(a.subarray(from, from + 4 * words), to);
    change.change(to, words);
    c.set(b.subarray(to, to + 4 * words), last);
    value = (Math.imul(value, 31) + sum.sum(last, words)) | 0;
  }
  return value;
}

/** The host passes pointers. */
function pointing({ make, change, sum }, records, words) {
  let value = 0;
  for (let at = 0; at < records; at++) {
    const record = make.make(words, at);
    change.change(record, words);
    value = (Math.imul(value, 31) + sum.sum(record, words)) | 0;
  }
  return value;
}

const pipelines = {
  "own memories, copies": copying,
  "one memory, host passes pointers": (...size) => pointing(shared, ...size),
  "one memory, modules call each other": (...size) => shared.sum.run(...size),
  "linked statically": (...size) => whole.run(...size),
};
const calls = {
  "through JavaScript": () => apart.sum.calls(job.calls),
  "bound by the loader": () => shared.sum.calls(job.calls),
  "linked statically": () => whole.calls(job.calls),
  "from JavaScript": () => {
    const { step } = shared.make;
    let value = 1;
    for (let at = 0; at < job.calls; at++) value = step(value);
    return value;
  },
};

function measure(contestants, answer) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  const entries = Object.entries(contestants);
  for (let round = -job.warmup; round < job.rounds; round++) {
    for (const [name, run] of round & 1 ? [...entries].reverse() : entries) {
      const begin = performance.now();
      const value = run() >>> 0;
      if (round >= 0) times[name].push(performance.now() - begin);
      if (value !== answer) throw new Error(`${name} gave ${value}, not ${answer}`);
    }
  }
  return times;
}

const said = { sizes: {}, calls: measure(calls, (1 + 3 * job.calls) >>> 0), checks: 0 };
for (const { name, records, words } of job.sizes) {
  const bound = Object.fromEntries(
    Object.entries(pipelines).map(([name, run]) => [name, () => run(records, words)]),
  );
  said.sizes[name] = measure(bound, expected(records, words));
}
said.checks = (job.sizes.length * 4 + 4) * (job.rounds + job.warmup);
console.log(JSON.stringify(said));
