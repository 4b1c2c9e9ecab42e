/**
 * A module without records → the flag to add, in the file that builds it. Pure.
 *
 * @module
 */
import { cargoCommand, cargoFlag } from "./cargo.ts";
import { type CommandLine, commandLines, MAKEFILES, makes, type Tool } from "./commands.ts";
import {
  type CargoBuild,
  foldersAround,
  type FoundFile,
  inside,
  type ProjectFolder,
  quoted,
  stemOf,
} from "./project.ts";

/** What to change, so that the next build makes a module that can be moved. */
export interface Advice {
  /** What to do, one sentence without a full stop. */
  say: string;
  /** The lines to write; none if `say` is all. */
  lines: string[];
  /** The command that builds again, or `null` if it is not known. */
  then: string | null;
  /** What comes after that, or another way; absent if there is nothing more. */
  more?: Step[];
}

/** One more thing to do. */
export interface Step {
  /** What, one sentence without a full stop. */
  say: string;
  /** The lines to write. */
  lines: string[];
}

/** What made a module, as far as files tell. */
export interface Maker {
  tool: Tool | "cmake" | "build.zig";
  /** The command, if there is one. */
  line: CommandLine | null;
  folder: ProjectFolder;
}

/**
 * What makes a module that cargo did not make.
 *
 * @param module Where it lies.
 * @param folders Every folder with files of a build.
 * @returns What the nearest folder says that knows it, or `null`.
 */
export function makerOf(module: FoundFile, folders: readonly ProjectFolder[]): Maker | null {
  if (module.cargo !== null) return null;
  const stem = stemOf(module.path);
  for (const folder of foldersAround(module.path, folders)) {
    const { files, dir } = folder;
    const lines = commandLines(folder).filter(({ tool }) => tool !== null);
    const line = lines.find((each) => makes(each, stem)) ?? null;
    if (line !== null) return { tool: line.tool!, line, folder };
    const rest = dir === "." ? module.path : module.path.slice(dir.length + 1);
    if (files["build.zig"] !== undefined && rest.startsWith("zig-out/")) {
      return { tool: "build.zig", line: null, folder };
    }
    if (files["asconfig.json"]?.includes(`${stem}.wasm`)) {
      return { tool: "asc", line: null, folder };
    }
    if (files["CMakeLists.txt"] !== undefined) return { tool: "cmake", line: null, folder };
    // Nothing names the module: if all commands run one tool, it is that one.
    const tools = new Set(lines.map(({ tool }) => tool));
    if (tools.size === 1) return { tool: lines[0].tool!, line: lines[0], folder };
    if (tools.size === 0 && files["build.zig"] !== undefined) {
      return { tool: "build.zig", line: null, folder };
    }
  }
  return null;
}

/**
 * The flag that makes the linker write records.
 *
 * @param module Where it lies.
 * @param maker What makes it.
 * @param folders Every folder with files of a build.
 * @returns What to add and where, or `null` if the files do not tell.
 */
export function flagOf(
  module: FoundFile,
  maker: Maker | null,
  folders: readonly ProjectFolder[],
): Advice | null {
  if (module.cargo !== null) return cargoAdvice(module.cargo, folders);
  if (maker === null) return null;
  const { tool, line, folder } = maker;
  const stem = stemOf(module.path);
  switch (tool) {
    case "clang":
      return flagFor(line!, ["-Wl,--emit-relocs", "--no-wasm-opt"], folder);
    case "wasm-ld":
      return flagFor(line!, ["--emit-relocs"], folder);
    case "rustc":
      return flagFor(line!, ["-C link-arg=--emit-relocs"], folder);
    case "cargo": {
      const [, triple = "wasm32-unknown-unknown"] = /--target[= ](\S+)/.exec(line!.text) ?? [];
      const profile = /\s(?:--release|-r)(?:\s|$)/.test(line!.text) ? "release" : "debug";
      return { ...cargoAdvice({ dir: folder.dir, triple, profile }, folders), then: line!.run };
    }
    case "cmake":
      return cmake(folder, module.path, stem);
    case "build.zig":
      return buildZig(folder, stem);
    case "zig":
      return /\bzig build(?:\s|$)/.test(line!.text) ? buildZig(folder, stem) : zig(line!, stem);
    default:
      return null;
  }
}

const LDFLAGS = /\$[({]LDFLAGS[)}]/g;

/** Flags for a command; those that it has are left out. */
function flagFor(line: CommandLine, flags: string[], folder: ProjectFolder): Advice {
  const missing = flags.filter((flag) => !line.text.includes(flag));
  if (!missing.includes(flags[0])) {
    return {
      say: `The flag is in "${line.file}", ${line.place} already, but this file was built ` +
        "without it: build again",
      lines: [],
      then: line.run,
    };
  }
  const makefile = MAKEFILES.find((each) => inside(folder.dir, each) === line.file);
  // Only if this is what alone uses them: other links may be for another linker.
  const uses = makefile === undefined ? [] : folder.files[makefile].match(LDFLAGS) ?? [];
  return uses.length === 1 && line.raw.search(LDFLAGS) >= 0
    ? { say: `Add to "${line.file}"`, lines: [`LDFLAGS += ${missing.join(" ")}`], then: line.run }
    : add(line, missing.join(" "));
}

/**
 * Flags that are missing in a command.
 *
 * @param line The command.
 * @param flags The flags.
 */
export function add(line: CommandLine, flags: string): Advice {
  return {
    say: `Add to the command in "${line.file}", ${line.place}`,
    lines: [flags],
    then: line.run,
  };
}

function cmake({ dir, files }: ProjectFolder, path: string, stem: string): Advice {
  const names = [...files["CMakeLists.txt"].matchAll(/\badd_executable\s*\(\s*([^\s)]+)/gi)]
    .map(([, name]) => name);
  const target = names.includes(stem) ? stem : names.length === 1 ? names[0] : "<target>";
  const [build] = (dir === "." ? path : path.slice(dir.length + 1)).split("/");
  const below = target === "<target>"
    ? `, for the target that makes ${stem}.wasm`
    : `, below add_executable(${target} …)`;
  return {
    say: `Add to "${inside(dir, "CMakeLists.txt")}"${below}`,
    lines: [`target_link_options(${target} PRIVATE -Wl,--emit-relocs --no-wasm-opt)`],
    then: build.endsWith(".wasm") ? null : `cmake --build ${quoted(inside(dir, build))}`,
  };
}

const ZIG = "zig drops --emit-relocs without a word, so link its object with wasm-ld of LLVM";

function buildZig({ dir }: ProjectFolder, stem: string): Advice {
  const name = JSON.stringify(stem), file = JSON.stringify(`${stem}.wasm`);
  return {
    say: `${ZIG}: in "${inside(dir, "build.zig")}", instead of b.addExecutable and ` +
      "b.installArtifact, with its root module as `module`",
    lines: [
      `const object = b.addObject(.{ .name = ${name}, .root_module = module });`,
      // Without it there is no strlen, memcpy or fmod, which the compiler calls where it likes.
      "object.bundle_compiler_rt = true;",
      'const link = b.addSystemCommand(&.{ "wasm-ld", "--no-entry", "--export-dynamic", ' +
      '"--emit-relocs" });',
      "link.addFileArg(object.getEmittedBin());",
      'link.addArg("-o");',
      `const wasm = link.addOutputFileArg(${file});`,
      `b.getInstallStep().dependOn(&b.addInstallBinFile(wasm, ${file}).step);`,
    ],
    then: dir === "." ? "zig build" : `cd ${quoted(dir)} && zig build`,
  };
}

function zig(line: CommandLine, stem: string): Advice {
  const link = `wasm-ld --no-entry --export-dynamic --emit-relocs ${stem}.o -o ${stem}.wasm`;
  const [compile] = /\bzig (?:cc|c\+\+)(?=\s|$)/.exec(line.text) ?? ["zig build-obj"];
  const object = compile === "zig build-obj"
    ? `-fcompiler-rt -femit-bin=${stem}.o`
    : `-c -o ${stem}.o`;
  return {
    say: `${ZIG}: in "${line.file}", ${line.place}, with the sources and options that are there`,
    lines: [`${compile} … ${object}`, link],
    then: line.run,
  };
}

/**
 * The flag for what cargo builds.
 *
 * @param build Folder of the workspace, target and profile.
 * @param folders Every folder with files of a build.
 * @returns What to add to cargo's config, or to the script that overrides it.
 */
export function cargoAdvice(
  build: CargoBuild,
  folders: readonly ProjectFolder[],
): Advice {
  const folder = folders.find(({ dir }) => dir === build.dir) ?? null;
  const command = cargoCommand(build);
  const then = build.dir === "." ? command : `cd ${quoted(build.dir)} && ${command}`;
  const flags = folder === null
    ? undefined
    : commandLines(folder).find(({ text }) => /\bRUSTFLAGS=/.test(text));
  if (flags !== undefined && !flags.text.includes("--emit-relocs")) {
    return {
      say: `Add to RUSTFLAGS in "${flags.file}", ${flags.place}, which cargo prefers to its config`,
      lines: ["-C link-arg=--emit-relocs"],
      then: flags.run,
    };
  }
  const { file, place, lines, repeats } = cargoFlag(folder, build);
  if (place === "present" || flags !== undefined) {
    const where = flags === undefined ? `"${file}"` : `"${flags.file}", ${flags.place}`;
    return {
      say: `The flag is in ${where} already, but this file was built without it: build again; ` +
        "an environment variable RUSTFLAGS replaces what cargo's config says",
      lines: [],
      then: flags?.run ?? then,
    };
  }
  const why = repeats ? ", with what [build] has, because it replaces that" : "";
  const say = {
    "new table": `Add to "${file}"${why}`,
    table: `Add to [target.${build.triple}] in "${file}"${why}`,
    rustflags: `Write in [target.${build.triple}] in "${file}", instead of its rustflags`,
  }[place];
  return { say, lines, then };
}
