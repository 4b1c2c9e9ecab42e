// what: debug information, which holds addresses of data and functions
// build: -O2 -g |
// build o0: -O0 -g |
// build dwarf4: -O1 -g -gdwarf-4 |
// build dwarf5-types: -O2 -gdwarf-5 -fdebug-types-section |
// build strip-debug: -O2 -g | --strip-debug
// build strip-all: -O2 -g | --strip-all
// build pic: -O2 -g -fPIC |
// build lines: -O2 -gline-tables-only |
// build gc: -O2 -g -ffunction-sections -DUNUSED |
// build no-gc: -O2 -g -ffunction-sections -DUNUSED | --no-gc-sections
// build tls: -O2 -g -DTHREAD=_Thread_local |
// build tls-atomics: -O2 -g -matomics -mbulk-memory -DTHREAD=_Thread_local |
// build lto: -O2 -g -flto |
// run: use 2 5 = 1047
// run: use 1 9 = 3080
// run: names = 286853539
#include "own.h"
#ifndef THREAD
#define THREAD
#endif

struct Pair {
  const char *name;
  u32 value;
};
static struct Pair pairs[] = {{"left", 10}, {"right", 20}, {"middle", 30}};
static THREAD u32 state = 7;
u32 visible[10];
#ifdef UNUSED
u32 unused_data[20] = {5};
u32 unused_function(u32 x) { return unused_data[x] * 3; }
#endif

static u32 KEEP update(struct Pair *pair, u32 by) {
  static u32 calls;
  calls++;
  pair->value += by;
  return calls * 1000 + pair->value;
}
EXPORT(use) u32 use(u32 at, u32 by) {
  struct Pair *pair = &pairs[at];
  visible[at] = by;
  state += update(pair, by);
  return state + visible[at];
}
EXPORT(names) u32 names(void) {
  u32 result = 1;
  for (u32 i = 0; i < 3; i++) result = hash(result, ((struct Pair volatile *)pairs)[i].name);
  return result;
}
