/** The side of the host in docs/sharing.md. */
// [struct]
import { struct, view } from "@wasm-share/memory/memory";

/** `Reading` of the modules; an address is a `"u32"`. */
export const Reading = struct({
  id: "u32",
  value: "f64",
  kind: "u8",
  name: "u32",
  name_len: "u32",
  release: "u32",
});
// [/struct]

/** The pair that `greeting` writes. */
export const Text = struct({ ptr: "u32", len: "u32" });

// [read]
/** Copies a record out of the memory. */
export function readReading(memory: WebAssembly.Memory, ptr: number) {
  const mem = view(memory);
  const { id, value, name, name_len } = Reading.read(mem, ptr);
  return { id, value, name: mem.utf8(name, name_len) };
}
// [/read]

/** A module that makes records, and has room for a text of the host. */
export interface Maker {
  reading_new(id: number, name: number, length: number): number;
  buffer_new(length: number): number;
  buffer_free(ptr: number, length: number): void;
}

// [write]
/** Lets a module make a record; the caller frees it with `reading_free` of that module. */
export function newReading(memory: WebAssembly.Memory, maker: Maker, id: number, name: string) {
  const mem = view(memory);
  const { ptr, len } = mem.writeUtf8(name, (length) => maker.buffer_new(length));
  const reading = maker.reading_new(id, ptr, len) >>> 0;
  maker.buffer_free(ptr, len); // `reading_new` made a copy
  if (!reading) throw new Error("No memory");
  Reading.write(mem, reading, { value: 20.5 }); // the other fields stay
  return reading;
}
// [/write]

// [call]
/** Calls a function pointer that a module gave. */
export function callSlot(table: WebAssembly.Table, slot: number, ...args: number[]): number {
  return table.get(slot >>> 0)(...args);
}

/** Gives an exported function an address. Do it once: the table never gets smaller. */
export function slotOf(table: WebAssembly.Table, exported: (...args: number[]) => number): number {
  return table.grow(1, exported);
}
// [/call]
