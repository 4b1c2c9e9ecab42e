/**
 * Modules as a set: what is wrong with them together though nothing is wrong with any of them, which
 * of their imports are exports of others, and what a loader needs to bind them.
 *
 * @module
 */
import { exceptionWarnings } from "./exceptions.ts";
import type {
  ExportFacts,
  ExternType,
  ImportFacts,
  LayoutBinding,
  LayoutMismatch,
  LayoutModule,
  LayoutPlan,
  ModuleFacts,
} from "../core/types.ts";
import { signatureText } from "../describe.ts";
import type { WasmShareProblem, WasmShareWarning } from "../errors.ts";
import { isGot, type ModuleNotes } from "./notes.ts";
import { bind, type Bindable, hostOf, isPrivate } from "../runtime/bind.ts";
import { suggest } from "../suggest.ts";
import { trampolinesOf } from "./trampolines.ts";

/**
 * Checks a set, and adds to its layout what a loader has to know of imports.
 *
 * @param facts The modules.
 * @param notes What else is known of them.
 * @param layout Where they live.
 * @param binds The option `bind` of each.
 * @returns The layout with `bind`, `mismatches`, `got` and `trampolines`; in `together` the names of
 *   modules that import from each other; warnings
 *   (`exceptions_separate`, `exceptions_leave_stack`); and every problem: `several_commands`, `signature_mismatch`, and
 *   `invalid_option` for a `bind` that names what is not there, or for a table that cannot be
 *   separate.
 */
export function checkSet(
  facts: readonly ModuleFacts[],
  notes: readonly ModuleNotes[],
  layout: LayoutPlan,
  binds: readonly (Record<string, string> | undefined)[],
): {
  layout: LayoutPlan;
  together: string[];
  problems: WasmShareProblem[];
  warnings: WasmShareWarning[];
} {
  const problems = [...commandProblems(facts), ...tableProblems(facts, layout)];
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
    const { got } = notes[at];
    return {
      ...module,
      ...(bind.length > 0 && { bind }),
      ...(mismatches.length > 0 && { mismatches }),
      ...(got.length > 0 && { got }),
    };
  });
  const set = bindables(facts, modules);
  const { bindings } = bind(set, hostOf());
  const { trampolines, together } = trampolinesOf(facts, set, bindings, layout);
  // The address of a function is a slot of the table, also if no module fills one by itself.
  const takesSlot = facts.some(({ imports }) =>
    imports.some(({ module }) => module === "GOT.func")
  );
  return {
    layout: {
      ...layout,
      tableSize: takesSlot ? Math.max(layout.tableSize, 1) : layout.tableSize,
      modules,
      ...(trampolines && { trampolines }),
    },
    together,
    problems,
    warnings: exceptionWarnings(facts, notes, bindings, layout),
  };
}

/**
 * What {@linkcode bind} needs of a set that is not compiled.
 *
 * @param facts The modules.
 * @param modules Their part of the layout.
 * @returns One entry a module. Memory and table are left out: they may have other names by now.
 */
export function bindables(
  facts: readonly ModuleFacts[],
  modules: readonly LayoutModule[],
): Bindable[] {
  return facts.map(({ name, imports, exports }, index) => ({
    ...modules[index],
    name,
    imports: [
      ...imports.filter(isBindable)
        .map(({ module, name, type }) => ({ module, name, kind: type.kind })),
      // Those that the module gets when its allocator is replaced.
      ...(modules[index].bind ?? [])
        .filter(({ from }) => !imports.some((i) => i.module === from[0] && i.name === from[1]))
        .map(({ from: [module, name] }) => ({ module, name, kind: "function" })),
    ],
    exports: exports.map(({ name, type }) => ({ name, kind: type.kind })),
  }));
}

/** Modules whose function pointers a loader could not fill in. */
function tableProblems(facts: readonly ModuleFacts[], layout: LayoutPlan): WasmShareProblem[] {
  return facts.flatMap(({ name, imports }, at): WasmShareProblem[] => {
    const { table, tableImport } = layout.modules[at];
    const entry = imports.find(({ module }) => module === "GOT.func");
    return !entry || table?.shared !== false || tableImport !== null ? [] : [{
      code: "invalid_option",
      message:
        `Cannot give module "${name}" a table of its own: it imports "GOT.func.${entry.name}"` +
        ", the slot of a function of another module",
      hint:
        'Remove table: "separate" for this module, or link it with --import-table (and, if it ' +
        "is of kind pic, with --emit-relocs)",
      module: name,
    }];
  });
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
  const [target, ...more] = targets.filter((each) => each.join(".") === to);
  const texts = (list: (readonly string[])[]) =>
    list.map((pair) => pair.map((n) => `"${n}"`).join(" of "));
  if (new Set(meant.map(({ module }) => module)).size > 1) {
    const pairs = texts(meant.map(({ module, name }) => [name, module]));
    fail(`the import can be ${pairs.join(" or ")}`, "", [], "Rename one of them; it imports");
  }
  if (more.length > 0) {
    const pairs = texts([target, ...more].map(([module, name]) => [name, module]));
    fail(`the export can be ${pairs.join(" or ")}`, "", [], "Give a module another name; exports");
  } else if (target === undefined) {
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
    const difference = isGot(module) ? addressDifference(module) : typeDifference(type);
    const named = exportOf(...to);
    if (named !== undefined) {
      const types = difference(named);
      if (types === null) continue;
      const path = bound && { path: `bind[${JSON.stringify(importText(each))}]` };
      found.push({ ...mismatch(importer, importText(each), to.join("."), types, REBIND), ...path });
    } else if (module === "env" || isGot(module)) {
      const kind = module === "GOT.func" ? "function" : type.kind;
      for (const other of facts) {
        const exported = exportOf(other.name, name);
        const types = exported?.kind === kind ? difference(exported) : null;
        if (types === null) continue;
        const [from, to] = [importText(each), `${other.name}.${name}`];
        const problem = mismatch(importer, from, to, types, `pass "${from}" in the imports`);
        const space = module === "env" ? {} : { space: module };
        mismatches.push({ ...space, name, module: other.name, problem });
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
function typeDifference(imported: ExternType): (exported: ExternType) => string | null {
  return (exported) => {
    const [wanted, given] = [typeText(imported), typeText(exported)];
    return wanted === given ? null : `it imports ${wanted}, and the export is ${given}`;
  };
}

/** The same for an import that is the address of the export. */
function addressDifference(module: string): (exported: ExternType) => string | null {
  return (exported) => {
    if (module === "GOT.func") {
      return exported.kind === "function"
        ? null
        : `it imports the address of a function, and the export is ${typeText(exported)}`;
    }
    return exported.kind === "global" && exported.type === "i32" && !exported.mutable
      ? null
      : `it imports the address of data, and the export is ${typeText(exported)}`;
  };
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
