/**
 * Text → bytes.
 *
 * @module
 */

/**
 * Decodes base64.
 *
 * @param text The text.
 * @returns The bytes.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  return fromBase64 ? fromBase64(text) : fromLatin1(atob(text));
}

/**
 * Turns a text of characters below 256 into bytes.
 *
 * @param text The text.
 * @returns One byte a character.
 */
export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
