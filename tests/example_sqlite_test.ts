/** The example in `examples/sqlite`: Rust, SQLite and zlib in one memory. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { combine, type Combined, type CombineOptions, instantiate } from "../mod.ts";
import { struct, view } from "../src/memory/mod.ts";
import { esbuild } from "./host/npm.ts";
import { has, run } from "./host/output.ts";
import { type Folder, inFolder } from "./temp.ts";

const NAMES = ["shop", "sqlite", "zlib"];
const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
  .map((order) => order.map((at) => NAMES[at]));
const folder = new URL("../examples/sqlite/", import.meta.url);
const [SQLITE_OK, SQLITE_ERROR, SQLITE_ABORT, SQLITE_FULL, SQLITE_CONSTRAINT] = [0, 1, 4, 13, 19];

const Report = struct({
  status: "i32",
  rows: "u32",
  text: "u32",
  textLen: "u32",
  packed: "u32",
  packedLen: "u32",
});

/** What the tests call; pointers are signed. */
interface Modules {
  shop: {
    shop_open(): number;
    shop_add(shop: number, count: number): number;
    shop_select(shop: number, sql: number, most: number): number;
    shop_close(shop: number): number;
  };
  sqlite: {
    malloc(size: number): number;
    sqlite3_malloc(size: number): number;
    sqlite3_free(block: number): void;
  };
  zlib: {
    malloc(size: number): number;
    free(block: number): void;
    crc32(crc: number, bytes: number, length: number): number;
    compressBound(length: number): number;
    compress2(to: number, length: number, from: number, size: number, level: number): number;
    uncompress(to: number, length: number, from: number, size: number): number;
  };
}

async function combined(
  names: string[] = NAMES,
  options: CombineOptions = {},
): Promise<Combined> {
  const bytes = (name: string) => Deno.readFileSync(new URL(`${name}.wasm`, folder));
  return await combine(names.map((name) => ({ name, bytes: bytes(name) })), options);
}

/** The modules with a shop that is open. */
async function start(set: Combined) {
  const { memory, exports } = await instantiate<Modules & Record<string, object>>(set);
  const { shop, sqlite, zlib } = exports;
  const mem = view(memory);
  const db = shop.shop_open();
  assert(db !== 0);
  const read = (address: number) => {
    const { text, textLen, ...rest } = Report.read(mem, address);
    const csv = mem.utf8(text, textLen);
    return { ...rest, address: text, length: textLen, text: csv };
  };
  return {
    ...{ memory, mem, sqlite, zlib },
    add: (count: number) => read(shop.shop_add(db, count)),
    select: (sql: string, most = 0) => {
      const { ptr } = mem.writeUtf8(sql + "\0", sqlite.sqlite3_malloc);
      const report = read(shop.shop_select(db, ptr, most));
      sqlite.sqlite3_free(ptr);
      return report;
    },
    close: () => assertEquals(shop.shop_close(db), SQLITE_OK),
  };
}

type Running = Awaited<ReturnType<typeof start>>;

/** What the zlib of the host makes of the packed rows. */
async function inflated({ mem }: Running, report: { packed: number; packedLen: number }) {
  const { packed, packedLen } = report;
  const stream = new Blob([mem.u8.slice(packed, packed + packedLen)]).stream();
  return await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).text();
}

const CUSTOMERS = [
  ...["Ada Lovelace", "Bohumil Hrabal", "Jürgen Müller", "María José Núñez", "Nguyễn Thị Mai"],
  ...["Søren Kierkegaard", "Žofie Nováková", "O'Brien, Flann"],
];
const PRODUCTS: [name: string, price: number][] = [
  ...[["Bolt, M8 × 40", 0.25], ["Hammer", 18.5], ["Saw", 22.75], ["Nail, 60 mm", 0.02]],
  ...[["Lamp", 14.2], ["Cable, 5 m", 1.9], ["Drill", 89.99], ['Monitor, 24"', 139]],
  ...[['Paint, "Sky Blue"', 11.35], ["Brush", 3.6], ["Ladder", 64], ["Glue", 2.45]],
] as [string, number][];

/** The same shop in the SQLite of the host, filled without any of the modules. */
function oracle(count: number): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec(`
    create table product(id integer primary key, name text, price real);
    create table orders(id integer primary key, day text, customer text, product integer,
      quantity integer);
    begin;
  `);
  const product = db.prepare("insert into product(name, price) values (?, ?)");
  for (const [name, price] of PRODUCTS) product.run(name, price);
  const order = db.prepare(
    "insert into orders(day, customer, product, quantity) values (?, ?, ?, ?)",
  );
  for (let n = 0; n < count; n++) {
    const mix = Math.imul(n, 2_654_435_761) >>> 0;
    const day = new Date(Date.UTC(2025, 0, 1 + n % 365)).toISOString().slice(0, 10);
    const customer = CUSTOMERS[(mix >>> 8) % CUSTOMERS.length];
    order.run(day, customer, 1 + (mix >>> 16) % PRODUCTS.length, 1 + (mix >>> 24) % 20);
  }
  db.exec("commit");
  return db;
}

/** What the program must write for a query without real numbers. */
function expected(db: DatabaseSync, sql: string): string {
  const rows = db.prepare(sql).all();
  if (rows.length === 0) return "";
  return [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map((values) =>
    values.map((value) => {
      const text = String(value ?? "");
      return /[,"\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    }).join(",") + "\n"
  ).join("");
}

const QUERIES = [
  "select orders.id, day, customer, name, quantity, printf('%.2f', quantity * price) as total" +
  " from orders join product on product.id = product order by quantity * price desc, orders.id",
  "select customer, count(*) as orders, min(day) as first, max(quantity) as most, null as none" +
  " from orders group by customer having count(*) > 3 order by count(*) desc, customer",
  "select group_concat(name, char(10)) as names from product where name like '%,%'",
  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 400)" +
  " select i, upper(hex(i * i)) as square from n",
  "select * from orders where quantity > 99",
];

Deno.test("the Rust program has the right rows of SQLite, packed by zlib, in any order of modules", async () => {
  using db = oracle(500);
  for (const names of ORDERS) {
    const running = await start(await combined(names));
    const { add, select, close } = running;
    const { status, rows } = add(500);
    assertEquals([status, rows], [SQLITE_OK, 500]);
    for (const sql of QUERIES) {
      const wanted = expected(db, sql);
      const report = select(sql);
      assertEquals([report.status, report.text], [SQLITE_OK, wanted], names.join());
      assertEquals(report.rows, db.prepare(sql).all().length);
      assertEquals(await inflated(running, report), wanted);
      assert(report.packedLen < report.length || report.length < 200);
    }
    close();
  }
});

const VARIANTS: Record<string, CombineOptions> = {
  "proved without exception": { strict: true, verify: true },
  "on one stack": { stack: "shared" },
  "with stacks that are watched": { stackGuard: "check", additionalStack: 4096 },
  "around reserved memory": { memory: { reserved: [{ start: 0x110000, size: 0x20000 }] } },
};

for (const [name, options] of Object.entries(VARIANTS)) {
  Deno.test(`the rows are the same ${name}`, async () => {
    using db = oracle(300);
    const running = await start(await combined(NAMES, options));
    running.add(300);
    for (const sql of QUERIES) {
      const report = running.select(sql);
      assertEquals([report.status, report.text], [SQLITE_OK, expected(db, sql)]);
      assertEquals(await inflated(running, report), report.text);
    }
    assertEquals(running.select("select id from orders", 5).status, SQLITE_ABORT);
    running.close();
  });
}

Deno.test("what one module writes, another reads at the same address", async () => {
  const { mem, sqlite, zlib, add, select, close } = await start(await combined());
  add(500);
  const { packed, packedLen, address, length, text } = select(QUERIES[0]);
  // The host changes one byte of Rust's text: zlib sees it.
  const before = zlib.crc32(0, address, length);
  mem.u8[address] ^= 1;
  assert(zlib.crc32(0, address, length) !== before);
  mem.u8[address] ^= 1;
  assertEquals(zlib.crc32(0, address, length), before);
  // Rust's block, expanded by zlib into one of SQLite; its size is in one of zlib.
  const [to, size] = [sqlite.sqlite3_malloc(length) >>> 0, zlib.malloc(4) >>> 0];
  mem.u32[size >>> 2] = length;
  assertEquals(zlib.uncompress(to, size, packed, packedLen), 0);
  assertEquals([mem.u32[size >>> 2], mem.utf8(to, length)], [length, text]);
  zlib.free(size);
  sqlite.sqlite3_free(to);
  close();
});

Deno.test("what SQLite says of wrong SQL reaches the host through the Rust program", async () => {
  const { add, select, close } = await start(await combined());
  add(20);
  const wrong: [sql: string, status: number, text: string][] = [
    ["selct 1", SQLITE_ERROR, 'near "selct": syntax error'],
    ["select * from missing", SQLITE_ERROR, "no such table: missing"],
    ["select printf(", SQLITE_ERROR, "incomplete input"],
    [
      "insert into product values (3, 'Saw', 1)",
      SQLITE_CONSTRAINT,
      "UNIQUE constraint failed: product.id",
    ],
  ];
  for (const [sql, status, text] of wrong) {
    const report = select(sql);
    assertEquals([report.status, report.text], [status, text]);
    assertEquals([report.rows, report.packedLen], [0, 0]);
    assertEquals(select("select count(*) as n from orders").text, "n\n20\n");
  }
  // Also while orders are added, and then none is.
  assertEquals(select("alter table orders rename to kept").status, SQLITE_OK);
  const many = add(2 ** 32 - 1);
  assertEquals([many.status, many.text], [SQLITE_FULL, "too many orders"]);
  const report = add(5);
  assertEquals([report.status, report.text], [SQLITE_ERROR, "no such table: orders"]);
  assertEquals(select("select count(*) as n from kept").text, "n\n20\n");
  close();
});

Deno.test("the Rust callback ends a query, and SQLite says so", async () => {
  const { add, select, close } = await start(await combined());
  add(500);
  const sql = "select id from orders order by id";
  for (const most of [1, 7, 499]) {
    const report = select(sql, most);
    assertEquals([report.status, report.rows, report.text], [SQLITE_ABORT, most, "query aborted"]);
  }
  for (const most of [500, 501, 0]) {
    const { status, rows, text } = select(sql, most);
    assertEquals([status, rows, text.split("\n").length], [SQLITE_OK, 500, 502]);
  }
  close();
});

Deno.test("whoever allocated, frees: the memory does not grow with the number of queries", async () => {
  const { memory, add, select, close } = await start(await combined());
  add(500);
  const round = () => {
    select(QUERIES[0]);
    select("select * from missing");
    select(QUERIES[3], 10);
  };
  for (let n = 0; n < 20; n++) round();
  const size = memory.buffer.byteLength;
  for (let n = 0; n < 600; n++) round();
  assertEquals(memory.buffer.byteLength, size);
  close();
});

/** Blocks with a pattern in each word; how many words do not hold it any more. */
function canaries({ mem, sqlite, zlib }: Running, blocks: number, size: number) {
  const made: { ptr: number; seed: number }[] = [];
  const word = (seed: number, at: number) => Math.imul(seed, 0x9e3779b1) + at >>> 0;
  for (let n = 0; n < blocks; n++) {
    const ptr = (n % 2 ? sqlite : zlib).malloc(size) >>> 0;
    assert(ptr !== 0);
    made.push({ ptr, seed: n + 1 });
    for (let at = 0; at < size / 4; at++) mem.u32[(ptr >>> 2) + at] = word(n + 1, at);
  }
  return () =>
    made.reduce((lost, { ptr, seed }) => {
      for (let at = 0; at < size / 4; at++) {
        if (mem.u32[(ptr >>> 2) + at] !== word(seed, at)) lost++;
      }
      return lost;
    }, 0);
}

/** Adds orders while zlib packs, from the host and from the program; what is wrong in the end. */
async function load(running: Running, turns: number, count: number) {
  const { mem, zlib, add, select } = running;
  const first = canaries(running, 40, 4096);
  const checks: (() => number)[] = [first];
  let wrong = 0;
  for (let turn = 1; turn <= turns; turn++) {
    const { status } = add(count);
    if (status !== SQLITE_OK) wrong++;
    const report = select(
      `select * from orders where id > ${(turn - 1) * count} order by customer, id`,
    );
    if (report.status !== SQLITE_OK || report.rows !== count) wrong++;
    if (await inflated(running, report) !== report.text) wrong++;
    // The same text by zlib alone, into a block of its own that grows from turn to turn.
    const bound = zlib.compressBound(report.length) >>> 0;
    const [size, to] = [zlib.malloc(4) >>> 0, zlib.malloc(bound + turn * 64) >>> 0];
    mem.u32[size >>> 2] = bound;
    if (zlib.compress2(to, size, report.address, report.length, 1 + turn % 9) !== 0) wrong++;
    const packed = { packed: to, packedLen: mem.u32[size >>> 2] };
    if (await inflated(running, packed) !== report.text) wrong++;
    zlib.free(to);
    zlib.free(size);
    if (turn % 10 === 0) checks.push(canaries(running, 4, 40_000));
  }
  const check = select("pragma integrity_check").text;
  if (check !== "integrity_check\nok\n") wrong++;
  return { check, wrong, lost: checks.reduce((sum, lost) => sum + lost(), 0) };
}

Deno.test("100,000 orders while zlib packs: no heap touches another, and the database is whole", async () => {
  using db = oracle(100_000);
  for (const names of [NAMES, NAMES.toReversed()]) {
    const set = await combined(names);
    const running = await start(set);
    const result = await load(running, 50, 2000);
    assertEquals(result, { check: "integrity_check\nok\n", wrong: 0, lost: 0 });
    const pages = running.memory.buffer.byteLength / 65536;
    assert(pages > set.neededPages + 100, `${pages} pages`);
    for (const sql of QUERIES.slice(1)) assertEquals(running.select(sql).text, expected(db, sql));
    const sum = "select count(*) as n, sum(quantity) as items, count(distinct day) as days," +
      " printf('%.2f', sum(quantity * price)) as total from orders, product where product = product.id";
    const { text } = running.select(sum);
    assertEquals(text, expected(db, sum));
    assertMatch(text, /^n,items,days,total\n100000,/);
    running.close();
  }
});

Deno.test("the same load finds heaps that do overlap", async () => {
  const set = await combined();
  assertEquals(set.layout.startup.map(({ module }) => module), ["sqlite", "zlib"]);
  // As if both mallocs were left to what they take for their own.
  const bare = { ...set, layout: { ...set.layout, startup: [] } };
  try {
    const { wrong, lost } = await load(await start(bare), 10, 2000);
    assert(wrong + lost > 0);
  } catch (error) {
    // One may find its own lists destroyed, and go wherever they lead.
    assert(error instanceof WebAssembly.RuntimeError, String(error));
  }
});

/** The combined example in a folder, as `wasm-share combine` writes it, with `main.ts` as JavaScript. */
async function built({ path }: Folder): Promise<string> {
  const config = fromFileUrl(new URL("wasm-share.config.ts", folder));
  const program = fromFileUrl(new URL("../src/bin.ts", import.meta.url));
  const args = ["run", "-A", program, "combine", "--config", config, "-o", `${path}/out`];
  const combine = await run(Deno.execPath(), args);
  assert(combine.ok, combine.text);
  const { warnings } = await esbuild.build({
    entryPoints: [fromFileUrl(new URL("main.ts", folder))],
    bundle: true,
    format: "esm",
    target: "es2022",
    outfile: `${path}/main.js`,
    alias: {
      "@wasm-share/memory/memory": fromFileUrl(new URL("../src/memory/mod.ts", import.meta.url)),
    },
    logLevel: "silent",
  });
  await esbuild.stop();
  assertEquals(warnings, []);
  return combine.text;
}

Deno.test("main.ts says the same in Deno and in Node: what the README shows", async () => {
  await inFolder({ "package.json": '{ "type": "module" }' }, async (folder) => {
    assertStringIncludes(await built(folder), "3 modules combined");
    const readme = await Deno.readTextFile(
      new URL("../examples/sqlite/README.md", import.meta.url),
    );
    const main = folder.file("main.js");
    const deno = ["run", "--no-config", `--allow-read=${folder.path}`, main];
    const answers = [await run(Deno.execPath(), deno)];
    if (await has("node", "the SQLite example in Node")) answers.push(await run("node", [main]));
    for (const { ok, text } of answers) {
      assert(ok, text);
      assertStringIncludes(readme, "```text\n" + text + "\n```\n");
    }
  });
});

Deno.test("the code in the example's README is that of its sources", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", folder));
  const blocks = [...readme.matchAll(/^```(rust|ts|sh)\n([\s\S]*?)^```$/gm)];
  const paths = [
    "shop/src/lib.rs",
    "shop/src/sqlite.rs",
    "shop/src/zlib.rs",
    "main.ts",
    "build.sh",
  ];
  const sources = await Promise.all(
    [...paths, "wasm-share.config.ts"].map((path) => Deno.readTextFile(new URL(path, folder))),
  );
  const code = sources.join("\n").replace(/^ +/gm, "");
  let compared = 0;
  for (const [, language, block] of blocks) {
    if (language === "sh" && block.includes("deno task")) continue;
    // Parts of a block are divided by a line with an ellipsis.
    for (const part of block.split(/^ *(?:\/\/|#) …\n/m)) {
      assertStringIncludes(code, part.replace(/^ +/gm, "").trim());
      compared++;
    }
  }
  assert(compared >= 6, `${compared} blocks`);
});
