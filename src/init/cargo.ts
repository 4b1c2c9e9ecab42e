/**
 * What Cargo's files say: crates that become modules, where they are built, and which flags the
 * linker gets.
 *
 * @module
 */
import { type CargoBuild, inside, type ProjectFolder, quoted } from "./project.ts";
import { readToml, type TomlEntry, tomlValue } from "./toml.ts";

/** The target that a project is told to build for if it does not say. */
export const WASM_TARGET: string = "wasm32-unknown-unknown";

/** A crate. */
export interface Crate {
  /** Folder of its `Cargo.toml`. */
  dir: string;
  /** Name of the package. */
  name: string;
  /** Stems of the modules that it can become. */
  stems: string[];
  /** Whether `crate-type` has `cdylib`. */
  cdylib: boolean;
}

/**
 * The crate that a folder holds.
 *
 * @param folder The folder.
 * @returns The crate, or `null` if there is no package in its `Cargo.toml`.
 */
export function crateOf({ dir, files }: ProjectFolder): Crate | null {
  const entries = readToml(files["Cargo.toml"] ?? "");
  const name = text(tomlValue(entries, "package", "name"));
  if (name === undefined) return null;
  const types = ["crate-type", "crate_type"].flatMap((key) => list(tomlValue(entries, "lib", key)));
  const library = text(tomlValue(entries, "lib", "name")) ?? name.replaceAll("-", "_");
  const programs = entries.filter(({ path }) => path.join(".") === "bin.name")
    .flatMap(({ value }) => list(value));
  return {
    dir,
    name,
    stems: [...new Set([library, name, ...programs])],
    cdylib: types.includes("cdylib"),
  };
}

/** Whether a `Cargo.toml` is the root of a workspace. */
export function isWorkspace(manifest: string): boolean {
  return readToml(manifest).some(({ path }) => path[0] === "workspace") ||
    /^\s*\[workspace\]/m.test(manifest);
}

/**
 * The folder of the outputs that a folder's config of cargo names.
 *
 * @param folder A folder that may have `.cargo/config.toml`.
 * @returns The path as it is written, relative to the folder unless it is absolute; or `null`.
 */
export function targetDirOf(folder: ProjectFolder): string | null {
  return text(tomlValue(configOf(folder).entries, "build", "target-dir")) ?? null;
}

/** What has to be changed so that cargo's linker writes records. */
export interface CargoFlag {
  /** The file to change. */
  file: string;
  /** Which part of it. */
  place: "new table" | "table" | "rustflags" | "present";
  /** The lines to add, or to put in place of what is there. */
  lines: string[];
  /** Whether flags of `[build]` are repeated, because those of a target replace them. */
  repeats: boolean;
}

/**
 * The flag that makes the linker write relocation records.
 *
 * @param folder The folder of the workspace, or `null` if its files are not known.
 * @param build Where the module was built.
 * @returns What to write in `.cargo/config.toml`.
 */
export function cargoFlag(
  folder: ProjectFolder | null,
  { dir, triple }: Pick<CargoBuild, "dir" | "triple">,
): CargoFlag {
  const { name, entries } = configOf(folder ?? { dir, files: {} });
  const file = inside(dir, name);
  const own = tomlValue(entries, "target", triple, "rustflags");
  const conditional = entries.filter(({ path }) =>
    path[0] === "target" && path[1]?.startsWith("cfg(") && path[2] === "rustflags"
  ).flatMap(({ value }) => flagList(value));
  const general = own === undefined && conditional.length === 0
    ? flagList(tomlValue(entries, "build", "rustflags"))
    : [];
  const present = [...flagList(own), ...conditional, ...general];
  if (present.some((flag) => flag.includes("--emit-relocs"))) {
    return { file, place: "present", lines: [], repeats: false };
  }
  const flags = [...flagList(own), ...general, "-C", "link-arg=--emit-relocs"];
  const line = `rustflags = [${flags.map((flag) => JSON.stringify(flag)).join(", ")}]`;
  const repeats = general.length > 0;
  if (own !== undefined) return { file, place: "rustflags", lines: [line], repeats };
  const exists = entries.some(({ path }) => path[0] === "target" && path[1] === triple);
  return exists
    ? { file, place: "table", lines: [line], repeats }
    : { file, place: "new table", lines: [`[target.${triple}]`, line], repeats };
}

/**
 * The command that builds for a target.
 *
 * @param build Target and profile.
 * @returns `cargo build --release --target wasm32-unknown-unknown`
 */
export function cargoCommand({ triple, profile }: Pick<CargoBuild, "triple" | "profile">): string {
  const flags = profile === "release"
    ? " --release"
    : profile === "debug"
    ? ""
    : ` --profile ${quoted(profile)}`;
  return `cargo build${flags} --target ${quoted(triple)}`;
}

function configOf({ files }: ProjectFolder): { name: string; entries: TomlEntry[] } {
  // Cargo takes the old name if both are there.
  const name = files[".cargo/config"] === undefined ? ".cargo/config.toml" : ".cargo/config";
  return { name, entries: readToml(files[name] ?? "") };
}

function flagList(value: string | string[] | undefined): string[] {
  if (typeof value === "string") return value.split(/\s+/).filter((flag) => flag !== "");
  return value ?? [];
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
