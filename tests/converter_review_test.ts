/**
 * What a review found: modules of the converter that went wrong in silence, or were refused for no reason.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { combine, instantiate, type ModuleInput, relocate, WasmShareError } from "../mod.ts";

const PAGE = 0x10000;

/*
A stack whose pointer became a constant. A near twin: all addresses 0x10000 higher.
(module (memory (export "memory") 2)
  (func (export "f") (param i32) (result i32)
    (i32.store (i32.const 65520) (local.get 0))
    (i32.add (i32.load (i32.const 65520)) (i32.load (i32.const 65536))))
  (data (i32.const 65536) "\01"))
*/
const LEAF = [
  "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAgcOAgZtZW1vcnkCAAFmAAAKHAEaAEHw/wMgADYCAEHw/wMoAgBBgIAEKAIAagsLCQEAQYCABAsBAQ==",
  "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAwcOAgZtZW1vcnkCAAFmAAAKHAEaAEHw/wMgADYCAEHw/wMoAgBBgIAIKAIAagsLCQEAQYCACAsBAQ==",
];

/*
Twins with one table base. A near twin: all addresses 0x10000 higher.
(module (type $t (func (result i32))) (memory (export "memory") 2) (table 2 funcref)
  (func $a (result i32) (i32.const 10))
  (func (export "call") (result i32) (call_indirect (type $t) (i32.load (i32.const 1024))))
  (elem (i32.const 1) $a) (data (i32.const 1024) "\01"))
*/
const TEN = [
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAIFAwEAAgcRAgZtZW1vcnkCAARjYWxsAAEJBwEAQQELAQAKEgIEAEEKCwsAQYAIKAIAEQAACwsIAQBBgAgLAQE=",
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAIFAwEAAwcRAgZtZW1vcnkCAARjYWxsAAEJBwEAQQELAQAKEwIEAEEKCwwAQYCIBCgCABEAAAsLCQEAQYCIBAsBAQ==",
];

/*
The same with another number. A near twin: all addresses 0x10000 higher.
(module (type $t (func (result i32))) (memory (export "memory") 2) (table 2 funcref)
  (func $a (result i32) (i32.const 20))
  (func (export "call") (result i32) (call_indirect (type $t) (i32.load (i32.const 1024))))
  (elem (i32.const 1) $a) (data (i32.const 1024) "\01"))
*/
const TWENTY = [
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAIFAwEAAgcRAgZtZW1vcnkCAARjYWxsAAEJBwEAQQELAQAKEgIEAEEUCwsAQYAIKAIAEQAACwsIAQBBgAgLAQE=",
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAIFAwEAAwcRAgZtZW1vcnkCAARjYWxsAAEJBwEAQQELAQAKEwIEAEEUCwwAQYCIBCgCABEAAAsLCQEAQYCIBAsBAQ==",
];

/*
Calls what it is given. A near twin: all addresses 0x10000 higher.
(module (type $t (func (result i32))) (memory (export "memory") 1)
  (table (export "__indirect_function_table") 1 funcref)
  (func (export "apply") (param i32) (result i32)
    (i32.add (call_indirect (type $t) (local.get 0)) (i32.load (i32.const 1024))))
  (data (i32.const 1024) "\01"))
*/
const APPLY = [
  "AGFzbQEAAAABCgJgAAF/YAF/AX8DAgEBBAQBcAABBQMBAAEHLgMGbWVtb3J5AgAZX19pbmRpcmVjdF9mdW5jdGlvbl90YWJsZQEABWFwcGx5AAAKEAEOACAAEQAAQYAIKAIAagsLCAEAQYAICwEB",
  "AGFzbQEAAAABCgJgAAF/YAF/AX8DAgEBBAQBcAABBQMBAAIHLgMGbWVtb3J5AgAZX19pbmRpcmVjdF9mdW5jdGlvbl90YWJsZQEABWFwcGx5AAAKEQEPACAAEQAAQYCIBCgCAGoLCwkBAEGAiAQLAQE=",
];

/*
A function with a slot. A near twin: all addresses 0x10000 higher.
(module (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 funcref)
  (func $f (result i32) (i32.const 41)) (func (export "pointer") (result i32) (i32.const 1))
  (elem (i32.const 1) $f) (data (i32.const 1024) "x"))
*/
const OWNER = [
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAIFAwEAAQcwAwZtZW1vcnkCABlfX2luZGlyZWN0X2Z1bmN0aW9uX3RhYmxlAQAHcG9pbnRlcgABCQcBAEEBCwEACgsCBABBKQsEAEEBCwsIAQBBgAgLAXg=",
  "AGFzbQEAAAABBQFgAAF/AwMCAAAEBAFwAAQFAwEAAgcwAwZtZW1vcnkCABlfX2luZGlyZWN0X2Z1bmN0aW9uX3RhYmxlAQAHcG9pbnRlcgABCQcBAEEDCwEACgsCBABBKQsEAEEDCwsJAQBBgIgECwF4",
];

/*
Data and .bss up to the end of its memory. A near twin: all addresses 0x10000 higher.
(module (memory (export "memory") 2)
  (func (export "get") (param i32) (result i32) (i32.load (i32.add (local.get 0) (i32.const 1024))))
  (data (i32.const 1024) "text"))
*/
const VICTIM = [
  "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAgcQAgZtZW1vcnkCAANnZXQAAAoNAQsAIABBgAhqKAIACwsLAQBBgAgLBHRleHQ=",
  "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAwcQAgZtZW1vcnkCAANnZXQAAAoOAQwAIABBgIgEaigCAAsLDAEAQYCIBAsEdGV4dA==",
];

/*
Defines data.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32))
  (global (export "foreign") i32 (i32.const 4))
  (data (global.get $m) "\00\00\00\00\2a"))
*/
const PROVIDER =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEEAIAAAIkAgNlbnYGbWVtb3J5AgAAA2Vudg1fX21lbW9yeV9iYXNlA38ABgYBfwBBBAsHCwEHZm9yZWlnbgMBCwsBACMACwUAAAAAKg==";

/*
Stores the address of it at the start. dylink.0 asks for 256 bytes.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32)) (import "GOT.mem" "foreign" (global $g (mut i32)))
  (func (export "__wasm_apply_data_relocs") (i32.store offset=4 (global.get $m) (global.get $g)))
  (func (export "other") (result i32) (i32.load (i32.load offset=4 (global.get $m))))
  (data (global.get $m) "user"))
*/
const USER =
  "AGFzbQEAAAAAEAhkeWxpbmsuMAEFgAICAAABCAJgAABgAAF/AjcDA2VudgZtZW1vcnkCAAADZW52DV9fbWVtb3J5X2Jhc2UDfwAHR09ULm1lbQdmb3JlaWduA38BAwMCAAEHJAIYX193YXNtX2FwcGx5X2RhdGFfcmVsb2NzAAAFb3RoZXIAAQoWAgkAIwAjATYCBAsKACMAKAIEKAIACwsKAQAjAAsEdXNlcg==";

/*
Something before it; 64 bytes.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32)) (data (global.get $m) "pad"))
*/
const PAD =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEQAIAAAIkAgNlbnYGbWVtb3J5AgAAA2Vudg1fX21lbW9yeV9iYXNlA38ACwkBACMACwNwYWQ=";

/*
Defines f.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32)) (import "env" "__table_base" (global i32)) (import "env" "__indirect_function_table" (table 0 funcref)) (import "GOT.func" "f" (global $f (mut i32)))
  (func (export "f") (result i32) (i32.const 5))
  (func (export "pointer") (result i32) (global.get $f)))
*/
const DEFINES =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEAAIAAAEFAWAAAX8CaAUDZW52Bm1lbW9yeQIAAANlbnYNX19tZW1vcnlfYmFzZQN/AANlbnYMX190YWJsZV9iYXNlA38AA2VudhlfX2luZGlyZWN0X2Z1bmN0aW9uX3RhYmxlAXAAAAhHT1QuZnVuYwFmA38BAwMCAAAHDwIBZgAAB3BvaW50ZXIAAQoLAgQAQQULBAAjAgs=";

/*
Imports f and exports it again.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32)) (import "env" "__table_base" (global i32)) (import "env" "__indirect_function_table" (table 0 funcref)) (import "env" "f" (func $f (result i32))) (import "GOT.func" "f" (global $g (mut i32)))
  (export "f" (func $f))
  (func (export "pointer") (result i32) (global.get $g)))
*/
const EXPORTS =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEAAIAAAEFAWAAAX8CcAYDZW52Bm1lbW9yeQIAAANlbnYNX19tZW1vcnlfYmFzZQN/AANlbnYMX190YWJsZV9iYXNlA38AA2VudhlfX2luZGlyZWN0X2Z1bmN0aW9uX3RhYmxlAXAAAANlbnYBZgAACEdPVC5mdW5jAWYDfwEDAgEABw8CAWYAAAdwb2ludGVyAAEKBgEEACMCCw==";

/*
A global that starts as an imported one plus 1.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32)) (import "env" "k" (global $k i32)) (import "env" "l" (global i32))
  (global $x i32 (i32.add (global.get $k) (i32.const 1)))
  (func (export "x") (result i32) (global.get $x)) (data (global.get $m) "x"))
*/
const EXTENDED =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEEAIAAAEFAWAAAX8CNgQDZW52Bm1lbW9yeQIAAANlbnYNX19tZW1vcnlfYmFzZQN/AANlbnYBawN/AANlbnYBbAN/AAMCAQAGCQF/ACMBQQFqCwcFAQF4AAAKBgEEACMDCwsHAQAjAAsBeA==";

/*
A store, and a fill over it.
(module (import "env" "memory" (memory 0)) (import "env" "__memory_base" (global $m i32))
  (func $start (i32.store (global.get $m) (i32.add (global.get $m) (i32.const 8)))
    (memory.fill (global.get $m) (i32.const 0) (i32.const 8)))
  (start $start)
  (func (export "word") (result i32) (i32.load (global.get $m))) (data (global.get $m) "text"))
*/
const FILLS =
  "AGFzbQEAAAAADwhkeWxpbmsuMAEEEAIAAAEIAmAAAGAAAX8CJAIDZW52Bm1lbW9yeQIAAANlbnYNX19tZW1vcnlfYmFzZQN/AAMDAgABBwgBBHdvcmQAAQgBAAofAhUAIwAjAEEIajYCACMAQQBBCPwLAAsHACMAKAIACwsKAQAjAAsEdGV4dA==";

const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function twins(name: string, [base, near]: string[]): ModuleInput {
  return { name, bytes: bytes(base), twin: bytes(near) };
}

function side(name: string, text: string): ModuleInput {
  return { name, bytes: bytes(text) };
}

type Exports = Record<string, Record<string, (...args: number[]) => number>>;

async function run(inputs: ModuleInput[], imports: Record<string, Record<string, unknown>> = {}) {
  const set = await combine(inputs, { onWarning() {} });
  const { exports, memory } = await instantiate(set, imports as WebAssembly.Imports);
  return { exports: exports as unknown as Exports, memory, set };
}

/** Combined once with records that are kept: the input of another run. */
async function kept(inputs: ModuleInput[]): Promise<ModuleInput[]> {
  const { modules, layout } = await combine(inputs, { strip: false, onWarning() {} });
  return modules.map((bytes, index) => ({ name: layout.modules[index].name, bytes }));
}

/** Either it is right, or it is refused. */
async function rightOrRefused(work: () => Promise<void>) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WasmShareError)) throw error;
  }
}

Deno.test("R4: tables of their own stay so when a result is combined again", () =>
  rightOrRefused(async () => {
    const again = await kept([twins("a", TEN), twins("b", TWENTY)]);
    const { exports: { a, b } } = await run(again);
    assertEquals([a.call(), b.call()], [10, 20]);
  }));

Deno.test("R5: what lies below the data stays free when a result is combined again", () =>
  rightOrRefused(async () => {
    const [leaf] = await kept([twins("leaf", LEAF)]);
    const { exports, set } = await run([twins("victim", VICTIM), leaf]);
    const inside = 65520 - set.layout.modules[0].data!.start;
    const before = exports.victim.get(inside);
    assertEquals(exports.leaf.f(41), 42);
    assertEquals(exports.victim.get(inside), before);
  }));

Deno.test("R5: what relocate refuses, it refuses when the records were kept, too", async () => {
  assertEquals(
    (await assertRejects(() => relocate(twins("leaf", LEAF), PAGE), WasmShareError)).code,
    "twin_stack",
  );
  await assertRejects(async () => {
    const [leaf] = await kept([twins("leaf", LEAF)]);
    await relocate(leaf, PAGE);
  }, WasmShareError);
});

Deno.test("R11: a twin without slots shares the table", async () => {
  const { exports: { apply, owner } } = await run([twins("apply", APPLY), twins("owner", OWNER)]);
  assertEquals(apply.apply(owner.pointer()), 42);
});

Deno.test("R12: what a user reserves can lie in what is kept free", async () => {
  const memory = { reserved: [{ start: 0, size: 4096 }] };
  const set = await combine([twins("leaf", LEAF)], { memory, onWarning() {} });
  // A near twin's distance is 64 KiB, and the stack ends where the data began.
  assertEquals(set.layout.modules[0].data!.start >= PAGE, true);
});

Deno.test("R14: an extended constant follows its global", () =>
  rightOrRefused(async () => {
    const { exports: { x } } = await run([side("x", EXTENDED)], { env: { k: 10, l: 20 } });
    assertEquals(x.x(), 11);
  }));

Deno.test("R15: a fill after a store", () =>
  rightOrRefused(async () => {
    const { exports: { it } } = await run([side("it", FILLS)]);
    assertEquals(it.word(), 0);
  }));

Deno.test("R16: a function has one address, whoever exports it", async () => {
  const { exports: { a, b } } = await run([side("a", DEFINES), side("b", EXPORTS)]);
  assertEquals(b.pointer(), a.pointer());
});

Deno.test("R17: stores at the start are moved once when a result is combined again", () =>
  rightOrRefused(async () => {
    const [provider, user] = await kept([side("provider", PROVIDER), side("user", USER)]);
    const { exports } = await run([side("pad", PAD), provider, user]);
    assertEquals(exports.user.other(), 42);
  }));
