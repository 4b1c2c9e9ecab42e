/**
 * Whole processes: what they take, and the most memory that they had.
 *
 * @module
 */

/** A process that is over. */
export interface Ran {
  /** From its start to its end, in milliseconds. */
  time: number;
  /** Peak memory in KiB; `null` if it was not measured. */
  peak: number | null;
}

/**
 * Runs a command to its end.
 *
 * @param command The program and its arguments.
 * @param options Where, and with what.
 * @returns What it printed.
 * @throws {Error} With its output, if it failed.
 */
export async function output(
  [program, ...args]: readonly string[],
  options: { cwd?: string | URL; env?: Record<string, string> } = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return text(stdout);
  const said = `${text(stderr)}\n${text(stdout)}`.trim().split("\n").slice(-20).join("\n");
  throw new Error(`Cannot run ${[program, ...args].join(" ").slice(0, 300)}:\n${said}`);
}

/**
 * Tells whether a command is there, by its version.
 *
 * @param command The program and its arguments.
 * @returns What it printed, or `null`.
 */
export async function version(...command: string[]): Promise<string | null> {
  return await output(command).catch(() => null);
}

/**
 * Runs a command as a whole process and takes its time.
 *
 * @param command The program and its arguments.
 * @param measurer A program that runs it, and measures its memory, too: `peers measure`.
 * @returns Time and memory.
 */
export async function whole(
  command: readonly string[],
  measurer: string | null,
): Promise<Ran> {
  if (measurer) {
    const said: { ns: number; kb: number; code: number } = JSON.parse(
      (await output([measurer, "measure", ...command])).split("\n").at(-1)!,
    );
    if (said.code !== 0) {
      throw new Error(`${command.join(" ").slice(0, 300)}: exit code ${said.code}`);
    }
    return { time: said.ns / 1e6, peak: said.kb };
  }
  const start = performance.now();
  await output(command);
  return { time: performance.now() - start, peak: null };
}

/**
 * The most memory that this process had.
 *
 * @returns KiB, or `null` where the system does not say it.
 */
export function ownPeak(): number | null {
  try {
    const line = /^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"));
    return line ? Number(line[1]) : null;
  } catch {
    return null;
  }
}
