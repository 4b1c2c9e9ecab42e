/**
 * Runs programs, in Deno, Node and Bun.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { fileFailure, messageOf } from "../paths.ts";

/** A program that ran. */
export interface Ran {
  /** Its exit code; not 0 if it was killed, too. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A program that did not run. */
export interface DidNotRun {
  /** `not_permitted` if Deno was not given the permission. */
  failure: "missing" | "not_permitted" | "other";
  /** In words. */
  reason: string;
}

/**
 * Runs a program to its end. It gets the environment of this process, and no input.
 *
 * @param program Its name, looked up on `PATH`, or its path.
 * @param args Its arguments.
 * @param cwd Absolute path of the folder that it runs in; it has to exist.
 * @returns What it said, or why it did not run.
 */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<Ran | DidNotRun> {
  try {
    return await runInHost(program, args, cwd);
  } catch (error) {
    const failure = fileFailure(error);
    return {
      failure: failure === "missing" || failure === "not_permitted" ? failure : "other",
      reason: messageOf(error),
    };
  }
}

/** What is used of `Deno.Command`. */
type Command = new (
  program: string,
  options: { args: string[]; cwd: string; stdin: "null" },
) => { output(): Promise<{ code: number; stdout: Uint8Array; stderr: Uint8Array }> };

async function runInHost(program: string, args: readonly string[], cwd: string): Promise<Ran> {
  // Node's module would copy the whole environment, which takes a permission for all of it in Deno.
  const { Deno } = globalThis as { Deno?: { Command: Command } };
  if (Deno) {
    const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
    const { code, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, ...said }));
  });
}
