// what: debug information of several thread-local variables; with atomics it holds offsets from __tls_base
// build: -O1 -g |
// build atomics: -O1 -g -matomics -mbulk-memory |
// build atomics-pic: -O1 -g -fPIC -matomics -mbulk-memory |
// run: sum 3 = 66
// run: sum 4 = 71
#include "own.h"
_Thread_local u32 first = 10;
static _Thread_local u32 second[4] = {1, 2, 3, 20};
_Thread_local u32 third = 30;
u32 plain = 3;
EXPORT(sum) u32 sum(u32 by) {
  first += by;
  second[1] += by;
  plain += by / 4;
  return first + second[3] + third + plain;
}
