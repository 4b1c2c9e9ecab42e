/**
 * Modules as a set: what is wrong with them together though nothing is wrong with any of them, and
 * which of their imports are exports of others.
 *
 * @module
 */
import type {
  ExportFacts,
  ExternType,
  ImportFacts,
  LayoutBinding,
  LayoutMismatch,
  LayoutPlan,
  ModuleFacts,
} from "./core/types.ts";
import { signatureText } from "./describe.ts";
import type { WasmShareProblem } from "./errors.ts";
import { isPrivate } from "./runtime/bind.ts";
import { suggest } from "./suggest.ts";

/**
 * Checks a set, and adds to its layout what a loader has to know of imports.
 *
 * @param facts The modules.
 * @param layout Where they live.
 * @param binds The option `bind` of each.
 * @returns The layout with `bind` and `mismatches`, and every problem: `several_commands`,
 *   `signature_mismatch`, and `invalid_option` for a `bind` that names what is not there.
 */
export function checkSet(
  facts: readonly ModuleFacts[],
  layout: LayoutPlan,
  binds: readonly (Record<string, string> | undefined)[],
): { layout: LayoutPlan; problems: WasmShareProblem[] } {
  const problems = commandProblems(facts);
  const modules = layout.modules.map((module, at) => {
    const bind = Object.entries(binds[at] ?? {}).flatMap(([from, to]) => {
      const { bound, found } = resolveBind(facts, at, from, to);
      problems.push(...found);
      return bound;
    });
    // What the allocator binds; an import that the user binds stays bound to that.
    bind.push(
      ...(module.bind ?? []).filter(({ from }) =>
        !bind.some((other) => other.from[0] === from[0] && other.from[1] === from[1])
      ),
    );
    const { mismatches, found } = typeProblems(facts, at, bind);
    problems.push(...found);
    return {
      ...module,
      ...(bind.length > 0 && { bind }),
      ...(mismatches.length > 0 && { mismatches }),
    };
  });
  return { layout: { ...layout, modules }, problems };
}

/** Finds commands beside each other: each believes that the program ends with it. */
function commandProblems(facts: readonly ModuleFacts[]): WasmShareProblem[] {
  const commands = facts.filter(({ exports }) =>
    exports.some(({ name, type }) => name === "_start" && type.kind === "function")
  ).map(({ name }) => `"${name}"`);
  if (commands.length < 2) return [];
  const list = `${commands.slice(0, -1).join(", ")} and ${commands.at(-1)}`;
  return [{
    code: "several_commands",
    message: `Cannot combine modules ${list}: they are commands (they export _start), and a set ` +
      "can have one",
    hint: "Link the others as reactors: clang -mexec-model=reactor, or a library of Rust " +
      '(crate-type = ["cdylib"])',
  }];
}

/** One entry of the option `bind`: what it binds, or what is wrong with it. */
function resolveBind(
  facts: readonly ModuleFacts[],
  at: number,
  from: string,
  to: string,
): { bound: LayoutBinding[]; found: WasmShareProblem[] } {
  const module = facts[at].name;
  const found: WasmShareProblem[] = [];
  const fail = (why: string, word: string, known: string[], there: string) => {
    const near = suggest(word, known);
    found.push({
      code: "invalid_option",
      message: `Cannot bind "${from}" of module "${module}" to "${to}": ${why}`,
      hint: near ? `Did you mean "${near}"?` : `${there}: ${listed(known)}`,
      module,
      path: `bind[${JSON.stringify(from)}]`,
    });
  };

  const imports = facts[at].imports.filter(isBindable);
  const meant = imports.filter((each) => from === importText(each));
  if (meant.length === 0) {
    fail(`the module has no import "${from}"`, from, imports.map(importText), "It imports");
  }
  const targets = facts.flatMap((other, index) =>
    other.exports.filter((each) => index !== at && isBindable(each) && !isPrivate(each.name))
      .map(({ name }): LayoutBinding["to"] => [other.name, name])
  );
  const target = targets.find((each) => each.join(".") === to);
  if (target === undefined) {
    const owner = facts.find(({ name }) => to.startsWith(`${name}.`));
    const name = to.slice((owner?.name.length ?? -1) + 1);
    const own = targets.filter(([other]) => other === owner?.name).map((each) => each.join("."));
    if (owner === undefined) {
      const names = facts.flatMap(({ name }, index) => index === at ? [] : name);
      const [word] = to.split(".");
      fail(`the set has no module "${word}"`, word, names, "Write module.export with one of");
    } else if (owner.name === module) {
      fail("that is the same module", "", targets.map((each) => each.join(".")), "Exports");
    } else if (owner.exports.some((each) => each.name === name)) {
      fail(`"${name}" belongs to module "${owner.name}" alone`, "", own, "Use another export");
    } else fail(`module "${owner.name}" has no export "${name}"`, to, own, "It exports");
  }
  const bound = target === undefined
    ? []
    : meant.map(({ module, name }): LayoutBinding => ({ from: [module, name], to: target }));
  return { bound, found };
}

/**
 * Compares imports with the exports that they would get. Where the host cannot come in between, another
 * type is a problem; for `env` the host may be meant, so it is noted.
 */
function typeProblems(
  facts: readonly ModuleFacts[],
  at: number,
  bind: readonly LayoutBinding[],
): { mismatches: LayoutMismatch[]; found: WasmShareProblem[] } {
  const importer = facts[at].name;
  const mismatches: LayoutMismatch[] = [];
  const found: WasmShareProblem[] = [];
  const exportOf = (module: string, name: string) =>
    facts.find((other, index) => index !== at && other.name === module)?.exports
      .find((each) => each.name === name && !isPrivate(name))?.type;
  for (const each of facts[at].imports.filter(isBindable)) {
    const { module, name, type } = each;
    const bound = bind.find(({ from }) => from[0] === module && from[1] === name);
    const to = bound?.to ?? [module, name] as const;
    const named = exportOf(...to);
    if (named !== undefined) {
      const types = difference(type, named);
      if (types === null) continue;
      const path = bound && { path: `bind[${JSON.stringify(importText(each))}]` };
      found.push({ ...mismatch(importer, importText(each), to.join("."), types, REBIND), ...path });
    } else if (module === "env") {
      for (const other of facts) {
        const exported = exportOf(other.name, name);
        const types = exported?.kind === type.kind ? difference(type, exported) : null;
        if (types === null) continue;
        const [from, to] = [importText(each), `${other.name}.${name}`];
        const problem = mismatch(importer, from, to, types, `pass "${from}" in the imports`);
        mismatches.push({ name, module: other.name, problem });
      }
    }
  }
  return { mismatches, found };
}

const REBIND = "bind it to another export (bind)";

function mismatch(
  module: string,
  from: string,
  to: string,
  types: string,
  instead: string,
): WasmShareProblem {
  return {
    code: "signature_mismatch",
    message: `Cannot bind the import "${from}" of module "${module}" to "${to}": ${types}`,
    hint: `Declare both alike and build the modules again, or ${instead}`,
    module,
  };
}

/** Both types if the engine would refuse the one for the other, else `null`. */
function difference(imported: ExternType, exported: ExternType): string | null {
  const [wanted, given] = [typeText(imported), typeText(exported)];
  return wanted === given ? null : `it imports ${wanted}, and the export is ${given}`;
}

function typeText(type: ExternType): string {
  switch (type.kind) {
    case "function":
      return signatureText(type.params, type.results);
    case "global":
      return `a global of type ${type.mutable ? "mut " : ""}${type.type}`;
    case "tag":
      return `a tag with (${type.params.join(", ")})`;
    case "memory":
    case "table":
      return `a ${type.kind}`;
    default:
      return type satisfies never;
  }
}

/** Memory and table are those of the set. */
function isBindable({ type }: ImportFacts | ExportFacts): boolean {
  return type.kind !== "memory" && type.kind !== "table";
}

function importText({ module, name }: ImportFacts): string {
  return `${module}.${name}`;
}

/** Names for a hint: not too many. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  return names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
}
