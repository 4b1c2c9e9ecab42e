/**
 * A small dynamic loader for side modules (`dylink.0`) beside one main module, as the tool conventions of
 * WebAssembly describe it (DynamicLinking.md): memory and table slots are taken, functions are bound to exports,
 * addresses go through mutable globals. For Deno, Node and Bun alike.
 */

const I32 = { value: "i32", mutable: true };

/** Reads the subsection `WASM_DYLINK_MEM_INFO`: what the module wants of memory and table. */
export function wants(module) {
  const [section] = WebAssembly.Module.customSections(module, "dylink.0");
  if (!section) throw new Error("Not a side module: it has no section dylink.0");
  const bytes = new Uint8Array(section);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const kind = bytes[at++];
    const end = number() + at;
    if (kind === 1) {
      const [size, align, slots, slotAlign] = [number(), 1 << number(), number(), 1 << number()];
      return { size, align, slots, slotAlign };
    }
    at = end;
  }
  return { size: 0, align: 1, slots: 0, slotAlign: 1 };
}

/**
 * Loads a side module.
 *
 * @param module The compiled side module.
 * @param main Exports of the main module, with `malloc`, `__stack_pointer` and its table.
 * @param memory The memory of both.
 * @returns Exports of the side module, initialised.
 */
export function loadSide(module, main, memory) {
  const { size, align, slots, slotAlign } = wants(module);
  const table = main.__indirect_function_table;
  const room = main.malloc(size + align) >>> 0;
  const base = Math.ceil(room / align) * align;
  // What malloc gives may have been used.
  new Uint8Array(memory.buffer).fill(0, base, base + size);
  const first = Math.ceil(table.length / slotAlign) * slotAlign;
  table.grow(first + slots - table.length);

  const addresses = new Map();
  const functions = new Map();
  const missing = (name) => () => {
    throw new Error(`A function that nobody has was called: ${name}`);
  };
  const imports = { env: {}, "GOT.mem": {}, "GOT.func": {} };
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    if (space === "GOT.mem" || space === "GOT.func") {
      const known = space === "GOT.mem" ? addresses : functions;
      if (!known.has(name)) known.set(name, new WebAssembly.Global(I32, 0));
      imports[space][name] = known.get(name);
    } else if (name === "memory") imports.env.memory = memory;
    else if (name === "__indirect_function_table") imports.env[name] = table;
    else if (name === "__memory_base") imports.env[name] = base;
    else if (name === "__table_base") imports.env[name] = first;
    else if (name === "__stack_pointer") imports.env[name] = main.__stack_pointer;
    else if (kind === "function") {
      imports.env[name] = main[name] ?? ((...args) => (own[name] ?? missing(name))(...args));
    } else throw new Error(`Cannot bind ${space}.${name} (${kind})`);
    if (space === "env" && kind === "global" && typeof imports.env[name] === "number") {
      imports.env[name] = new WebAssembly.Global(
        { value: "i32", mutable: false },
        imports.env[name],
      );
    }
  }
  const own = new WebAssembly.Instance(module, imports).exports;

  for (const [name, global] of addresses) {
    const found = main[name] ?? own[name];
    if (!found) throw new Error(`Nobody defines the variable ${name}`);
    global.value = main[name] ? found.value : found.value + base;
  }
  const slotOf = new Map();
  for (let slot = 0; slot < table.length; slot++) {
    const each = table.get(slot);
    if (each) slotOf.set(each, slot);
  }
  for (const [name, global] of functions) {
    const found = main[name] ?? own[name];
    // A weak function that nobody has.
    if (!found) continue;
    if (!slotOf.has(found)) slotOf.set(found, table.grow(1, found));
    global.value = slotOf.get(found);
  }
  own.__wasm_apply_data_relocs?.();
  own.__wasm_call_ctors?.();
  return own;
}
