// what: undefined functions that become imports, called and with their address taken
// build: -O2 | --import-undefined
// build allow: -O2 | --allow-undefined
// build o0: -O0 | --import-undefined
// build pic: -O2 -fPIC | --import-undefined
// build table: -O2 | --import-undefined --import-table --growable-table --import-memory
// build wrap: -O2 | --import-undefined --wrap=host
// run: direct 4 = 909
// run: pointed 0 4 = 9
// run: pointed 1 4 = 9
// run: pointed 2 4 = 3
// run: compare = 7
#include "own.h"
int host(int);
int host_too(int) __attribute__((import_module("host"), import_name("too")));
int maybe(int) __attribute__((weak));
static int KEEP local(int x) { return x - 1; }
static int (*const calls[])(int) = {host, host_too, local};
static int (*volatile current)(int) = host_too;
EXPORT(direct) int direct(int x) { return host(x) * 100 + host_too(x); }
EXPORT(pointed) int pointed(int at, int x) { return ((int (*const volatile *)(int))calls)[at](x); }
EXPORT(compare) int compare(void) {
  int (*const volatile *all)(int) = calls;
  return (current == host_too) | (all[0] == host) << 1 | (all[0] != all[1]) << 2 | (maybe ? 8 : 0);
}
