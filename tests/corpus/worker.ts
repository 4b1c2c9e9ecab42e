/**
 * A worker of `run.ts`: the directories of a program and of others in, its behaviour out. It can be
 * stopped when a program does not end.
 *
 * @module
 */
import { behave, type Behaviour, type Program } from "./behave.ts";

/** What a worker is asked. */
export interface Task {
  name: string;
  folder: string;
  /** Programs that it can run beside, by name and directory. */
  others: { name: string; folder: string }[];
  /** The code with which it must be refused. */
  refused?: string;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Task>) => void;
  postMessage(message: Behaviour): void;
};

async function read({ name, folder }: { name: string; folder: string }): Promise<Program> {
  const bytes = await Deno.readFile(`${folder}/a.wasm`);
  return { name, bytes, run: JSON.parse(await Deno.readTextFile(`${folder}/run.json`)) };
}

scope.onmessage = async ({ data: task }) => {
  try {
    const others = await Promise.all(task.others.map(read));
    scope.postMessage(await behave(await read(task), others, task.refused));
  } catch (error) {
    const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    scope.postMessage({ problems: [problem], together: 0 });
  }
};
