/**
 * What `--help` prints.
 *
 * @module
 */
import type { HelpTopic } from "../args.ts";

const GENERAL = `Put separately compiled WebAssembly modules into one linear memory

Usage:
  wasm-share [combine] [files…] [flags]   modules → one memory: relocated modules, loader, manifest
  wasm-share inspect <files…> [--json]    what is known about modules, and whether combine takes them
  wasm-share twin <module> <twin> [<far>] what differs between links of one program at several bases
  wasm-share init [files…] [flags]        looks for modules, writes a config, says which flag to add
  wasm-share help [command]
  wasm-share version

Exit codes: 0 done, 1 failed, stale, or a module that combine refuses, 2 wrong usage`;

const COMBINE = `Modules → one memory: relocated modules, a typed loader, a manifest

Usage:
  wasm-share combine                      what wasm-share.config.{ts,mts,js,mjs,json} says
  wasm-share combine a.wasm b.wasm        these modules, in this order

Flags:
  -o, --out <folder>          output folder (default: output.dir of the config, or "out")
  -c, --config <file>         the config, instead of the one in the current folder
      --check                 write nothing; exit 1 and name the files that are not current
      --mode <name>           what a config function is told (default: production)
      --additional-stack <n>  bytes to add to every module's stack
      --strict                refuse whatever is not proved
      --inline                embed the modules in the loader
      --loader js|ts|none     mod.js with mod.d.ts and package.json, mod.ts, or no loader
      --json                  print one JSON document and nothing else`;

const INSPECT =
  `What is known about modules, and whether combine takes them: exit 1 if it refuses one

Usage:
  wasm-share inspect <files…> [--json]

Flags:
      --json                  print one JSON document and nothing else`;

const TWIN = `What differs between links of one program at several bases: its addresses

Usage:
  wasm-share twin a.wasm a.64k.wasm       the module, and the same program 0x10000 (64 KiB) higher
  wasm-share twin a.wasm a.64k.wasm a.far.wasm
                                          and one more, at 0x7ffe0000, which confirms it

Flags:
      --json                  print one JSON document and nothing else

Exit code 1 if they are not twins, or if combine refuses the module`;

const INIT = `Looks for modules, writes a config, and says which flag to add and where

Usage:
  wasm-share init                         what cargo and other builds left below the current folder
  wasm-share init a.wasm b.wasm           these modules, in this order

Flags:
  -o, --out <folder>          output folder of the config (default: "out")
  -c, --config <file>         the config to write: .ts, .mts, .mjs or .json
      --force                 replace a config that is there
      --json                  print one JSON document and nothing else

Twins of a module without relocation records are found beside it: a.near.wasm (or a.64k.wasm) and
a.far.wasm, or three links that are called by their bases (a.65536.wasm, …).

Asks nothing, runs nothing, and changes no file of the project but the config`;

const TEXTS: Record<HelpTopic, string> = {
  combine: COMBINE,
  inspect: INSPECT,
  twin: TWIN,
  init: INIT,
};

/**
 * The help of a command.
 *
 * @param topic The command, or `null` for all.
 * @returns Lines without a final newline.
 */
export function helpText(topic: HelpTopic | null): string {
  return topic === null ? GENERAL : TEXTS[topic];
}
