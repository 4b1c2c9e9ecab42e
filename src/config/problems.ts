/**
 * Issues of the schema → problems with a path and a remedy.
 *
 * @module
 */
import { describe } from "../describe.ts";
import type { WasmShareProblem } from "../errors.ts";
import { suggest } from "../suggest.ts";
import { knownKeys, type SchemaIssue, schemaIssues } from "./schema.ts";

/**
 * Everything that is wrong with the shape of a config.
 *
 * @param value Whatever the config file gave.
 * @param name Name of the config for messages.
 * @returns One problem for each unknown key, missing key and wrong value, each with its path.
 */
export function configProblems(value: unknown, name: string): WasmShareProblem[] {
  return schemaIssues(value).flatMap((issue) => issueProblems(issue, [], value, name));
}

/**
 * Keys and indices as people write them.
 *
 * @param path `["modules", 1, "path"]`
 * @returns `modules[1].path`
 */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("")
    .replace(/^\./, "");
}

function issueProblems(
  issue: SchemaIssue,
  parent: readonly PropertyKey[],
  config: unknown,
  name: string,
): WasmShareProblem[] {
  const path = [...parent, ...issue.path];
  const problem = (found: string, at: readonly PropertyKey[], hint?: string): WasmShareProblem => ({
    code: "config_invalid",
    message: `Cannot use config "${name}": ${found}`,
    ...(at.length > 0 && { path: pathText(at) }),
    ...(hint !== undefined && { hint }),
  });

  if (issue.code === "unrecognized_keys") {
    const isCrate = path[0] === "modules" && hasCrate(valueAt(config, path));
    const known = knownKeys(isCrate ? [...path, "crate"] : path);
    return (issue.keys ?? []).map((key) => {
      if (isCrate && key === "path") {
        return problem('both "crate" and "path" are given', path, "Remove one of the two");
      }
      const near = suggest(key, known);
      const hint = near
        ? `Did you mean "${near}"?`
        : path[0] === "modules" && knownKeys([...path, "crate"]).includes(key)
        ? 'Only a crate has it: { crate: "folder", … } instead of path'
        : `Known keys here: ${known.join(", ")}`;
      return problem(`unknown key "${key}"`, [...path, key], hint);
    });
  }
  if (issue.code === "invalid_union") {
    // The alternative that the value was meant to be: the one whose own type fits; a crate is the last.
    const fitting = (issue.errors ?? []).filter((issues) => !issues.some(isOtherType));
    const meant = hasCrate(valueAt(config, path)) ? fitting.at(-1) : fitting[0];
    if (meant) return meant.flatMap((inner) => issueProblems(inner, path, config, name));
  }
  const value = valueAt(config, path);
  const last = path.at(-1);
  if (value === undefined && path.length > 0) {
    return [problem(`key "${String(last)}" is missing`, path, missingHint(path))];
  }
  if (issue.code === "too_small" && Array.isArray(value)) {
    return [problem("the list of modules is empty", path, missingHint(path))];
  }
  const expected = expectation(issue);
  const near = typeof value === "string" ? suggest(value, allowedWords(issue)) : undefined;
  return [
    problem(
      expected ? `expected ${expected}, found ${describe(value)}` : issue.message,
      path,
      near && `Did you mean "${near}"?`,
    ),
  ];
}

function missingHint(path: readonly PropertyKey[]): string | undefined {
  if (path.length === 1 && path[0] === "modules") {
    return `List the modules in order: modules: ["a.wasm", "b.wasm"]`;
  }
  if (path.at(-1) === "path") return `Say which file: { path: "a.wasm", … }`;
}

/** Whether an alternative of a union failed because the value is of another type altogether. */
function isOtherType(issue: SchemaIssue): boolean {
  return issue.path.length === 0 &&
    (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/** Whether a module of the config is a crate. */
function hasCrate(value: unknown): boolean {
  return typeof value === "object" && value !== null && "crate" in value;
}

const NOUNS: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
};

function expectation(issue: SchemaIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return NOUNS[issue.expected ?? ""] ?? issue.expected;
    case "invalid_value":
      return anyOf((issue.values ?? []).map((value) => JSON.stringify(value)));
    case "invalid_union":
      return anyOf(
        [...new Set((issue.errors ?? []).flat().map((inner) => expectation(inner)))]
          .filter((text) => !!text),
      );
    case "too_small":
      return issue.minimum === 1 ? "a value that is not empty" : `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
  }
}

function allowedWords(issue: SchemaIssue): string[] {
  const values = [issue, ...(issue.errors ?? []).flat()].flatMap((each) => each.values ?? []);
  return values.filter((value) => typeof value === "string");
}

function anyOf(words: (string | undefined)[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function valueAt(config: unknown, path: readonly PropertyKey[]): unknown {
  let value = config;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
