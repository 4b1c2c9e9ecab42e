/**
 * The host: asks the Rust program for a report, and follows the one pointer that it gets.
 *
 * `deno task example:sqlite` combines the modules, then runs this. Bundled, it runs under Node, too.
 */
import { struct, view } from "@wasm-share/memory/memory";

/** The layout of `Report` in `shop/src/lib.rs`. */
const Report = struct({
  status: "i32",
  rows: "u32",
  text: "u32",
  textLen: "u32",
  packed: "u32",
  packedLen: "u32",
});

const SQL = `
  select orders.id, day, customer, product.name as product, quantity,
    printf('%.2f', quantity * price) as total
  from orders join product on product.id = orders.product
  order by quantity * price desc, orders.id
`;

// Made by `wasm-share combine`, with exact types for whoever imports it by its name.
const loader: Loader = await import(new URL("./out/mod.js", import.meta.url).href);
const { memory, exports } = await loader.instantiate();
const { shop, sqlite, zlib } = exports;
const mem = view(memory);

// SQLite allocated the text of the query, so SQLite frees it.
const sql = mem.writeUtf8(SQL + "\0", sqlite.sqlite3_malloc);
const db = shop.shop_open();
if (db === 0) throw new Error("Cannot open the database");
shop.shop_add(db, 500);
const address = shop.shop_select(db, sql.ptr, 0) >>> 0;
sqlite.sqlite3_free(sql.ptr);

const { status, rows, ...report } = Report.read(mem, address);
const text = mem.utf8(report.text, report.textLen);
if (status !== 0) throw new Error(text);
const packed = mem.u8.slice(report.packed, report.packed + report.packedLen);
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const inflated = await new Response(stream).text();
if (inflated !== text) throw new Error("The packed rows are not the rows");
const memories = new Set([memory, shop.memory, sqlite.memory, zlib.memory]);
if (memories.size !== 1) throw new Error("The modules do not share one memory");

console.log("One memory:");
for (const { start, end, what } of regions()) console.log(`  ${hex(start)}..${hex(end)}  ${what}`);
console.log(`
SQLite ${mem.cstr(sqlite.sqlite3_libversion())} gave ${rows} rows to a Rust function, one by one:`);
for (const line of text.split("\n").slice(0, 4)) console.log(`  ${line}`);
console.log(`  …
zlib ${mem.cstr(zlib.zlibVersion())} packed the text of the rows where Rust wrote it:
  ${hex(report.text)}: ${report.textLen} bytes → ${hex(report.packed)}: ${report.packedLen} bytes
The host got one pointer, ${hex(address)}, and inflated the same text

Copied into the memory by the host: ${sql.len} bytes (the SQL)
Copied from module to module: nothing, they share ${memories.size} memory`);

const closed = shop.shop_close(db);
if (closed !== 0) throw new Error(`SQLite cannot close the database: code ${closed}`);

/** Where each module lives, by address. */
function regions() {
  const { modules, neededPages } = loader.layout;
  const found = modules.flatMap(({ name, stack, data, heap }) =>
    Object.entries({ stack, data, heap }).flatMap(([kind, range]) =>
      range?.size ? [{ ...range, what: `${name}: ${kind}` }] : []
    )
  );
  found.sort((a, b) => a.start - b.start);
  const [start, end] = [neededPages * 65536, memory.buffer.byteLength];
  return [...found, { start, end, what: "what the three asked for with memory.grow" }];
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, "0")}`;
}

interface Range {
  start: number;
  end: number;
  size: number;
}

/** What is used of `out/mod.js`: this file has to type-check before that one is made. */
interface Loader {
  layout: {
    neededPages: number;
    modules: { name: string; stack: Range | null; data: Range | null; heap: Range }[];
  };
  instantiate(): Promise<{
    memory: WebAssembly.Memory;
    exports: {
      shop: {
        memory: WebAssembly.Memory;
        shop_open(): number;
        shop_add(shop: number, count: number): number;
        shop_select(shop: number, sql: number, most: number): number;
        shop_close(shop: number): number;
      };
      sqlite: {
        memory: WebAssembly.Memory;
        sqlite3_malloc(size: number): number;
        sqlite3_free(block: number): void;
        sqlite3_libversion(): number;
      };
      zlib: { memory: WebAssembly.Memory; zlibVersion(): number };
    };
  }>;
}
