/**
 * Structs with the layout of C.
 *
 * @module
 */
import type { MemoryView } from "./view.ts";

/** A number in memory: `u` unsigned, `i` signed, `f` float, and its size in bits. */
export type Scalar = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64" | "i64" | "u64";

/** The type of a field: a number, another struct, or an array `[type, count]` of either. */
export type FieldType =
  | Scalar
  // deno-lint-ignore no-explicit-any -- any schema
  | Struct<any>
  | readonly [type: FieldType, count: number];

/** The fields of a struct, in the order of their declaration in C. */
export type Schema = { readonly [field: string]: FieldType };

/** The typed array that an array of numbers is read as. */
export type ScalarArray<T extends Scalar> = {
  u8: Uint8Array<ArrayBuffer>;
  i8: Int8Array<ArrayBuffer>;
  u16: Uint16Array<ArrayBuffer>;
  i16: Int16Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
  f32: Float32Array<ArrayBuffer>;
  f64: Float64Array<ArrayBuffer>;
  i64: BigInt64Array<ArrayBuffer>;
  u64: BigUint64Array<ArrayBuffer>;
}[T];

/** What reading a field gives: `bigint` for `i64` and `u64`; arrays of numbers as typed arrays. */
export type FieldValue<T extends FieldType> = T extends "i64" | "u64" ? bigint
  : T extends Scalar ? number
  : T extends Struct<infer S> ? StructValue<S>
  : T extends readonly [infer E extends FieldType, number]
    ? E extends Scalar ? ScalarArray<E> : FieldValue<E>[]
  : never;

/** What reading a struct gives. */
export type StructValue<S extends Schema> = { -readonly [K in keyof S]: FieldValue<S[K]> };

/** What a field can be written from. */
export type FieldInit<T extends FieldType> = T extends "i64" | "u64" ? bigint
  : T extends Scalar ? number
  : T extends Struct<infer S> ? StructInit<S>
  : T extends readonly [infer E extends FieldType, number] ? ArrayLike<FieldInit<E>>
  : never;

/** What a struct can be written from: fields that are absent keep what the memory holds. */
export type StructInit<S extends Schema> = { readonly [K in keyof S]?: FieldInit<S[K]> };

/** A layout, and how to read and write it. */
export interface Struct<S extends Schema> {
  /** Size in bytes, with the padding at the end. */
  readonly size: number;
  /** Alignment in bytes: that of the strictest field. */
  readonly align: number;
  /** Offset of each field from the start, in bytes. */
  readonly offsets: { readonly [K in keyof S]: number };
  /**
   * Copies a struct out of the memory.
   *
   * @param view The memory.
   * @param ptr Address of the struct; need not be aligned.
   * @returns A plain object that later changes of the memory do not touch.
   * @throws {RangeError} If the struct does not lie in the memory.
   */
  read(view: Pick<MemoryView, "data">, ptr: number): StructValue<S>;
  /**
   * Copies the given fields into the memory; the others keep what they hold, and so do the elements
   * behind the end of an array that is shorter than its field.
   *
   * @param view The memory.
   * @param ptr Address of the struct; need not be aligned.
   * @param value The fields to write. Integers wrap to the size of their field.
   * @throws {RangeError} If the struct does not lie in the memory, or an array is too long.
   * @throws {TypeError} If a 64-bit integer is not a `bigint`.
   */
  write(view: Pick<MemoryView, "data">, ptr: number, value: StructInit<S>): void;
}

const names: Record<Scalar, string> = {
  u8: "Uint8",
  i8: "Int8",
  u16: "Uint16",
  i16: "Int16",
  u32: "Uint32",
  i32: "Int32",
  f32: "Float32",
  f64: "Float64",
  i64: "BigInt64",
  u64: "BigUint64",
};

// deno-lint-ignore no-explicit-any -- the public types above say what goes in and out
type Any = any;

/** `Struct` without the names; `make` gives an empty array of the element type. */
interface Codec {
  size: number;
  align: number;
  make?: new (length: number) => Any;
  read(view: Pick<MemoryView, "data">, ptr: number): Any;
  write(view: Pick<MemoryView, "data">, ptr: number, value: Any): void;
}

function codec(type: Any): Codec {
  const name = names[type as Scalar];
  if (name) {
    const make: Any = (globalThis as Any)[name + "Array"];
    const size = make.BYTES_PER_ELEMENT;
    return {
      size,
      align: size,
      make,
      read: ({ data }: Any, ptr) => data["get" + name](ptr, true),
      write: ({ data }: Any, ptr, value) => data["set" + name](ptr, value, true),
    };
  }
  if (Array.isArray(type) && type[1] >= 0) {
    const [element, count] = type;
    const { size, align, make = Array, read, write } = codec(element);
    return {
      size: size * count,
      align,
      read(view, ptr) {
        const values = new make(count);
        for (let i = 0; i < count; i++) values[i] = read(view, ptr + i * size);
        return values;
      },
      write(view, ptr, values) {
        if (values.length > count) {
          throw new RangeError(
            `Cannot write ${values.length} elements: there is room for ${count}`,
          );
        }
        for (let i = 0; i < values.length; i++) write(view, ptr + i * size, values[i]);
      },
    };
  }
  if (type?.offsets) return type;
  throw new TypeError(`Cannot lay out a struct: "${type}" is not a type`);
}

/**
 * Lays out a struct as C does for wasm32: every field at its natural alignment, padding at the end
 * up to a multiple of the strictest one. Little-endian, as WebAssembly is.
 *
 * @param schema The fields in order. A pointer is a `"u32"`.
 * @returns The layout, and typed `read` and `write`.
 * @throws {TypeError} If a type is unknown.
 *
 * @example
 * ```ts
 * import { struct, view } from "@wasm-share/memory/memory";
 *
 * // struct Item { float x; uint32_t n; char name[16]; uint64_t id; };
 * const Item = struct({ x: "f32", n: "u32", name: ["u8", 16], id: "u64" });
 * console.log(Item.size, Item.offsets.id); // 32 24
 *
 * const mem = view(new WebAssembly.Memory({ initial: 1 }));
 * Item.write(mem, 1024, { n: 3, id: 10n, name: new TextEncoder().encode("bolt") });
 * console.log(Item.read(mem, 1024).id); // 10n
 *
 * const Pair = struct({ items: [Item, 2], count: "u8" });
 * console.log(Pair.read(mem, 1024).items[0].n); // 3
 * ```
 */
export function struct<const S extends Schema>(schema: S): Struct<S> {
  const offsets: Record<string, number> = {};
  const fields: [name: string, offset: number, codec: Codec][] = [];
  let size = 0;
  let align = 1;
  const up = (to: number) => size = Math.ceil(size / to) * to;
  for (const name in schema) {
    const field = codec(schema[name]);
    fields.push([name, offsets[name] = up(field.align), field]);
    size += field.size;
    align = Math.max(align, field.align);
  }
  up(align);
  // `>>> 0` for negative addresses only: it must not wrap a nested struct that lies past 4 GiB.
  const unsigned = (ptr: number) => ptr < 0 ? ptr >>> 0 : ptr;
  return {
    size,
    align,
    offsets: offsets as Struct<S>["offsets"],
    read(view, ptr) {
      const start = unsigned(ptr);
      const value: Record<string, unknown> = {};
      for (const [name, offset, { read }] of fields) value[name] = read(view, start + offset);
      return value as StructValue<S>;
    },
    write(view, ptr, value: Any) {
      const start = unsigned(ptr);
      for (const [name, offset, { write }] of fields) {
        if (value[name] !== undefined) write(view, start + offset, value[name]);
      }
    },
  };
}
