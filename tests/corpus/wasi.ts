/**
 * WASI preview 1 as far as the programs of the corpus need it, with the same answers in every run: a
 * clock that stands still, random bytes that are counted, no files.
 *
 * @module
 */

/** What `proc_exit` throws. */
export class Exit {
  /** @param code The exit code. */
  constructor(readonly code: number) {}
}

/** What a program wrote, and where it is running. */
export interface Io {
  stdout: number[];
  stderr: number[];
  /** Set when the instance was made and initialised; until then every call that needs it fails. */
  memory: WebAssembly.Memory | null;
}

const [SUCCESS, BADF, FAULT, NOSYS, SPIPE] = [0, 8, 21, 52, 70];

/** A clock that stands still: 2001-09-09, in nanoseconds. */
const NOW = 1_000_000_000_000_000_000n;

/** A program that prints more does not end. */
const MOST_OUTPUT = 1 << 20;

type Call = (...args: never[]) => number | void;

/**
 * The functions of `wasi_snapshot_preview1`.
 *
 * @param io Receives the output.
 * @param args What `argv` holds.
 * @returns The functions by name; a missing one is {@linkcode nosys}.
 */
export function wasi(io: Io, args: readonly string[]): Record<string, Call> {
  const view = () => new DataView(io.memory!.buffer);
  const bytes = () => new Uint8Array(io.memory!.buffer);
  const encoded = args.map((each) => new TextEncoder().encode(`${each}\0`));
  let random = 0;
  const calls: Record<string, Call> = {
    args_sizes_get(count: number, size: number) {
      view().setUint32(count, encoded.length, true);
      view().setUint32(size, encoded.reduce((sum, { length }) => sum + length, 0), true);
      return SUCCESS;
    },
    args_get(list: number, to: number) {
      for (const each of encoded) {
        view().setUint32(list, to, true);
        bytes().set(each, to);
        list += 4;
        to += each.length;
      }
      return SUCCESS;
    },
    environ_sizes_get(count: number, size: number) {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return SUCCESS;
    },
    environ_get: () => SUCCESS,
    clock_res_get(_clock: number, to: number) {
      view().setBigUint64(to, 1n, true);
      return SUCCESS;
    },
    clock_time_get(_clock: number, _precision: bigint, to: number) {
      view().setBigUint64(to, NOW, true);
      return SUCCESS;
    },
    random_get(to: number, length: number) {
      for (let at = 0; at < length; at++) bytes()[to + at] = random++ * 37 + 11;
      return SUCCESS;
    },
    fd_write(fd: number, list: number, count: number, written: number) {
      if (fd !== 1 && fd !== 2) return BADF;
      const out = fd === 1 ? io.stdout : io.stderr;
      let sum = 0;
      for (let at = 0; at < count; at++) {
        const start = view().getUint32(list + 8 * at, true);
        const length = view().getUint32(list + 8 * at + 4, true);
        if (out.length + length > MOST_OUTPUT) throw new Exit(-1);
        for (const byte of bytes().subarray(start, start + length)) out.push(byte);
        sum += length;
      }
      view().setUint32(written, sum, true);
      return SUCCESS;
    },
    fd_read(fd: number, _list: number, _count: number, read: number) {
      if (fd !== 0) return BADF;
      view().setUint32(read, 0, true);
      return SUCCESS;
    },
    /** Standard streams are character devices with all rights. */
    fd_fdstat_get(fd: number, to: number) {
      if (fd > 2) return BADF;
      bytes().fill(0, to, to + 24);
      bytes()[to] = 2;
      bytes().fill(0xff, to + 8, to + 24);
      return SUCCESS;
    },
    fd_seek: () => SPIPE,
    fd_close: (fd: number) => fd > 2 ? BADF : SUCCESS,
    fd_prestat_get: () => BADF,
    fd_prestat_dir_name: () => BADF,
    sched_yield: () => SUCCESS,
    proc_exit(code: number) {
      throw new Exit(code);
    },
  };
  const withoutMemory = new Set(["environ_get", "fd_seek", "fd_close", "sched_yield", "proc_exit"]);
  for (const [name, call] of Object.entries(calls)) {
    if (withoutMemory.has(name) || name.startsWith("fd_prestat")) continue;
    calls[name] = (...args: never[]) => io.memory ? call(...args) : FAULT;
  }
  return calls;
}

/** A function of WASI that there is not. */
export const nosys = (): number => NOSYS;
