// what: aligned data, addressed with base | offset
// build: -O2 |
// build o0: -O0 |
// build o3: -O3 |
// build merged-not: -O2 | --no-merge-data-segments
// run: get 0 0 = 4
// run: get 1 3 = 13
// run: get 2 7 = 2
// run: get 3 31 = 82
// run: set 3 5 9 = -1190298176
// run: set 63 5 9 = -204801530
// run: low_bits = 0
// run: set 17 5 9 = 2015621721
#include "own.h"

static ALIGNED(32) u32 a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static char odd = 3;
static ALIGNED(64) u32 b[16] = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
static ALIGNED(256) u32 c[64];
static char more[3] = {1, 2, 3};
static ALIGNED(4096) u32 d[1024];
static ALIGNED(4096) const u32 e[1024] = {[3] = 77, [900] = 5};

EXPORT(get) u32 get(u32 which, u32 at) {
  switch (which) {
    case 0: return a[at & 7] + odd;
    case 1: return b[at & 15];
    case 2: return c[at & 63] + more[1];
    default: return d[at & 1023] + e[(at & 3)] + e[900];
  }
}
EXPORT(set) u32 set(u32 at, u32 x, u32 y) {
  b[at & 15] += x;
  c[at & 63] += y;
  d[(at * 16) & 1023] += x + y;
  c[(at & 15) | 16] ^= x;
  u32 sum = odd++;
  for (int i = 0; i < 16; i++) sum = sum * 31 + b[i];
  for (int i = 0; i < 64; i++) sum = sum * 31 + c[i];
  for (int i = 0; i < 1024; i++) sum = sum * 31 + d[i];
  return sum;
}
EXPORT(low_bits) u32 low_bits(void) {
  static u32 *volatile p[] = {a, b, c, d};
  *p[2] += *p[0] + *p[1];
  return ((u32)p[0] & 31) | ((u32)p[1] & 63) | ((u32)p[2] & 255) | ((u32)p[3] & 4095) | ((u32)e & 4095) | (c[0] == 0);
}
