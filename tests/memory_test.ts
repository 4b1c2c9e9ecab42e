import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { struct, type StructValue, view } from "../src/memory/mod.ts";
import { esbuild } from "./host/npm.ts";

const PAGE = 65536;

Deno.test("view() stays right after growth", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const mem = view(memory);
  const before = mem.u8;
  mem.u32[4] = 0xdeadbeef;
  memory.grow(1);
  assertEquals(before.length, 0, "growth detaches the old array");
  assertEquals(mem.u32[4], 0xdeadbeef);
  assertEquals(mem.u8.length, 2 * PAGE);
  assert(mem.u8 === mem.u8, "arrays are made once per buffer");
});

Deno.test("view() has an array for every number type", () => {
  const mem = view(new WebAssembly.Memory({ initial: 1 }));
  mem.u8.fill(0xff, 0, 8);
  assertEquals(
    [mem.u8[0], mem.i8[0], mem.u16[0], mem.i16[0], mem.u32[0], mem.i32[0]],
    [255, -1, 65535, -1, 0xffffffff, -1],
  );
  assertEquals([mem.i64[0], mem.u64[0]], [-1n, 0xffffffffffffffffn]);
  mem.f32[0] = 1.5;
  mem.f64[1] = 2.25;
  assertEquals([mem.f32[0], mem.f64[1]], [1.5, 2.25]);
  assertEquals(mem.data.getFloat32(0, true), 1.5);
});

Deno.test("utf8() and cstr() read text, and refuse what lies outside", () => {
  const mem = view(new WebAssembly.Memory({ initial: 1 }));
  mem.u8.set(new TextEncoder().encode("héllo\0"), 100);
  assertEquals(mem.utf8(100, 6), "héllo");
  assertEquals(mem.utf8(100, 0), "");
  assertEquals(mem.cstr(100), "héllo");
  assertEquals(mem.cstr(105), "o");
  assertThrows(() => mem.utf8(PAGE - 2, 3), RangeError);
  // Zig's allocators give no bytes an address beyond the memory.
  assertEquals(mem.utf8(-1, 0), "");
  assertEquals(mem.writeUtf8("", () => -1), { ptr: 2 ** 32 - 1, len: 0 });
  mem.u8.fill(65, PAGE - 4);
  assertThrows(() => mem.cstr(PAGE - 4), RangeError, "0xfffc: no zero byte follows");
  mem.u8.set([0xef, 0xbb, 0xbf, 65, 0], 200);
  assertEquals(mem.cstr(200), "\ufeffA", "a byte order mark is text");
});

Deno.test("addresses are signed when they come from wasm", () => {
  // A stand-in for a memory of more than 2 GiB: -16 as unsigned lies outside, and not at -16.
  const mem = view({ buffer: new ArrayBuffer(64) });
  for (
    const read of [
      () => mem.utf8(-16, 4),
      () => mem.writeUtf8("abc", () => -16),
      () => struct({ x: "u8" }).read(mem, -16),
      () => struct({ x: "u8" }).write(mem, -16, { x: 1 }),
    ]
  ) assertThrows(read, RangeError);
  assertThrows(() => mem.cstr(-16), RangeError, "0xfffffff0");
});

Deno.test("addresses above 2 GiB work", () => {
  const memory = new WebAssembly.Memory({ initial: 32769 });
  const mem = view(memory);
  const ptr = -0x80000000; // 2^31 as wasm gives it
  assertEquals(mem.writeUtf8("far", () => ptr), { ptr: 2 ** 31, len: 3 });
  assertEquals(mem.cstr(ptr), "far");
  const At = struct({ a: "u8", b: ["u8", 2] });
  assertEquals(At.read(mem, ptr).a, 102);
  At.write(mem, ptr, { a: 98 });
  assertEquals(mem.utf8(ptr, 3), "bar");
});

Deno.test("writeUtf8() survives growth inside alloc", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const mem = view(memory);
  mem.u8; // an array over the old buffer exists
  const written = mem.writeUtf8("zwölf", (len) => {
    assertEquals(len, 6);
    return memory.grow(1) * PAGE;
  });
  assertEquals(written, { ptr: PAGE, len: 6 });
  assertEquals(mem.utf8(PAGE, 6), "zwölf");
  assertThrows(() => mem.writeUtf8("x", () => 0), RangeError, '"alloc" returned 0');
  assertEquals(mem.writeUtf8("", () => 0), { ptr: 0, len: 0 });
});

Deno.test("shared memories work", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const mem = view(memory);
  mem.writeUtf8("shared\0", () => 64);
  assertEquals(mem.cstr(64), "shared");
  memory.grow(1);
  assertEquals(mem.u8.length, 2 * PAGE);
  // Browsers refuse what Deno accepts.
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (input, options) {
    const { buffer } = input as Uint8Array;
    if (buffer instanceof SharedArrayBuffer) throw new TypeError("shared");
    return decode.call(this, input, options);
  };
  try {
    assertEquals(mem.utf8(64, 6), "shared");
  } finally {
    TextDecoder.prototype.decode = decode;
  }
});

Deno.test("struct() has the layout of C", () => {
  // The numbers are what sizeof and offsetof of a C compiler (gcc, x86-64) say; wasm32 is the same.
  const S = struct({ a: "u8", b: "f64", c: "u16", d: ["u8", 3], e: "i32", f: "u8" });
  assertEquals(S.offsets, { a: 0, b: 8, c: 16, d: 18, e: 24, f: 28 });
  assertEquals([S.size, S.align], [32, 8]);
  const Inner = struct({ x: "u8", y: "u32" });
  const Outer = struct({ tag: "u8", inner: Inner, list: [Inner, 2], grid: [["u16", 2], 3] });
  assertEquals(Outer.offsets, { tag: 0, inner: 4, list: 12, grid: 28 });
  assertEquals([Outer.size, Outer.align], [40, 4]);
  assertEquals([struct({}).size, struct({}).align], [0, 1]);
});

Deno.test("struct() reads what it wrote, aligned or not", () => {
  const mem = view(new WebAssembly.Memory({ initial: 1 }));
  const Inner = struct({ x: "i8", y: "f32" });
  const S = struct({ id: "u64", inner: Inner, list: [Inner, 2], name: ["u8", 4], neg: "i64" });
  const value = {
    id: 2n ** 64n - 1n,
    inner: { x: -1, y: 0.5 },
    list: [{ x: 1, y: 1.5 }, { x: 2, y: 2.5 }],
    name: new Uint8Array([1, 2, 3, 4]),
    neg: -5n,
  };
  for (const ptr of [1024, 2049]) {
    S.write(mem, ptr, value);
    const read: StructValue<{ id: "u64" }> = S.read(mem, ptr); // typed
    assertEquals(read, value);
    assertEquals(mem.data.getBigInt64(ptr + S.offsets.neg, true), -5n);
  }
});

Deno.test("struct() writes parts", () => {
  const mem = view(new WebAssembly.Memory({ initial: 1 }));
  const S = struct({ a: "u32", b: ["u16", 3], c: "u8" });
  S.write(mem, 16, { a: 1, b: [1, 2, 3], c: 9 });
  S.write(mem, 16, { b: [7], a: undefined });
  const read = S.read(mem, 16);
  assertEquals([read.a, ...read.b, read.c], [1, 7, 2, 3, 9]);
  const bad: number[] = [1, 2, 3, 4];
  assertThrows(() => S.write(mem, 16, { b: bad }), RangeError, "room for 3");
  assertThrows(() => S.read(mem, PAGE - 4), RangeError);
});

Deno.test("struct() refuses unknown types", () => {
  const make = struct as unknown as (schema: unknown) => void;
  assertThrows(() => make({ x: "u7" }), TypeError, '"u7" is not a type');
  assertThrows(() => make({ x: undefined }), TypeError, "is not a type");
  assertThrows(() => make({ x: ["u8", -1] }), TypeError, "is not a type");
});

Deno.test("struct() types are exact", () => {
  const S = struct({ x: "f32", id: "u64", name: ["u8", 2], in: struct({ y: "i64" }) });
  type V = ReturnType<typeof S.read>;
  const same: Same<
    V,
    { x: number; id: bigint; name: Uint8Array<ArrayBuffer>; in: { y: bigint } }
  > = true;
  assert(same);
  // @ts-expect-error 64-bit fields take a bigint
  const wrong: Parameters<typeof S.write>[2] = { id: 1 };
  // @ts-expect-error an unknown field
  const unknown: Parameters<typeof S.write>[2] = { nope: 1 };
  assert(wrong && unknown);
});

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

Deno.test("the memory entry is at most 1.5 KB gzip", async () => {
  const result = await esbuild.build({
    entryPoints: [new URL("../src/memory/mod.ts", import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  await esbuild.stop();
  const gzip = new Blob([result.outputFiles[0].contents as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const size = (await new Response(gzip).bytes()).length;
  assertLessOrEqual(size, 1536);
});
