/**
 * Which names can be a file name on every system and a key of an object.
 *
 * @module
 */

/** Names of devices on Windows. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Why a name cannot be used.
 *
 * @param name The name of a module or an output.
 * @returns What is wrong with it, or `null`.
 */
export function nameFault(name: string): string | null {
  if (name === "") return "it is empty";
  if (/[/\\]/.test(name)) return "it holds a path separator";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(name)) return "it holds a control character";
  const [forbidden] = /[<>:"|?*]/.exec(name) ?? [];
  if (forbidden) return `it holds ${forbidden}, which is not allowed in file names everywhere`;
  if (name === "." || name === ".." || /^\s|[\s.]$/.test(name)) {
    return "it is a folder, or begins or ends with a space or a full stop";
  }
  if (DEVICES.test(name)) return "it is the name of a device on Windows";
  if (name === "__proto__") return "it cannot be a key of an object";
  if (name.length > 200) return "it is longer than 200 characters";
  return null;
}
