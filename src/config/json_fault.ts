/**
 * JSON with a mistake → where the mistake is. Engines say it in some of their messages only, and
 * each in its own words.
 *
 * @module
 */

/** Tokens of RFC 8259, and the white space before them. */
const SPACE = /[ \t\n\r]*/y;
// deno-lint-ignore no-control-regex
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Finds the first character that JSON does not allow.
 *
 * @param text JSON with a mistake.
 * @returns ` at line 3, column 2` (both from 1); empty if there is no mistake.
 */
export function jsonPlace(text: string): string {
  const at = faultAt(text);
  if (at === null) return "";
  const before = text.slice(0, at).split("\n");
  return ` at line ${before.length}, column ${before[before.length - 1].length + 1}`;
}

function faultAt(text: string): number | null {
  let at = 0;
  /** Skips what a pattern matches; whether it matched anything. */
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    at += length;
    return length > 0;
  };
  const take = (character: string): boolean => {
    skip(SPACE);
    const found = text[at] === character;
    if (found) at++;
    return found;
  };
  const string = (): boolean => {
    skip(SPACE);
    return skip(STRING) && text[at] === '"' && at++ >= 0;
  };
  /** What closes each array and object that is open. */
  const open: string[] = [];
  for (;;) {
    // A value, or the end of an empty array or object.
    if (take("[")) {
      open.push("]");
      if (!take("]")) continue;
      open.pop();
    } else if (take("{")) {
      if (!take("}")) {
        open.push("}");
        if (string() && take(":")) continue;
        return at;
      }
    } else if (text[at] === '"' ? !string() : !skip(SCALAR)) return at;
    // After a value: whatever closes, then the next one.
    while (open.length > 0 && take(open[open.length - 1])) open.pop();
    if (open.length === 0) {
      skip(SPACE);
      return at === text.length ? null : at;
    }
    if (!take(",")) return at;
    if (open[open.length - 1] === "}" && !(string() && take(":"))) return at;
  }
}
