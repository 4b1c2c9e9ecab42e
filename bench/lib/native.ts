/**
 * The native program of `bench/peers` as a server: one process, warm, that does what a line says.
 *
 * @module
 */

/** What it says of one round. */
interface Answer {
  /** Time in nanoseconds; absent for `load` and `save`. */
  ns?: number;
  /** Size of what was loaded, made or saved. */
  bytes: number;
}

/** A process that waits for work. */
export class NativeServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #to: WritableStreamDefaultWriter<Uint8Array>;
  readonly #from: ReadableStreamDefaultReader<string>;
  #rest = "";

  /** @param program Path of `peers`. */
  constructor(program: string) {
    this.#child = new Deno.Command(program, {
      args: ["serve"],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#to = this.#child.stdin.getWriter();
    this.#from = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * Has it do something.
   *
   * @param line What: `load PATH`, `relocate OFFSET`, `walrus`, `copy`, `save PATH`.
   * @returns What it said.
   */
  async ask(line: string): Promise<Answer> {
    await this.#to.write(new TextEncoder().encode(`${line}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#from.read();
      if (done) throw new Error(`The native program ended at "${line}"`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const answer = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(answer);
  }

  /**
   * One round of work.
   *
   * @param line What to do.
   * @returns The time in milliseconds, as the process itself took it.
   */
  async time(line: string): Promise<number> {
    const { ns } = await this.ask(line);
    return ns! / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#to.close();
    await this.#from.cancel();
    await this.#child.status;
  }
}
