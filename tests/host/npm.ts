/**
 * The npm packages that only tests and the generator use, in one place.
 *
 * @module
 */
export * as esbuild from "npm:esbuild@0.28.2";
