/**
 * Typed arrays and text over a memory that grows.
 *
 * @module
 */

/** Where a text was written: its address and its length, both in bytes. */
export interface Written {
  /** Address of the first byte, unsigned. */
  ptr: number;
  /** Length in bytes (not in characters). */
  len: number;
}

/**
 * A window on a memory. Every getter gives an array over the memory's *present* buffer: growth
 * detaches the old one, so do not keep the array across a call into WebAssembly, keep the view.
 *
 * Element `i` of `u32` is at address `4 * i`: use `mem.u32[ptr >>> 2]`, which is right for the
 * signed addresses that come from WebAssembly, too.
 */
export interface MemoryView {
  /** The memory behind this view. */
  readonly memory: { readonly buffer: ArrayBufferLike };
  /** Unsigned bytes. */
  readonly u8: Uint8Array;
  /** Signed bytes. */
  readonly i8: Int8Array;
  /** Unsigned 16-bit integers, index = address / 2. */
  readonly u16: Uint16Array;
  /** Signed 16-bit integers, index = address / 2. */
  readonly i16: Int16Array;
  /** Unsigned 32-bit integers, index = address / 4. */
  readonly u32: Uint32Array;
  /** Signed 32-bit integers, index = address / 4. */
  readonly i32: Int32Array;
  /** 32-bit floats, index = address / 4. */
  readonly f32: Float32Array;
  /** 64-bit floats, index = address / 8. */
  readonly f64: Float64Array;
  /** Signed 64-bit integers, index = address / 8. */
  readonly i64: BigInt64Array;
  /** Unsigned 64-bit integers, index = address / 8. */
  readonly u64: BigUint64Array;
  /** All bytes as a `DataView`, for addresses that are not aligned. */
  readonly data: DataView;
  /**
   * Reads UTF-8 text. Bytes that are not UTF-8 become U+FFFD; a byte order mark is kept.
   *
   * @param ptr Address of the first byte; any, if there is none.
   * @param len Length in bytes.
   * @returns The text, copied out of the memory.
   * @throws {RangeError} If the bytes do not lie in the memory.
   */
  utf8(ptr: number, len: number): string;
  /**
   * Reads UTF-8 text up to, and without, the next zero byte.
   *
   * @param ptr Address of the first byte.
   * @returns The text, copied out of the memory.
   * @throws {RangeError} If there is no zero byte between `ptr` and the end of the memory.
   */
  cstr(ptr: number): string;
  /**
   * Writes text as UTF-8, without a zero byte at the end: add `"\0"` to the text for C.
   *
   * @param text The text.
   * @param alloc Called once with the length in bytes; gives the address to write to, for example
   *   an exported `malloc`. The memory may grow inside.
   * @returns The address, unsigned, and the length in bytes. Whoever allocated must free.
   * @throws {RangeError} If `alloc` gives 0 for a text that is not empty, or an address whose bytes
   *   do not lie in the memory.
   */
  writeUtf8(text: string, alloc: (len: number) => number): Written;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

class View implements MemoryView {
  readonly memory: { readonly buffer: ArrayBufferLike };
  #arrays: ReturnType<typeof arraysOf>;

  constructor(memory: { readonly buffer: ArrayBufferLike }) {
    this.memory = memory;
    this.#arrays = arraysOf(memory.buffer);
  }

  get #now(): ReturnType<typeof arraysOf> {
    const { buffer } = this.memory;
    return buffer === this.#arrays.buffer ? this.#arrays : this.#arrays = arraysOf(buffer);
  }

  get u8(): Uint8Array {
    return this.#now.u8;
  }
  get i8(): Int8Array {
    return this.#now.i8;
  }
  get u16(): Uint16Array {
    return this.#now.u16;
  }
  get i16(): Int16Array {
    return this.#now.i16;
  }
  get u32(): Uint32Array {
    return this.#now.u32;
  }
  get i32(): Int32Array {
    return this.#now.i32;
  }
  get f32(): Float32Array {
    return this.#now.f32;
  }
  get f64(): Float64Array {
    return this.#now.f64;
  }
  get i64(): BigInt64Array {
    return this.#now.i64;
  }
  get u64(): BigUint64Array {
    return this.#now.u64;
  }
  get data(): DataView {
    return this.#now.data;
  }

  utf8(ptr: number, len: number): string {
    // No bytes lie anywhere: Zig's allocators give them an address beyond the memory.
    if (!len) return "";
    // Not `subarray`, which would cut the text at the end of the memory in silence. The copy is
    // because browsers do not decode shared memory.
    const bytes = new Uint8Array(this.memory.buffer, ptr >>> 0, len >>> 0);
    return decoder.decode(isShared(bytes.buffer) ? bytes.slice() : bytes);
  }

  cstr(ptr: number): string {
    const start = ptr >>> 0;
    const end = this.u8.indexOf(0, start);
    if (end < 0) {
      throw new RangeError(`Cannot read text at 0x${start.toString(16)}: no zero byte follows`);
    }
    return this.utf8(start, end - start);
  }

  writeUtf8(text: string, alloc: (len: number) => number): Written {
    const bytes = encoder.encode(text);
    const len = bytes.length;
    const ptr = alloc(len) >>> 0;
    if (len && !ptr) throw new RangeError(`Cannot write ${len} bytes: "alloc" returned 0`);
    if (len) this.u8.set(bytes, ptr);
    return { ptr, len };
  }
}

function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) !== "[object ArrayBuffer]";
}

// deno-lint-ignore explicit-module-boundary-types
function arraysOf(buffer: ArrayBufferLike) {
  return {
    buffer,
    u8: new Uint8Array(buffer),
    i8: new Int8Array(buffer),
    u16: new Uint16Array(buffer),
    i16: new Int16Array(buffer),
    u32: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    data: new DataView(buffer),
  };
}

/**
 * Opens a window on a memory.
 *
 * @param memory A `WebAssembly.Memory`, shared or not, or anything with its `buffer`.
 * @returns A view whose arrays stay right when the memory grows.
 *
 * @example
 * ```ts
 * import { view } from "@wasm-share/memory/memory";
 *
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const mem = view(memory);
 * mem.u32[1024 >>> 2] = 7;
 * memory.grow(1); // detaches every array that was made before
 * console.log(mem.u32[1024 >>> 2]); // 7
 *
 * const { ptr, len } = mem.writeUtf8("héllo", () => 2048);
 * console.log(mem.utf8(ptr, len)); // héllo
 * ```
 */
export function view(memory: { readonly buffer: ArrayBufferLike }): MemoryView {
  return new View(memory);
}
