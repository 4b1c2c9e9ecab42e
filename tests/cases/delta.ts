/**
 * A module as what differs from another one: large twins differ in a few thousand places.
 *
 * A delta is a list of `copy`, `skip`, `count` (LEB128) and `count` bytes: copy so many bytes of the
 * base, leave out so many, then write these. The last entry may end after `copy`.
 *
 * ```
 * deno run --allow-read --allow-write tests/cases/delta.ts base.wasm other.wasm other.delta
 * ```
 *
 * @module
 */

/** How many equal bytes end a difference, and how far to look for them. */
const AGREE = 6;
const AHEAD = 4096;

/**
 * Restores a module.
 *
 * @param base What the delta was made from.
 * @param delta What differs.
 * @returns The other module, byte for byte.
 */
export function patched(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = delta[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < delta.length) {
    const copied = number();
    parts.push(base.subarray(from, from + copied));
    from += copied;
    if (at === delta.length) break;
    from += number();
    const count = number();
    parts.push(delta.subarray(at, at + count));
    at += count;
  }
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    result.set(part, end);
    end += part.length;
  }
  return result;
}

/**
 * Makes a delta.
 *
 * @param base The module that stays.
 * @param other The module to restore from it.
 * @returns What differs.
 */
export function difference(base: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const number = (value: number) => {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 + 0x80);
    bytes.push(value);
  };
  let [i, j] = [0, 0];
  while (i < base.length || j < other.length) {
    const start = i;
    while (i < base.length && i - start + j < other.length && base[i] === other[i - start + j]) i++;
    number(i - start);
    j += i - start;
    if (i === base.length && j === other.length) break;
    const [left, right] = nextAgreement(base, i, other, j);
    number(left - i);
    number(right - j);
    for (const byte of other.subarray(j, right)) bytes.push(byte);
    [i, j] = [left, right];
  }
  return Uint8Array.from(bytes);
}

/**
 * Reads a link of a case: its file, or what `NAME-near.delta` makes of `NAME.wasm` (`near.delta` of
 * `base.wasm`).
 *
 * @param folder The case.
 * @param name The link.
 * @returns The module.
 */
export function moduleIn(folder: URL, name: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(new URL(`${name}.wasm`, folder));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const base = /^(.*)-\w+$/.exec(name)?.[1] ?? "base";
    const delta = Deno.readFileSync(new URL(`${name}.delta`, folder));
    return patched(Deno.readFileSync(new URL(`${base}.wasm`, folder)), delta);
  }
}

/** The nearest places from which both go on alike; or both ends. */
function nextAgreement(base: Uint8Array, i: number, other: Uint8Array, j: number) {
  for (let sum = 1; sum < AHEAD; sum++) {
    for (let skipped = 0; skipped <= sum; skipped++) {
      const [left, right] = [i + skipped, j + sum - skipped];
      if (agrees(base, left, other, right)) return [left, right];
    }
  }
  return [base.length, other.length];
}

function agrees(base: Uint8Array, i: number, other: Uint8Array, j: number): boolean {
  if (i + AGREE > base.length || j + AGREE > other.length) return false;
  for (let k = 0; k < AGREE; k++) if (base[i + k] !== other[j + k]) return false;
  return true;
}

if (import.meta.main) {
  const [base, other, delta] = Deno.args;
  const [from, to] = [Deno.readFileSync(base), Deno.readFileSync(other)];
  const made = difference(from, to);
  const restored = patched(from, made);
  if (restored.length !== to.length || restored.some((byte, at) => byte !== to[at])) {
    throw new Error(`Cannot make "${delta}": it does not restore "${other}"`);
  }
  Deno.writeFileSync(delta, made);
}
