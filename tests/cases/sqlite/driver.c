// Calls SQLite as a program would, on a database in memory, and returns checksums.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

#define EXPORT(name) __attribute__((export_name(name)))

// The one of wasi-libc writes to stderr.
_Noreturn void abort(void) { __builtin_trap(); }

static sqlite3 *db;
static char message[200];

static uint32_t hash(uint32_t state, const char *text) {
  for (; *text; text++) state = (state ^ (uint8_t)*text) * 0x01000193u;
  return state;
}

// A function of ours that SQL calls.
static void twice(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_int(context, 2 * sqlite3_value_int(values[0]));
}

// The file system: none.
static int no_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)vfs, (void)name, (void)flags, (void)out;
  file->pMethods = NULL;
  return SQLITE_CANTOPEN;
}
static int no_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs, (void)name, (void)sync;
  return SQLITE_IOERR_DELETE;
}
static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs, (void)name, (void)flags;
  *out = 0;
  return SQLITE_OK;
}
static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}
// Not random, so that every run is the same.
static int randomness(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  for (int i = 0; i < size; i++) out[i] = (char)(i * 37 + 11);
  return size;
}
static int no_sleep(sqlite3_vfs *vfs, int time) {
  (void)vfs;
  return time;
}
static int fixed_time(sqlite3_vfs *vfs, double *day) {
  (void)vfs;
  *day = 2460000.5;
  return SQLITE_OK;
}
static sqlite3_vfs vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(sqlite3_file),
    .mxPathname = 100,
    .zName = "none",
    .xOpen = no_open,
    .xDelete = no_delete,
    .xAccess = no_access,
    .xFullPathname = full_path,
    .xRandomness = randomness,
    .xSleep = no_sleep,
    .xCurrentTime = fixed_time,
};
int sqlite3_os_init(void) { return sqlite3_vfs_register(&vfs, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }

EXPORT("open") int open_database(void) {
  const int status = sqlite3_open(":memory:", &db);
  if (status) return status;
  return sqlite3_create_function(db, "twice", 1, SQLITE_UTF8, NULL, twice, NULL, NULL);
}

static int collect(void *state, int count, char **values, char **names) {
  for (int i = 0; i < count; i++) {
    *(uint32_t *)state = hash(*(uint32_t *)state, names[i]);
    *(uint32_t *)state = hash(*(uint32_t *)state, values[i] ? values[i] : "null");
  }
  return 0;
}

static const char *const scripts[] = {
    "create table item(id integer primary key, name text, price real);"
    "create index by_name on item(name);",
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
    " insert into item select i, printf('item %05d', i * 7919 % 3000), i * 0.25 from n;",
    "select count(*), sum(price), min(name), max(name) from item;",
    "select name, twice(id), round(sqrt(price), 3) from item where name like '%7%' order by name"
    " limit 50;",
    "select upper(substr(name, 1, 4)) as kind, avg(price), group_concat(id % 7) from item"
    " where id < 200 group by id % 3 having count(*) > 2;",
    "create virtual table words using fts5(text); insert into words values"
    " ('the quick brown fox'), ('a lazy dog'), ('the fox and the dog');"
    "select rowid, highlight(words, 0, '[', ']') from words where words match 'fox AND the';",
    "create virtual table box using rtree(id, x0, x1, y0, y1);"
    "insert into box select id, id, id + 2, id * 2, id * 2 + 1 from item where id < 500;"
    "select count(*), sum(id) from box where x1 > 100 and x0 < 120 and y1 > 210;",
    "select date(), typeof(1.5), json('{\"a\": [1, 2, {\"b\": null}]}') ->> '$.a[2]';",
    "begin; delete from item where id % 2; rollback; pragma integrity_check;",
    "explain query plan select * from item where name = 'item 00042';",
};

// Runs a script: a checksum of all it returns, or minus its error.
EXPORT("run") int32_t run(uint32_t which) {
  uint32_t state = 0x811c9dc5u;
  char *error = NULL;
  const int status = sqlite3_exec(db, scripts[which], collect, &state, &error);
  if (error) sqlite3_snprintf(sizeof message, message, "%s", error);
  sqlite3_free(error);
  return status ? -status : (int32_t)(state >> 1);
}

EXPORT("fail") const char *fail(void) {
  char *error = NULL;
  sqlite3_exec(db, "select nothing from item where", NULL, NULL, &error);
  sqlite3_snprintf(sizeof message, message, "%s", error ? error : "none");
  sqlite3_free(error);
  return message;
}

EXPORT("last_error") const char *last_error(void) { return message; }
EXPORT("version") const char *version(void) { return sqlite3_libversion(); }
EXPORT("close") int close_database(void) { return sqlite3_close(db); }
