/**
 * The command line → a command. Pure: reads nothing, prints nothing.
 *
 * @module
 */
// By its path: `deno pack` leaves "@std/cli" in the tarball as it is, and Node finds no such package.
import { parseArgs as parseFlags } from "../third_party/std/cli/parse_args.ts";
import { WasmShareError, type WasmShareProblem } from "./errors.ts";
import { suggest } from "./suggest.ts";

/** Modules → one memory. */
export interface CombineCommand {
  command: "combine";
  /** Modules from the command line; empty to use the config. */
  files: string[];
  /** Path of the config, or `null` to look for one. */
  config: string | null;
  /** Output folder relative to the current folder, or `null` for that of the config. */
  out: string | null;
  /** Write nothing; fail if a file is stale. */
  check: boolean;
  /** What a config function is told. */
  mode: string;
  /** Bytes, or `null` for what the config says; likewise below. */
  additionalStack: number | null;
  strict: boolean | null;
  inline: boolean | null;
  loader: "js" | "ts" | false | null;
  /** Print one JSON document and nothing else. */
  json: boolean;
}

/** Modules → facts. */
export interface InspectCommand {
  command: "inspect";
  files: string[];
  json: boolean;
}

/** A module and its twins → what differs. */
export interface TwinCommand {
  command: "twin";
  /** The module, then the same program at one or two other bases. */
  files: string[];
  json: boolean;
}

/** A project → its config. */
export interface InitCommand {
  command: "init";
  /** Modules from the command line; empty to look for them. */
  files: string[];
  /** Path of the config to write, or `null` for the current folder and what the host runs. */
  config: string | null;
  /** Output folder relative to the current folder, or `null` for the default. */
  out: string | null;
  /** Replace a config that is there. */
  force: boolean;
  json: boolean;
}

/** Commands with a help of their own. */
export type HelpTopic = "combine" | "inspect" | "twin" | "init";

/** What the command line asks for. */
export type Command =
  | CombineCommand
  | InspectCommand
  | TwinCommand
  | InitCommand
  | { command: "help"; topic: HelpTopic | null }
  | { command: "version" };

const COMMANDS = ["combine", "inspect", "twin", "init", "help", "version"] as const;

const ALIASES: Record<string, string> = { o: "out", c: "config", h: "help", V: "version" };

/** Flags of each command, and whether each takes a value. */
const FLAGS: Record<HelpTopic, Record<string, "value" | "switch">> = {
  combine: {
    out: "value",
    config: "value",
    check: "switch",
    mode: "value",
    "additional-stack": "value",
    strict: "switch",
    inline: "switch",
    loader: "value",
    json: "switch",
    help: "switch",
    version: "switch",
  },
  inspect: { json: "switch", help: "switch", version: "switch" },
  twin: { json: "switch", help: "switch", version: "switch" },
  init: {
    out: "value",
    config: "value",
    force: "switch",
    json: "switch",
    help: "switch",
    version: "switch",
  },
};

/** Every flag of any command. A flag means the same wherever it is. */
const ALL_FLAGS: Record<string, "value" | "switch"> = Object.assign({}, ...Object.values(FLAGS));

const MAX_BYTES = 0xffff_ffff;

/**
 * Reads a command line.
 *
 * @param argv The arguments after the program's name.
 * @returns The command.
 * @throws {WasmShareError} `usage`, with each argument that cannot be used.
 */
export function parseArgs(argv: readonly string[]): Command {
  const all = Object.entries(ALL_FLAGS);
  const used = new Map<string, number>();
  const unknown: string[] = [];
  const flags = parseFlags(argv, {
    string: ["_", ...all.flatMap(([name, type]) => type === "value" ? [name] : [])],
    boolean: all.flatMap(([name, type]) => type === "switch" ? [name] : []),
    alias: ALIASES,
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg.replace(/=.*$/s, ""));
    },
  });
  for (const arg of argv) {
    if (arg === "--") break;
    const [, long, short] = /^(?:--([^=]+)|-([A-Za-z]))/.exec(arg) ?? [];
    const flag = long ?? ALIASES[short] ?? "";
    used.set(flag, (used.get(flag) ?? 0) + 1);
  }

  const words = flags._ as string[];
  const known = (COMMANDS as readonly string[]).includes(words[0]);
  const name = known ? words[0] as typeof COMMANDS[number] : "combine";
  const files = known ? words.slice(1) : words;
  const problems: WasmShareProblem[] = [];
  const complain = (message: string, hint: string) =>
    problems.push({ code: "usage", message, hint });

  const rules = FLAGS[isTopic(name) ? name : "combine"];
  for (const flag of unknown) {
    const bare = flag.replace(/^-+/, "");
    const near = suggest(bare, Object.keys(rules));
    complain(
      `Cannot read flag "${flag}": it is unknown`,
      near ? `Did you mean "--${near}"?` : "See --help",
    );
  }
  if (unknown.length > 0) throw new WasmShareError(problems);

  if (flags.version || name === "version") return { command: "version" };
  if (flags.help || name === "help") {
    const topic = name === "help" ? files[0] : known ? name : undefined;
    if (topic === undefined || topic === "help") return { command: "help", topic: null };
    if (isTopic(topic)) return { command: "help", topic };
    complain(...unknownCommand(topic));
    throw new WasmShareError(problems);
  }
  if (!known && words.length > 0 && !/[./\\]/.test(words[0])) {
    complain(...unknownCommand(words[0]));
    throw new WasmShareError(problems);
  }
  for (const [flag, times] of used) {
    if (Object.hasOwn(ALL_FLAGS, flag) && !(flag in rules)) {
      const owners = Object.entries(FLAGS).filter(([, each]) => flag in each);
      complain(
        `Cannot use "--${flag}" with "${name}": it belongs to "${owners[0][0]}"`,
        `See: ${name} --help`,
      );
    } else if (rules[flag] === "value" && flags[flag] === "") {
      complain(
        `Cannot read "--${flag}": its value is missing`,
        `Write --${flag} ${PLACEHOLDERS[flag]}`,
      );
    } else if (rules[flag] === "value" && times > 1) {
      complain(`Cannot read "--${flag}": it is given twice`, "Give it once, with one value");
    }
  }
  if (name === "inspect") {
    if (files.length === 0) complain("Cannot inspect: no file is named", "Write: inspect a.wasm");
    if (problems.length > 0) throw new WasmShareError(problems);
    return { command: "inspect", files, json: flags.json };
  }
  if (name === "twin") {
    if (files.length < 2 || files.length > 3) {
      complain(
        `Cannot compare ${files.length} files: a module and one or two twins are needed`,
        "Write: twin a.wasm a.64k.wasm a.far.wasm",
      );
    }
    if (problems.length > 0) throw new WasmShareError(problems);
    return { command: "twin", files, json: flags.json };
  }
  if (name === "init") {
    const config: string | null = flags.config || null;
    if (config !== null && !/\.(?:ts|mts|mjs|json)$/.test(config)) {
      complain(
        `Cannot write config "${config}": its ending is none of .ts, .mts, .mjs and .json`,
        "Write -c wasm-share.config.json, or leave -c out",
      );
    }
    if (problems.length > 0) throw new WasmShareError(problems);
    return {
      command: "init",
      files,
      config,
      out: flags.out || null,
      force: flags.force,
      json: flags.json,
    };
  }

  if (files.length > 0 && flags.config) {
    complain(
      `Cannot combine "${files[0]}" with a config: both say which modules`,
      "Name the modules or use --config, not both",
    );
  }
  const additionalStack = flags["additional-stack"] ? bytes(flags["additional-stack"]) : null;
  if (additionalStack === undefined) {
    complain(
      `Cannot read --additional-stack "${flags["additional-stack"]}": it is no number of bytes`,
      "Write a whole number from 0 to 4294967295, such as 65536 or 0x10000",
    );
  }
  const loader: unknown = flags.loader || null;
  if (loader !== null && loader !== "js" && loader !== "ts" && loader !== "none") {
    complain(`Cannot read --loader "${loader}": it is unknown`, "Write js, ts or none");
  }
  if (problems.length > 0) throw new WasmShareError(problems);
  return {
    command: "combine",
    files,
    config: flags.config || null,
    out: flags.out || null,
    check: flags.check,
    mode: flags.mode || "production",
    additionalStack: additionalStack!,
    strict: used.has("strict") ? flags.strict : null,
    inline: used.has("inline") ? flags.inline : null,
    loader: loader === "none" ? false : loader as "js" | "ts" | null,
    json: flags.json,
  };
}

const PLACEHOLDERS: Record<string, string> = {
  out: "<folder>",
  config: "<file>",
  mode: "<name>",
  "additional-stack": "<bytes>",
  loader: "js|ts|none",
};

function isTopic(word: string): word is HelpTopic {
  return Object.hasOwn(FLAGS, word);
}

function unknownCommand(word: string): [message: string, hint: string] {
  const near = suggest(word, COMMANDS);
  return [
    `Cannot run "${word}": it is neither a command nor a .wasm file`,
    near ? `Did you mean "${near}"?` : `Commands: ${COMMANDS.join(", ")}`,
  ];
}

/** A decimal or hexadecimal number of bytes; `undefined` if it is none. */
function bytes(text: string): number | undefined {
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) return undefined;
  const value = Number(text);
  return value <= MAX_BYTES ? value : undefined;
}
