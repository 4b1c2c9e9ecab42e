/**
 * Moving, warm: all contestants in this process or in one that waits, rounds alternating.
 *
 * @module
 */
import { inspect, relocate } from "../../mod.ts";
import { guard, relocator } from "../../src/core/load.ts";
import { NativeServer } from "../lib/native.ts";
import { alternate, type Contestant, timed } from "../lib/runner.ts";
import type { Context, Draft } from "../lib/section.ts";
import { walrusInWasm } from "../lib/walrus.ts";
import type { Subject } from "./modules.ts";
import { OFFSET } from "./offset.ts";

/** Names of contestants, as the record has them. */
export const OURS = "ours, wasm core";
export const NATIVE = "ours, native core";
export const WALRUS_NATIVE = "walrus, native";
export const COPY = "plain copy";

/**
 * Measures one module.
 *
 * @param draft Receives the times.
 * @param subject The module.
 * @param context The run.
 * @returns How many addresses it has.
 */
export async function warm(draft: Draft, subject: Subject, context: Context): Promise<number> {
  const { short, peers, scratch } = context;
  const { bytes, name, path } = subject;
  const core = await relocator();
  const walrus = await walrusInWasm(peers);
  let sum = 0;
  let copies = 0;
  const contestants: Contestant[] = [
    timed(OURS, () => relocate(bytes, OFFSET)),
    timed("of it in the core", () =>
      guard(core, (core) => {
        const options = new core.ModuleOptions(0, -1, -1, -1, 0, 0, 0);
        const emitted = core.relocate(name, bytes, options, OFFSET, -1);
        sum += emitted.parts().length;
        emitted.free();
      })),
    // `slice` fills the copy with zeros first.
    timed(COPY, () => sum += new Uint8Array(bytes).length),
    timed(walrus.name, () => walrus.roundTrip(bytes), 8),
    timed("WebAssembly.compile", () => {
      // V8 keeps compiled modules by their bytes: a changed custom section makes it cold.
      const cold = new Uint8Array(bytes.length + 6);
      cold.set(bytes);
      cold.set([0, 4, 1, 120, copies & 255, copies++ >> 8 & 255], bytes.length);
      return new WebAssembly.Module(cold);
    }, 8),
  ];
  await using server = peers.native ? new NativeServer(peers.native) : null;
  if (server) {
    await server.ask(`load ${path}`);
    contestants.push(
      { name: NATIVE, run: () => server.time(`relocate ${OFFSET}`) },
      { name: "plain copy, native", run: () => server.time("copy") },
      { name: WALRUS_NATIVE, run: () => server.time("walrus"), every: 8 },
    );
  }
  const rounds = short ? 8 : bytes.length > 4e6 ? 25 : 49;
  const times = await alternate(contestants, { rounds, warmup: short ? 2 : 8, budget: 30_000 });
  for (const [contestant, list] of times) draft.measure(name, contestant, "ms", list);

  // The answers: what each of them made, at work.
  const right = (made: Uint8Array<ArrayBuffer>, offset: number, who: string) => {
    const answers = subject.answers(made, offset);
    draft.check(typeof answers === "number" && answers > 0, `${name}, ${who}: ${answers}`);
  };
  const moved = await relocate(bytes, OFFSET) as Uint8Array<ArrayBuffer>;
  right(bytes, 0, "untouched");
  right(moved, OFFSET, OURS);
  right(walrus.roundTrip(bytes), 0, walrus.name);
  if (server) {
    const saved = async (work: string) => {
      await server.ask(work);
      await server.ask(`save ${scratch}/native.wasm`);
      return await Deno.readFile(`${scratch}/native.wasm`);
    };
    const native = await saved(`relocate ${OFFSET}`);
    draft.check(
      native.length === moved.length && native.every((byte, at) => byte === moved[at]),
      `${name}: the native core gives other bytes than the one in WebAssembly`,
    );
    right(await saved("walrus"), 0, WALRUS_NATIVE);
  }
  return (await inspect(bytes)).sites.total;
}
