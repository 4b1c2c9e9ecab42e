/**
 * Cargo's files → keys and values: as much of TOML as they need to be understood. Text, booleans,
 * lists and tables; numbers and dates come as the text that they are. What cannot be read is passed
 * over: it only makes advice less exact.
 *
 * @module
 */

/** A value; a list holds the texts in it. */
export type TomlValue = string | string[];

/** One key with its value. */
export interface TomlEntry {
  /** Table and key: `["target", "wasm32-unknown-unknown", "rustflags"]`. */
  path: string[];
  value: TomlValue;
}

/**
 * Reads a TOML document.
 *
 * @param text The document.
 * @returns Its keys in order. Those of an array of tables (`[[bin]]`) have the same path each time.
 */
export function readToml(text: string): TomlEntry[] {
  const entries: TomlEntry[] = [];
  let table: string[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    at += found[0].length;
    return found[1] ?? found[0];
  };
  const key = (): string[] | null => {
    const path: string[] = [];
    do {
      take(/[ \t]*/y);
      const part = take(/"((?:[^"\\\n]|\\.)*)"/y) ?? take(/'([^'\n]*)'/y) ?? take(/[\w-]+/y);
      if (part === null) return null;
      path.push(part);
      take(/[ \t]*/y);
    } while (take(/\./y) !== null);
    return path;
  };
  const value = (path: string[]): TomlValue | null => {
    take(BLANK);
    const plain = take(/"""([\s\S]*?)"""/y) ?? take(/'''([\s\S]*?)'''/y) ?? take(/'([^'\n]*)'/y);
    if (plain !== null) return plain;
    const escaped = take(/"((?:[^"\\\n]|\\.)*)"/y);
    if (escaped !== null) return unescape(escaped);
    if (take(/\[/y) !== null) {
      const items: string[] = [];
      for (;;) {
        take(BLANK);
        if (take(/\]/y) !== null) return items;
        const item = value(path);
        if (item === null) return null;
        items.push(...typeof item === "string" ? [item] : item);
        take(BLANK);
        if (take(/,/y) === null && text[at] !== "]") return null;
      }
    }
    if (take(/\{/y) !== null) {
      for (;;) {
        take(BLANK);
        if (take(/\}/y) !== null) return [];
        if (!assignment(path)) return null;
        take(BLANK);
        if (take(/,/y) === null && text[at] !== "}") return null;
      }
    }
    return take(/[^\s,\]}#]+/y);
  };
  const assignment = (above: string[]): boolean => {
    const name = key();
    if (name === null || take(/=/y) === null) return false;
    const path = [...above, ...name];
    const found = value(path);
    if (found === null) return false;
    entries.push({ path, value: found });
    return true;
  };

  while (at < text.length) {
    take(BLANK);
    if (at >= text.length) break;
    const brackets = take(/\[\[?/y);
    if (brackets !== null) table = key() ?? table;
    else assignment(table);
    // What is left of the line: a closing bracket, a comment, or something that was not understood.
    take(/[^\n]*/y);
  }
  return entries;
}

/**
 * The value of a key.
 *
 * @param entries What {@linkcode readToml} gave.
 * @param path Table and key.
 * @returns The first value of it, or `undefined`.
 */
export function tomlValue(
  entries: readonly TomlEntry[],
  ...path: string[]
): TomlValue | undefined {
  return entries.find((entry) => same(entry.path, path))?.value;
}

/** White space, ends of lines, comments. */
const BLANK = /(?:\s|#[^\n]*)*/y;

function unescape(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, mark: string) => {
    if (mark.length > 1) return String.fromCharCode(Number.parseInt(mark.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r" }[mark] ?? mark;
  });
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
