/**
 * Where a run took place, without a name.
 *
 * @module
 */
import type { Machine } from "./record.ts";
import { version } from "./process.ts";

/** @returns The machine. */
export async function machine(): Promise<Machine> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const named = /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ??
    await version("sysctl", "-n", "machdep.cpu.brand_string");
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? Deno.build.os;
  return {
    cpu: `${named ?? "unknown"} (${Deno.build.arch})`,
    cores: navigator.hardwareConcurrency,
    memory: `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GiB`,
    system: `${system}, ${Deno.build.os} ${Deno.osRelease()}`,
  };
}

/** @returns The load average of one minute. */
export function load(): number {
  return Math.round(Deno.loadavg()[0] * 100) / 100;
}

/** @returns The commit, with `+` if files that count were changed since. */
export async function commit(root: URL): Promise<string> {
  const git = (...args: string[]) => version("git", "-C", root.pathname, ...args);
  const hash = await git("rev-parse", "--short=12", "HEAD");
  if (!hash) return "unknown";
  const changed = await git(
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--",
    ":!bench/records",
  );
  return changed ? `${hash}+` : hash;
}
