// what: weak definitions that another object overrides, aliases, objects with and without LTO
// build: -O2 |
// build lto: -O2 -flto |
// build thin: -O2 -flto=thin | --lto-O1
// build lto-pic: -O2 -flto -fPIC |
// build late: -O2 | --export-dynamic --no-gc-sections
// with: override_other.c -O2
// run: chosen 2 = 222
// run: table 1
// run: aliased 3 = 43
// run: called 0 5 = 500
// run: called 1 5 = 15
#include "own.h"
__attribute__((weak)) u32 setting[3] = {1, 2, 3};
__attribute__((weak)) const char *names[2] = {"weak", "weaker"};
__attribute__((weak)) u32 KEEP action(u32 x) { return x; }
u32 KEEP original(u32 x) { return x * 3; }
u32 alias(u32) __attribute__((alias("original")));
u32 numbers[4] = {10, 20, 30, 40};
extern u32 numbers_alias[4] __attribute__((alias("numbers")));
static u32 *volatile where = &setting[2];
static u32 (*volatile calls[])(u32) = {action, alias};
EXPORT(chosen) u32 chosen(u32 at) { return setting[at] + *where - setting[2]; }
EXPORT(table) u32 table(u32 at) { return hash(1, names[at]); }
EXPORT(aliased) u32 aliased(u32 at) {
  numbers[at] += 3;
  return numbers_alias[at];
}
EXPORT(called) u32 called(u32 at, u32 x) { return calls[at](x); }
