// what: thread-local data: lowered to plain data, or offsets from the linker's own __tls_base
// build: -O2 |
// build o0: -O0 |
// build atomics: -O2 -matomics -mbulk-memory |
// build atomics-o0: -O0 -matomics -mbulk-memory |
// build atomics-stripped: -O2 -matomics -mbulk-memory | --strip-all
// build atomics-export: -O2 -matomics -mbulk-memory | --export=__tls_base
// build atomics-pic: -O2 -matomics -mbulk-memory -fPIC |
// run: add 0 5 = 6
// run: add 1 7 = 9
// run: add 15 1 = 18
// run: name = 102
// run: plain 3 = 103
// run: plain 4 = 107
// run: pointer = 3
// run: large 40 = 42
#include "own.h"

static _Thread_local int values[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17};
static _Thread_local const char *text = "thread";
static _Thread_local ALIGNED(64) int zero;
_Thread_local int wide[100];
static int total = 100;

EXPORT(add) int add(int at, int by) { return values[at & 15] += by; }
EXPORT(name) int name(void) { return text[5] + text[0] - text[1] - 10 - (int)((u32)&zero & 63) + zero; }
EXPORT(plain) int plain(int by) { return total += by; }
EXPORT(pointer) int pointer(void) {
  int *volatile p = &values[1];
  *p = 3;
  return values[1];
}
EXPORT(large) int large(int at) {
  wide[at] += 42;
  int sum = 0;
  for (int i = 0; i < 100; i++) sum += wide[i];
  return sum;
}
