/**
 * Combines so many modules, twice, in a process of its own; prints `{ first, second, kb, baseline, pages }`: time in milliseconds, and peak
 * memory in KiB after the first and before anything.
 *
 * Arguments: how many, then the files to take in turn.
 *
 * @module
 */
import { combine } from "../../mod.ts";
import { ownPeak } from "../lib/process.ts";

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
await combine(modules);
const second = performance.now() - begin - first;
console.log(JSON.stringify({ first, second, kb, baseline, pages: neededPages }));
