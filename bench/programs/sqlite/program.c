#include "program.h"
#include <sqlite3.h>
/* A file system without files: databases in memory still want one. */
static int no_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  file->pMethods = NULL;
  return SQLITE_CANTOPEN;
}
static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) { return *out = 0; }
static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}
static int randomness(sqlite3_vfs *vfs, int size, char *out) {
  for (int at = 0; at < size; at++) out[at] = (char) (at * 37 + 11);
  return size;
}
static int fixed_time(sqlite3_vfs *vfs, double *day) {
  *day = 2460000.5;
  return SQLITE_OK;
}
static sqlite3_vfs vfs = {.iVersion = 1,
                          .szOsFile = sizeof(sqlite3_file),
                          .mxPathname = 100,
                          .zName = "none",
                          .xOpen = no_open,
                          .xAccess = no_access,
                          .xFullPathname = full_path,
                          .xRandomness = randomness,
                          .xCurrentTime = fixed_time};
int sqlite3_os_init(void) { return sqlite3_vfs_register(&vfs, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }
static uint32_t value;
static int row(void *data, int count, char **texts, char **names) {
  for (int at = 0; at < count; at++)
    if (texts[at]) value = mix(value, texts[at], strlen(texts[at]));
  return 0;
}
unsigned RUN(unsigned n) {
  sqlite3 *db;
  char text[200];
  value = 0;
  if (sqlite3_open(":memory:", &db)) return 1;
  if (sqlite3_exec(db, "create table t(a integer primary key, b text, c real); create index i on t(b)", 0, 0, 0)) return 2;
  sqlite3_exec(db, "begin", 0, 0, 0);
  for (unsigned at = 0; at < n; at++) {
    snprintf(text, sizeof text, "insert into t values(%u, 'name %u', %u.5)", at, (at * 7919) % 1009, at % 97);
    if (sqlite3_exec(db, text, 0, 0, 0)) return 3;
  }
  sqlite3_exec(db, "commit", 0, 0, 0);
  if (sqlite3_exec(db,
                   "select b, count(*), sum(c) from t group by b order by 3 desc, 1 limit 50;"
                   "select count(*) from t x join t y on x.b = y.b where x.a < y.a;"
                   "with recursive k(x) as (select 1 union all select x + 1 from k where x < 2000)"
                   " select sum(x * x), group_concat(x % 7, '') from k;"
                   "update t set c = c * 2 where a % 3 = 0; select total(c), max(b), avg(length(b)) from t",
                   row, 0, 0))
    return 4;
  sqlite3_close(db);
  return value;
}
