// what: the address of an imported function: an undefined symbol with a slot
// build: -O2 |
// build o0: -O0 |
// build pic: -O2 -fPIC |
// build table: -O2 | --import-table --growable-table
// run: direct 99 = 8
// run: through_data 0 99 = 8
// run: through_data 1 99 = 16
// run: through_code 1 99 = 8
// run: through_code 0 99 = 16
// run: same = 3
#include "own.h"

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_close"))) int
fd_close(int fd);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("sched_yield"))) int
sched_yield(void);

static int KEEP twice(int fd) { return fd_close(fd) * 2; }
static int (*const calls[])(int) = {fd_close, twice};
static int (*volatile current)(int) = fd_close;
static int (*volatile yields)(void) = sched_yield;

EXPORT(direct) int direct(int fd) { return fd_close(fd); }
EXPORT(through_data) int through_data(int at, int fd) { return ((int (*const volatile *)(int))calls)[at](fd) + yields(); }
EXPORT(through_code) int through_code(int which, int fd) {
  int (*call)(int) = which ? fd_close : twice;
  return call(fd);
}
EXPORT(same) int same(void) { return (current == fd_close) + (calls[0] == current) * 2; }
