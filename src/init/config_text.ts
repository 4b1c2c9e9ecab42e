/**
 * Modules → the text of a config. The types are all that it imports from the package, and hosts drop
 * them: so the config loads where the package is not installed, and needs no permission to read it.
 *
 * @module
 */

/** What the config says. */
export interface ConfigContent {
  modules: (string | FileEntry | { crate: string; name?: string })[];
  /** The output folder relative to the config. */
  dir: string;
}

/** A module with options. */
interface FileEntry {
  path: string;
  name?: string;
  twin?: string | string[];
}

/** Kinds of files that `init` writes. */
export type ConfigFormat = "ts" | "js" | "json";

/**
 * Writes a config.
 *
 * @param content What it says.
 * @param format `"ts"`, `"js"` for an ES module with types in a comment, or `"json"`.
 * @param schema Path of the JSON schema relative to the config, or `null`.
 * @returns The text.
 */
export function configText(
  { modules, dir }: ConfigContent,
  format: ConfigFormat,
  schema: string | null = null,
): string {
  if (format === "json") {
    const value = { ...(schema !== null && { $schema: schema }), modules, output: { dir } };
    return `${JSON.stringify(value, null, 2)}\n`;
  }
  const entries = modules.map((module) =>
    typeof module === "string"
      ? `    ${JSON.stringify(module)},`
      : `    { ${
        Object.entries(module).map(([key, value]) => `${key}: ${literal(value)}`).join(", ")
      } },`
  );
  const body = [
    "{",
    "  modules: [",
    ...entries,
    "  ],",
    `  output: { dir: ${JSON.stringify(dir)} },`,
    "}",
  ].join("\n");
  return format === "ts"
    ? `import type { UserConfig } from "@wasm-share/memory";\n\nexport default ${body} satisfies UserConfig;\n`
    : `/** @type {import("@wasm-share/memory").UserConfig} */\nexport default ${body};\n`;
}

function literal(value: string | readonly string[]): string {
  return typeof value === "string" ? JSON.stringify(value) : `[${value.map(literal).join(", ")}]`;
}
