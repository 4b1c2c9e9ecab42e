/**
 * One process, one piece of work; prints `{ started, imported, first, second, kb, baseline }`: milliseconds since the start of the
 * process, until our functions were imported, and what the first and the second move took; and memory in KiB.
 *
 * Arguments: `relocate` or `walrus` or `read`, a module, and for `walrus` the module of `bench/peers`, if there is
 * one.
 *
 * @module
 */
import { ownPeak } from "../lib/process.ts";
import { OFFSET } from "./offset.ts";

const [what, path, walrus] = Deno.args;
const started = performance.now();
const bytes = await Deno.readFile(path);
const baseline = ownPeak();
let imported = started;
let work: () => unknown = () => bytes.length;
if (what === "relocate") {
  const { relocate } = await import("../../mod.ts");
  imported = performance.now();
  work = () => relocate(bytes, OFFSET);
} else if (what === "walrus") {
  const { walrusInWasm } = await import("../lib/walrus.ts");
  const peers = { walrus: walrus ? await Deno.readFile(walrus) : null };
  const { roundTrip } = await walrusInWasm(peers as Parameters<typeof walrusInWasm>[0]);
  imported = performance.now();
  work = () => roundTrip(bytes);
}
const begin = performance.now();
await work();
const first = performance.now() - begin;
const kb = ownPeak();
await work();
const second = performance.now() - begin - first;
console.log(JSON.stringify({ imported: imported - started, first, second, kb, baseline }));
