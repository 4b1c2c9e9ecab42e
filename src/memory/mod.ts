/**
 * Linear memory without pain: typed arrays that stay right after growth, text, and structs with the
 * layout of C. No wasm, no dependency, no permission; at most 1.5 KB gzip.
 *
 * @example Reading a record that a module returned a pointer to
 * ```ts
 * import { struct, view } from "@wasm-share/memory/memory";
 *
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const mem = view(memory);
 * const Point = struct({ x: "f32", y: "f32", name: ["u8", 8] });
 *
 * Point.write(mem, 1024, { x: 1.5, y: 2 });
 * console.log(Point.read(mem, 1024).x); // 1.5
 * ```
 *
 * @module
 */
export * from "./struct.ts";
export * from "./view.ts";
