/**
 * A value that somebody wrote → what messages call it.
 *
 * @module
 */

/**
 * A value in a message.
 *
 * @param value Any value.
 * @returns `"text"`, `1.5`, `an array`, `a function`, `a Uint8Array`, `an object`, `nothing`, …
 */
export function describe(value: unknown): string {
  if (value === "") return "an empty string";
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    const kind = kindOf(value);
    return kind === "Object" ? "an object" : `${/^[AEIO]/.test(kind) ? "an" : "a"} ${kind}`;
  }
  if (value === undefined) return "nothing";
  return String(value);
}

/**
 * Whether a value is an object with options: no array, no bytes, no promise, no map.
 *
 * @param value Any value.
 * @returns Whether its keys are what counts.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && kindOf(value) === "Object";
}

/**
 * A function type in a message.
 *
 * @param params What it takes.
 * @param results What it gives.
 * @returns `(i32, i64) → f32`, `() → ()`, `() → (i32, i32)`
 */
export function signatureText(params: readonly string[], results: readonly string[]): string {
  const list = (types: readonly string[]) => `(${types.join(", ")})`;
  return `${list(params)} → ${results.length === 1 ? results[0] : list(results)}`;
}

/** `Object`, `Promise`, `Uint8Array`, …; the same for objects of another realm. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
