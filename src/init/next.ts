/**
 * The command that combines, as it is typed in the host that runs `init`.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { toSlashes } from "../paths.ts";
import { quoted } from "./project.ts";

/** Who runs the program. */
export interface Host {
  runtime: "deno" | "node" | "bun";
  /** URL of the program's file. */
  program: string;
  /** Whether the host runs TypeScript. */
  typescript: boolean;
}

/** What the command needs. */
export interface NextCommand {
  /** Absolute path of the current folder. */
  cwd: string;
  /** Folders that it reads, as Deno's flag takes them. */
  read: string[];
  /** The output folder, and what else is written, likewise. */
  write: string[];
  /** The programs that it runs. */
  run: string[];
  /** The config, or `null` if `combine` finds it by itself. */
  config: string | null;
}

/**
 * The next command.
 *
 * @param host Who runs the program.
 * @param command What the command needs.
 * @returns `npx wasm-share combine`, or `deno run …` with the permissions that it needs.
 */
export function nextCommand({ runtime, program }: Host, command: NextCommand): string {
  const { cwd, read, write, run, config } = command;
  const rest = config === null ? "combine" : `combine --config ${quoted(config)}`;
  const file = program.startsWith("file:")
    ? quoted(toSlashes(relative(cwd, fileURLToPath(program))))
    : null;
  const installed = /\/@wasm-share\/memory\//.test(program);
  if (runtime === "deno") {
    const name = program.startsWith("https://jsr.io/")
      ? "jsr:@wasm-share/memory/cli"
      : file === null
      ? program
      : installed
      ? "npm:@wasm-share/memory"
      : file;
    const flags = [
      `--allow-read=${read.join()}`,
      `--allow-write=${write.join()}`,
      ...(run.length > 0 ? [`--allow-run=${run.join()}`] : []),
    ].map(quoted);
    return `deno run ${flags.join(" ")} ${name} ${rest}`;
  }
  const runner = runtime === "bun" ? "bunx" : "npx";
  if (!installed) return `${runtime} ${file ?? program} ${rest}`;
  // From npm's own folder: nothing is installed in the project, and the program goes by its package.
  const name = /\/_npx\/|\/bunx-/.test(program) ? "@wasm-share/memory" : "wasm-share";
  return `${runner} ${name} ${rest}`;
}
