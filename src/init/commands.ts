/**
 * Makefiles, scripts and package.json → the command lines in them, and which tool each one runs.
 * Only for advice: nothing here is ever run.
 *
 * @module
 */
import { inside, type ProjectFolder, quoted } from "./project.ts";

/** A program that makes or changes modules. */
export type Tool = "clang" | "wasm-ld" | "zig" | "emcc" | "asc" | "cargo" | "rustc";

/** One command of a build. */
export interface CommandLine {
  /** The file that it is in. */
  file: string;
  /** Where in the file: `line 7`, `script "build"`. */
  place: string;
  /** The command with simple variables replaced. */
  text: string;
  /** The same as it is written. */
  raw: string;
  /** What the rule of a Makefile makes; else empty. */
  target: string;
  /** What makes the module, or `null`. */
  tool: Tool | null;
  /** The program that rewrites a finished module, or `null`. */
  rewriter: string | null;
  /** What runs it: `make -B`, `npm run build`. */
  run: string;
}

/**
 * The commands of a folder.
 *
 * @param folder The folder.
 * @returns Each command that runs one of the tools, in the order of files and lines.
 */
export function commandLines(folder: ProjectFolder): CommandLine[] {
  const found = Object.keys(folder.files).sort().flatMap((name) => {
    const text = folder.files[name];
    const file = inside(folder.dir, name);
    if (MAKEFILES.includes(name)) return makefile(text, file, folder.dir);
    if (name === "package.json") return scripts(text, file, "scripts", "script", "npm run");
    if (name === "deno.json") return scripts(text, file, "tasks", "task", "deno task");
    if (name.endsWith(".sh")) return shell(text, file);
    return [];
  });
  return found.filter(({ tool, rewriter }) => tool !== null || rewriter !== null);
}

/** Names that `make` looks for. */
export const MAKEFILES: readonly string[] = ["GNUmakefile", "makefile", "Makefile"];

/**
 * Whether a command makes a module, as far as its text says.
 *
 * @param line The command.
 * @param stem The stem of the module.
 */
export function makes({ text, target }: CommandLine, stem: string): boolean {
  const name = `${stem}.wasm`;
  const named = (words: string) =>
    words.split(/[\s"'=:,;]+/).some((word) => word === name || word.endsWith(`/${name}`));
  return named(text) || named(target) || /%\.wasm/.test(target);
}

function line(
  parts: Pick<CommandLine, "file" | "place" | "text" | "raw" | "target" | "run">,
): CommandLine {
  const [, rewriter = null] = REWRITERS.exec(parts.text) ?? [];
  return { ...parts, tool: toolOf(parts.text), rewriter };
}

const REWRITERS =
  /(?:^|[\s;&|/"'(])(wasm-opt|wasm-bindgen|wasm-pack|wasm-strip|wasm-snip|wasm-metadce|llvm-strip|llvm-objcopy)(?:-\d+)?(?=[\s;&|"')]|$)/;

function toolOf(text: string): Tool | null {
  const runs = (names: string) =>
    new RegExp(`(?:^|[\\s;&|/"'(])(?:${names})(?=[\\s;&|"')]|$)`).test(text);
  if (runs("emcc|em\\+\\+")) return "emcc";
  if (runs("zig (?:cc|c\\+\\+|build-exe|build-lib|build)")) return "zig";
  if (runs("asc")) return "asc";
  // `clang -fuse-ld=…/wasm-ld` is clang. A step that only compiles is no link.
  if (runs("(?:[\\w.]+-)*clang(?:\\+\\+)?(?:-\\d+)?")) {
    return /(?:^|\s)-c(?:\s|$)/.test(text) ? null : "clang";
  }
  if (runs("wasm-ld(?:-\\d+)?")) return "wasm-ld";
  if (runs("cargo")) return "cargo";
  return runs("rustc") ? "rustc" : null;
}

function makefile(text: string, file: string, dir: string): CommandLine[] {
  const variables = new Map<string, string>();
  for (const { text: written } of joined(text)) {
    const [, name, value] = /^(?! *#)\s*(?:export )?([\w.-]+)\s*(?:\?|::?|\+)?=\s*(.*)$/.exec(
      written.startsWith("\t") ? "" : written,
    ) ?? [];
    if (name === undefined) continue;
    const before = variables.get(name);
    variables.set(name, /\+=/.test(written) && before ? `${before} ${value}` : value);
  }
  const found: CommandLine[] = [];
  let target = "";
  for (const { text: raw, number } of joined(text)) {
    const rule = raw.startsWith("\t") ? null : /^([^#=:]+?)\s*::?(?!=)/.exec(raw);
    if (rule !== null) target = expand(rule[1], variables);
    if (!raw.startsWith("\t")) continue;
    found.push(line({
      file,
      place: `line ${number}`,
      text: expand(raw.trim(), variables).replace(/^[@+-]+/, ""),
      raw: raw.trim(),
      target,
      run: dir === "." ? "make -B" : `make -B -C ${quoted(dir)}`,
    }));
  }
  return found;
}

function shell(text: string, file: string): CommandLine[] {
  const variables = new Map<string, string>();
  const found: CommandLine[] = [];
  for (const { text: raw, number } of joined(text)) {
    const command = raw.trim();
    if (command.startsWith("#")) continue;
    const [, name, value] = /^(?:export )?([A-Za-z_]\w*)=(?:"(.*)"|'.*'|\S*)$/.exec(command) ?? [];
    if (name !== undefined) {
      variables.set(name, value ?? command.replace(/^.*?=/, "").replaceAll("'", ""));
    } else {
      const parts = {
        file,
        place: `line ${number}`,
        raw: command,
        target: "",
        run: `sh ${quoted(file)}`,
      };
      found.push(line({ ...parts, text: expand(command, variables) }));
    }
  }
  return found;
}

function scripts(
  text: string,
  file: string,
  key: string,
  word: string,
  runner: string,
): CommandLine[] {
  let entries: [string, unknown][];
  try {
    entries = Object.entries(JSON.parse(text)?.[key] ?? {});
  } catch {
    return [];
  }
  return entries.flatMap(([name, value]) => {
    const raw = typeof value === "string"
      ? value
      : (value as { command?: unknown } | null)?.command;
    if (typeof raw !== "string") return [];
    const place = `${word} "${name}"`;
    return [line({ file, place, text: raw, raw, target: "", run: `${runner} ${quoted(name)}` })];
  });
}

/** Lines with those that go on after a backslash; numbers count from 1. */
function joined(text: string): { text: string; number: number }[] {
  const found: { text: string; number: number }[] = [];
  let open = false;
  for (const [index, part] of text.split(/\r?\n/).entries()) {
    const body = part.replace(/\s*\\$/, "");
    if (open) found[found.length - 1].text += ` ${body.trim()}`;
    else found.push({ text: body, number: index + 1 });
    open = part.endsWith("\\");
  }
  return found;
}

/** Replaces `$(NAME)`, `${NAME}` and `$NAME`; a variable may hold others. */
function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let expanded = text;
  for (let depth = 0; depth < 4; depth++) {
    const next = expanded.replace(
      /\$(?:\(([\w.-]+)\)|\{([\w.-]+)\}|([A-Za-z_]\w*))/g,
      (written, a, b, c) => variables.get(a ?? b ?? c) ?? written,
    );
    // A variable that holds itself would grow for ever.
    if (next === expanded || next.length > 10_000) break;
    expanded = next;
  }
  return expanded;
}
