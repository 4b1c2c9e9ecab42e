// what: static constructors with priorities, destructors, guards, inline variables, templates
// build: -O2 |
// build o0: -O0 |
// build pic: -O2 -fPIC |
// build atexit: -O2 -fno-use-cxa-atexit |
// build guards: -O2 -fthreadsafe-statics |
// libs: cxx
// run: order = 321654
// run: value 3 = 4
// run: guarded 5 = 67
// run: guarded 6 = 68
// run: table 1 = 1764962993
#include "own.h"
static u32 order_seen = 0;
struct Step {
  u32 number;
  explicit Step(u32 n) : number(n) { order_seen = order_seen * 10 + n; }
  ~Step() { order_seen = 0; }
};
static Step six __attribute__((init_priority(400)))(6);
static Step three __attribute__((init_priority(101)))(3);
static Step two __attribute__((init_priority(102)))(2);
static Step one __attribute__((init_priority(103)))(1);
static Step five(5);
static Step four(4);
template <u32 N> struct Table {
  static inline u32 cells[N] = {N, N + 1};
  static inline const char *name = "table";
};
inline Step *steps[] = {&one, &two, &three, &four, &five, &six};
EXPORT(order) u32 order() { return order_seen; }
EXPORT(value) u32 value(u32 at) { return const_cast<Step *volatile *>(steps)[at]->number; }
static u32 KEEP start() { return order_seen % 100; }
EXPORT(guarded) u32 guarded(u32 x) {
  static u32 total = start() + x;
  static Step inner(7);
  return ++total + inner.number;
}
EXPORT(table) u32 table(u32 at) { return Table<5>::cells[at] + Table<7>::cells[at] * 10 + hash(1, Table<9>::name); }
