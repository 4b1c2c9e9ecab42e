/**
 * Exceptions that one module of a set throws and another one catches, as far as imports tell.
 *
 * @module
 */
import type { LayoutPlan, ModuleFacts } from "../core/types.ts";
import type { WasmShareWarning } from "../errors.ts";
import type { ModuleNotes } from "./notes.ts";
import type { Binding } from "../runtime/bind.ts";

/** Tags by which modules of C and C++ throw. */
const TAGS = ["__cpp_exception", "__c_longjmp"];

/**
 * Modules that call each other and do not catch each other's exceptions, or do so and lose a part of a
 * stack.
 *
 * @param facts The modules.
 * @param notes What else is known of them.
 * @param bindings What their imports are bound to without a host.
 * @param layout Where they live.
 * @returns `exceptions_separate` and `exceptions_leave_stack`, each once at most.
 */
export function exceptionWarnings(
  facts: readonly ModuleFacts[],
  notes: readonly ModuleNotes[],
  bindings: readonly Binding[][],
  layout: LayoutPlan,
): WasmShareWarning[] {
  const own = (at: number) => notes[at].tags.includes("__cpp_exception");
  /** What throws in a module is: the tag of the loader, or where another module has it. */
  const tagOf = (at: number, tag: string): string | undefined => {
    const source = bindings[at].find(({ module, name }) => module === "env" && name === tag)
      ?.source;
    if (source?.from === "set") return `${source.index}.${source.name}`;
    if (source?.from === "tag") return "loader";
    const exported = facts[at].exports.some(({ name, type }) =>
      name === tag && type.kind === "tag"
    );
    return exported ? `${at}.${tag}` : undefined;
  };
  const calls = facts.flatMap((importer, at) =>
    bindings[at].flatMap(({ module, name, source }) => {
      const isCalled = source.from === "set" &&
        importer.imports.some((i) =>
          i.module === module && i.name === name && i.type.kind === "function"
        );
      return isCalled ? [{ at, to: source.index }] : [];
    })
  );
  const sameTag = (at: number, to: number) =>
    TAGS.some((tag) => tagOf(at, tag) !== undefined && tagOf(at, tag) === tagOf(to, tag));
  /** Modules that a module calls, or that those call, and so on. */
  const reached = (at: number, seen: number[] = []): number[] => {
    for (const call of calls) {
      if (call.at !== at || seen.includes(call.to)) continue;
      seen.push(call.to);
      reached(call.to, seen);
    }
    return seen;
  };
  const throws = (at: number) => own(at) || tagOf(at, "__cpp_exception") !== undefined;
  const separate = calls.find(({ at, to }) =>
    (own(at) || own(to)) && throws(at) && throws(to) && !sameTag(at, to)
  );
  const stack = (at: number) => layout.modules[at].sharedStack ? null : layout.modules[at].stack;
  const leaking = [...facts.keys()]
    .flatMap((at) => reached(at).map((to) => ({ at, to })))
    .find(({ at, to }) => at !== to && sameTag(at, to) && stack(to) !== null);
  const names = ({ at, to }: { at: number; to: number }) => [facts[at].name, facts[to].name];
  const warnings: WasmShareWarning[] = [];
  if (separate) {
    const [name, other] = names(separate);
    warnings.push({
      code: "exceptions_separate",
      message: `Exceptions do not cross between modules "${name}" and "${other}": each has a tag ` +
        "__cpp_exception of its own, so neither catches what the other throws",
      hint:
        "Link one of them with --export=__cpp_exception, and the others without libc++abi, with " +
        "--allow-undefined: then they import its tag; or catch all exceptions in the module that throws them",
      module: name,
    });
  }
  if (leaking) {
    const [name, other] = names(leaking);
    warnings.push({
      code: "exceptions_leave_stack",
      message:
        `An exception that module "${name}" catches and "${other}" throws leaves its frames ` +
        `on the stack of "${other}": only the stack pointer of "${name}" is set back`,
      hint:
        'Set stack: "shared", so that both have one stack pointer; or catch in the module that ' +
        "throws",
      module: other,
    });
  }
  return warnings;
}
