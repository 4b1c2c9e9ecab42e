// @ts-check
/**
 * Packs a page: Markdown → HTML in one package, HTML → gzip in another one, with the checksum of a C
 * module. They share one memory, so what crosses between them is a pointer and a length. The same file
 * runs in Deno, Node, Bun and, from `index.html`, in a page.
 *
 * @module
 */
import init from "./pkg/index.js";

const SOURCE = `# One memory

Two packages of *wasm-bindgen* and a C module, each compiled for itself.

| module     | language | work             |
| ---------- | -------- | ---------------- |
| \`markdown\` | Rust     | Markdown to HTML |
| \`gzip\`     | Rust     | HTML to gzip     |
| \`checksum\` | C        | CRC-32           |

${"Nothing is copied from module to module. ".repeat(200)}
`;

/** @type {string[]} */
const lines = [];
const page = globalThis.document?.querySelector("pre");
/** @param {string} line */
const print = (line) => {
  lines.push(line);
  if (page) page.textContent = lines.join("\n");
  else console.log(line);
};
/** @param {number} address */
const hex = (address) => `0x${address.toString(16).padStart(8, "0")}`;

// The only way in: makes the memory, and starts all modules.
const { memory, markdown, gzip, checksum } = await init();

const html = new markdown.Page(SOURCE);
const packed = new gzip.Packed(html.ptr, html.len);
print(`"${markdown.title(SOURCE)}"`);
print(`markdown (Rust) wrote ${html.len} bytes of HTML at ${hex(html.ptr)}`);
print(`gzip (Rust) read them there, and wrote ${packed.len} bytes at ${hex(packed.ptr)}`);
const crc = checksum.crc32(html.ptr, html.len) >>> 0;
print(`checksum (C) read them there, too: ${hex(crc)}`);

// The host unpacks the file, and compares: this is the only copy.
const file = new Uint8Array(memory.buffer, packed.ptr, packed.len).slice();
const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
const right = await new Response(stream).text() === html.text();
print(right ? "The host unpacked the same page" : "The page is another one");

// Who allocated frees: each package its own.
packed.free();
html.free();

try {
  markdown.title("no heading");
} catch (error) {
  print(`An error of Rust: ${error instanceof Error ? error.message : error}`);
}
if (page) document.body.dataset.result = right ? "right" : "wrong";
if (!right) throw new Error("The page is another one");
