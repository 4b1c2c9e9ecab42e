/**
 * The version of this package.
 *
 * @module
 */

/** The version in `deno.json`; a test holds the two together. */
export const VERSION: string = "0.1.0";
