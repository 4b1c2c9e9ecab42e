/** Temporary folders for tests of everything that touches files. */
import { dirname, join } from "@std/path";

/** A temporary folder. */
export interface Folder {
  /** Its absolute path. */
  path: string;
  /** The absolute path of a file in it. */
  file(name: string): string;
  read(name: string): Promise<string>;
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Every file below it, sorted. */
  list(): Promise<string[]>;
}

/**
 * Runs a test in a temporary folder.
 *
 * @param files What the folder holds at the start.
 * @param test The test.
 */
export async function inFolder(
  files: Record<string, string | Uint8Array>,
  test: (folder: Folder) => Promise<void>,
): Promise<void> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "wasm-share-" }));
  const file = (name: string) => join(path, name);
  const folder: Folder = {
    path,
    file,
    read: (name) => Deno.readTextFile(file(name)),
    write: async (name, content) => {
      await Deno.mkdir(dirname(file(name)), { recursive: true });
      await Deno.writeFile(
        file(name),
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    },
    list: async () => (await names(path)).sort(),
  };
  try {
    for (const [name, content] of Object.entries(files)) await folder.write(name, content);
    await test(folder);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function names(path: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) found.push(...await names(join(path, name), `${prefix}${name}/`));
    else found.push(prefix + name);
  }
  return found;
}
