import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { guard, init, relocator, transformer } from "../src/core/load.ts";
import { WasmShareError } from "../src/errors.ts";

const GENERATED = new URL("../src/core/generated/", import.meta.url);
const REQUEST = JSON.stringify({
  passes: [{ pass: "init_memory", delta: 65536, low: 1024, high: 2048 }],
});
/** A start function that clears `size` bytes at 1024: `i32.const 1024, 0, size; memory.fill`. */
const clears = (size: number) =>
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 2, 8, 1, 0],
    ...[10, 14, 1, 12, 0, 0x41, 0x80, 8, 0x41, 0, 0x41, size, 0xfc, 11, 0, 11],
  );

Deno.test("init() takes the place of the embedded module, and tells a bad one", async () => {
  const error = await assertRejects(
    () => init(Promise.resolve(new Response("gone", { status: 404 })), "transformer"),
    WasmShareError,
    'Cannot load the core "transformer" of wasm-share: the server answered 404',
  );
  assertEquals(error.code, "load_failed");
  await assertRejects(() => init(new Uint8Array([1, 2, 3]), "transformer"), WasmShareError);
  // A server without the right type; a failure does not stay.
  const bytes = await Deno.readFile(new URL("transformer.wasm", GENERATED));
  const plain = new Response(bytes, { headers: { "content-type": "text/plain" } });
  await init(plain, "transformer");
  await init(new Uint8Array([1, 2, 3]), "transformer");
});

Deno.test("relocator() and transformer() are instantiated once", async () => {
  const [first, second] = await Promise.all([relocator(), relocator()]);
  assert(first === second);
  assert(await transformer() === await transformer());
});

Deno.test("transformer() moves what the start function clears", async () => {
  const core = await transformer();
  const [bytes, report] = guard(core, (core) => {
    using done = core.transform(clears(16), clears(16), REQUEST);
    return [done.take_bytes(), JSON.parse(done.report)];
  });
  assertEquals(report, {
    problems: [],
    passes: [{ pass: "init_memory", changed: 1 }],
    dropped: [],
  });
  assert(WebAssembly.validate(bytes));
  // `i32.const` 1024 + 65536, 0, 16.
  assert(bytes.toHex().includes("4180880441004110"));
});

Deno.test("guard() turns a trap into internal_error and starts afresh", async () => {
  let fresh = 0;
  const fake = { __wbg_reset_state: () => fresh++ };
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const error = assertThrows(() => guard(fake, trap), WasmShareError, "unreachable");
  assertEquals([error.code, fresh], ["internal_error", 1]);
  assert(error.cause instanceof WebAssembly.RuntimeError);
  // Anything else is not ours to explain.
  assertThrows(() =>
    guard(fake, () => {
      throw new TypeError("x");
    }), TypeError);
  assertEquals(fresh, 1);
  assertEquals(guard(fake, () => 7), 7);

  const core = await transformer();
  core.__wbg_reset_state();
  assertEquals(JSON.parse(core.transform(clears(16), clears(16), REQUEST).report).problems, []);
});
