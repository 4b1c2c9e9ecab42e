/**
 * Combines so many modules in a process of its own, again and again; prints `{ first, again, kb, baseline, pages }`: the
 * first time and the median of later ones in milliseconds, and peak memory in KiB after the first and before anything.
 *
 * Arguments: how many, then the files to take in turn.
 *
 * @module
 */
import { combine } from "../../mod.ts";
import { ownPeak } from "../lib/process.ts";
import { median } from "../lib/stats.ts";

const [count, ...paths] = Deno.args;
const files = paths.map((path) => Deno.readFileSync(path));
const modules = Array.from({ length: Number(count) }, (_, at) => ({
  name: `m${at}`,
  bytes: files[at % files.length],
}));
// The core is there before: its start is measured elsewhere.
await combine(modules.slice(0, 1));
const baseline = ownPeak();
const begin = performance.now();
const { neededPages } = await combine(modules);
const first = performance.now() - begin;
const kb = ownPeak();
// Warm: the same until the engine has done what it does, and long enough.
const times: number[] = [];
for (const end = performance.now() + 1500; times.length < 5 || performance.now() < end;) {
  const start = performance.now();
  await combine(modules);
  times.push(performance.now() - start);
}
const again = median(times.slice(times.length >> 1));
console.log(JSON.stringify({ first, again, kb, baseline, pages: neededPages }));
