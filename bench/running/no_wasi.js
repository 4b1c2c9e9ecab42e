/**
 * WASI for programs that do nothing but compute: there are no files and no environment, and whatever else is asked for
 * fails. For Deno, Node and Bun alike.
 */

const [BADF, NOSYS] = [8, 52];

/**
 * Makes a host.
 *
 * @returns Functions in `wasiImport`; `initialize` is told the memory, before anything is called.
 */
export function noWasi() {
  let memory;
  const calls = {
    environ_sizes_get(count, size) {
      const view = new DataView(memory.buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
    fd_prestat_get: () => BADF,
  };
  return {
    /** @type {Record<string, () => number>} */
    wasiImport: new Proxy({}, { get: (_, name) => calls[name] ?? (() => NOSYS), has: () => true }),
    /** @param {{ exports: { memory: WebAssembly.Memory } }} instance */
    initialize({ exports }) {
      memory = exports.memory;
    },
  };
}
