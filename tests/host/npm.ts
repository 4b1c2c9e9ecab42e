/**
 * The npm packages that only tests and the generator use, in one place.
 *
 * @module
 */
export * as traceMapping from "npm:@jridgewell/trace-mapping@0.3.31";
export * as esbuild from "npm:esbuild@0.28.2";
