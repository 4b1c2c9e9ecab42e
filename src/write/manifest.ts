/**
 * The manifest `wasm-share.json`: what was made, from what, and where everything lives. The same for
 * the same inputs and options: it holds no time and no absolute path.
 *
 * @module
 */
import type { Combined } from "../core/options.ts";
import type { LayoutPlan, ModuleKind } from "../core/types.ts";
import type { WasmShareWarning } from "../errors.ts";
import { VERSION } from "../version.ts";

/** Identity of the manifest's format: the `$id` of `schema/manifest.schema.json`. */
export const MANIFEST_SCHEMA: string = "urn:wasm-share:manifest:1";

/** One input of a build. */
export interface ManifestInput {
  /** Name of the module. */
  name: string;
  /** Path relative to the config, with forward slashes. */
  path: string;
  kind: ModuleKind;
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  sha256: string;
  /**
   * By how many bytes the code lies later in the output's file than in this one; `null` if code was
   * written anew.
   */
  codeShift: number | null;
  /** The version of wasm-bindgen that bound it, after it was moved; absent if none did. */
  wasmBindgen?: string;
}

/** One output of a build. */
export interface ManifestOutput {
  /** File name in the output folder. */
  file: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  sha256: string;
}

/** The content of the manifest, keys in this order. */
export interface Manifest {
  $schema: string;
  /** Version of the package that made the build. */
  version: string;
  /** Hash of the layout and of all inputs: 32 hexadecimal digits. */
  build: string;
  layout: LayoutPlan;
  inputs: ManifestInput[];
  outputs: ManifestOutput[];
  warnings: WasmShareWarning[];
}

/** A file in memory. */
export interface MemoryFile {
  /** File name in the output folder. */
  path: string;
  bytes: Uint8Array;
}

/**
 * Describes a build.
 *
 * @param combined The build.
 * @param inputs Path and bytes of each input, in order, and what bound it.
 * @param outputs Every output but the manifest.
 * @returns The manifest as text: JSON, indented by two spaces, with a final newline.
 */
export async function manifestText(
  combined: Combined,
  inputs: readonly { path: string; bytes: Uint8Array; bindgen?: string | null }[],
  outputs: readonly MemoryFile[],
): Promise<string> {
  const manifest: Manifest = {
    $schema: MANIFEST_SCHEMA,
    version: VERSION,
    build: combined.buildId,
    layout: combined.layout,
    inputs: await Promise.all(inputs.map(async ({ path, bytes, bindgen }, index) => ({
      name: combined.names[index],
      path,
      kind: combined.facts[index].kind,
      size: bytes.length,
      sha256: await sha256(bytes),
      codeShift: combined.codeShifts[index],
      ...(bindgen && { wasmBindgen: bindgen }),
    }))),
    outputs: await Promise.all(outputs.map(async ({ path, bytes }) => ({
      file: path,
      size: bytes.length,
      sha256: await sha256(bytes),
    }))),
    warnings: combined.warnings,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * The outputs that a manifest of an earlier run lists.
 *
 * @param text Content of a file that may be a manifest.
 * @returns File names and hashes, or `null` if it is no manifest of this format. Names with a path
 * separator are left out: a manifest speaks for its own folder only.
 */
export function manifestOutputs(text: string): { file: string; sha256: string }[] | null {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value?.$schema !== MANIFEST_SCHEMA || !Array.isArray(value.outputs)) return null;
  return value.outputs.filter((output) =>
    typeof output?.file === "string" && typeof output.sha256 === "string" &&
    !/[/\\]/.test(output.file)
  );
}

/**
 * SHA-256.
 *
 * @param bytes What to hash.
 * @returns 64 hexadecimal digits.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
