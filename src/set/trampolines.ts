/**
 * Imports that may be needed before what they are bound to exists → a module with one function for
 * each, which calls what a slot of its table holds.
 *
 * @module
 */
import type { ExternType, LayoutPlan, LayoutTrampolines, ModuleFacts } from "../core/types.ts";
import type { Bindable, Binding } from "../runtime/bind.ts";
import { order } from "../runtime/order.ts";

/** A function type. */
export type FunctionType = Extract<ExternType, { kind: "function" }>;

const VALUES: Record<string, number> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
};

/**
 * Tells whether there can be a trampoline of this type: not for references to types of one module.
 *
 * @param type Type of an import or export.
 * @returns Whether it is a function of numbers, vectors, `funcref` and `externref`.
 */
export function canTrampoline(type: ExternType): type is FunctionType {
  return type.kind === "function" &&
    [...type.params, ...type.results].every((value) => Object.hasOwn(VALUES, value));
}

/**
 * Trampolines for all imports of functions that can be on a cycle. What the host gives can only make
 * fewer of them, so they are found without it.
 *
 * @param facts The modules.
 * @param set The same for {@linkcode order}.
 * @param bindings What their imports are bound to without a host.
 * @param layout Where they live.
 * @returns What the layout says of them, if there are some, and the names of all modules that are made
 *   together with others.
 */
export function trampolinesOf(
  facts: readonly ModuleFacts[],
  set: readonly Bindable[],
  bindings: readonly Binding[][],
  layout: LayoutPlan,
): { trampolines: LayoutTrampolines | undefined; together: string[] } {
  const typeOf = (at: number, { module, name }: Binding): FunctionType | undefined => {
    const found = facts[at].imports.find((i) =>
      i.module === module && i.name === name && canTrampoline(i.type)
    );
    return found?.type as FunctionType | undefined;
  };
  const early = layout.startup.map(({ module }) => module);
  const { groups } = order(set, bindings, early, (at, binding) => !!typeOf(at, binding));
  const imports: LayoutTrampolines["imports"] = [];
  const functions: { type: FunctionType; name: string }[] = [];
  for (const group of groups) {
    for (const at of group) {
      for (const binding of bindings[at]) {
        const { module, name, source } = binding;
        const type = typeOf(at, binding);
        if (!type || source.from !== "set" || source.index === at) continue;
        if (!group.includes(source.index)) continue;
        imports.push({ module: facts[at].name, from: [module, name] });
        functions.push({ type, name: `trampoline ${facts[source.index].name}.${source.name}` });
      }
    }
  }
  const together = groups.filter(({ length }) => length > 1).flat().map((at) => facts[at].name);
  if (imports.length === 0) return { trampolines: undefined, together };
  const text = Array.from(trampolineModule(functions), (byte) => String.fromCharCode(byte)).join(
    "",
  );
  return { trampolines: { wasm: btoa(text), imports }, together };
}

/**
 * Makes the module. It exports function `k` under the name `"k"`, `table` with one slot a function,
 * and `early`: a slot that was not set yet holds a function of the same type that sets this global to
 * `k + 1` and traps.
 *
 * @param functions Their types, and what a stack trace calls them.
 * @returns The module.
 */
export function trampolineModule(
  functions: readonly { type: FunctionType; name: string }[],
): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const each = <T>(make: (index: number) => T): T[] => functions.map((_, index) => make(index));
  const types = functions.map((
    { type },
  ) => [0x60, ...values(type.params), ...values(type.results)]);
  const code = (...body: number[]) => bytes([0, ...body, 0x0b]);
  const call = (index: number) => {
    const operands = functions[index].type.params.flatMap((_, at) => [0x20, ...leb(at)]);
    return code(...operands, 0x41, ...sleb(index), 0x11, ...leb(index), 0);
  };
  const early = (index: number) => code(0x41, ...sleb(index + 1), 0x24, 0, 0x00);
  const names = functions.map(({ name }, index) => [...leb(index), ...text(name)]);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(3, list([...each(leb), ...each(leb)])),
    ...section(4, list([[0x70, 1, ...leb(count), ...leb(count)]])),
    ...section(6, list([[0x7f, 1, 0x41, 0, 0x0b]])),
    ...section(
      7,
      list([
        ...each((index) => [...text(`${index}`), 0, ...leb(index)]),
        [...text("table"), 1, 0],
        [...text("early"), 3, 0],
      ]),
    ),
    ...section(9, list([[0, 0x41, 0, 0x0b, ...list(each((index) => leb(count + index)))]])),
    ...section(10, list([...each(call), ...each(early)])),
    ...section(0, [...text("name"), 1, ...bytes(list(names))]),
  ]);
}

function values(types: readonly string[]): number[] {
  return list(types.map((type) => [VALUES[type]]));
}

function section(id: number, content: number[]): number[] {
  return [id, ...bytes(content)];
}

function list(items: number[][]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function bytes(content: number[]): number[] {
  return [...leb(content.length), ...content];
}

function text(value: string): number[] {
  return bytes([...new TextEncoder().encode(value)]);
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [value % 128 | 128, ...leb(Math.floor(value / 128))];
}

/** Signed, of a number that is not negative. */
function sleb(value: number): number[] {
  return value < 64 ? [value] : [value % 128 | 128, ...sleb(Math.floor(value / 128))];
}
