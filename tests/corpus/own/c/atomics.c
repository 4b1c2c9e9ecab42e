// what: atomic loads, stores and exchanges of static data, in a memory that is not shared
// build: -O2 -matomics -mbulk-memory |
// build o0: -O0 -matomics -mbulk-memory |
// run: add 3 5 = 5
// run: add 3 6 = 11
// run: swap 3 1 = 11
// run: compare 1 9 = 1
// run: compare 1 9 = 0
// run: wide 5 = 26
// run: narrow 200 = 65000
// run: narrow 200 = 65144
#include "own.h"

static _Atomic u32 cells[8];
static _Atomic u64 longs[4] = {1, 2};
static _Atomic uint8_t small[4];
static _Atomic uint16_t half = 65000;
static _Atomic u32 *volatile at3 = &cells[3];

EXPORT(add) u32 add(u32 at, u32 by) { cells[at] += by; return *at3; }
EXPORT(swap) u32 swap(u32 at, u32 to) { return __c11_atomic_exchange(&cells[at], to, 5); }
EXPORT(compare) u32 compare(u32 from, u32 to) {
  return __c11_atomic_compare_exchange_strong(&cells[3], &from, to, 5, 5);
}
EXPORT(wide) u32 wide(u32 by) {
  longs[1] += (u64)by << 32;
  longs[0] |= longs[1] >> 30;
  __atomic_thread_fence(5);
  return (u32)(longs[1] >> 32) + (u32)longs[0];
}
EXPORT(narrow) u32 narrow(u32 by) {
  small[1] += by;
  half ^= by;
  return small[1]-- + half++;
}
