// what: addresses in the offset of loads and stores: every width, floats, bulk memory
// build: -O2 |
// build o1: -O1 |
// build mvp: -O2 -mcpu=mvp |
// build bulk: -O2 -mbulk-memory -mnontrapping-fptoint -msign-ext |
// build lime: -O2 -mcpu=lime1 |
// libs: reactor
// run: ints 3 700 = 706
// run: ints 11 -5 = 13
// run: narrow 7 250 = 253
// run: narrow 8 300 = 460
// run: floats 5 2.5 = 13.25
// run: wide 4 3 = 34
// run: store 4 = 94
// run: field = 39
// run: copy 9 = -1858826433
// run: fill 200 7 = -178787009
#include "own.h"

struct Big {
  char head[3000];
  int value;
  short small;
  char tail[2000];
  double number;
};
static struct Big big = {.value = 30, .small = 4, .number = 5.5};
static int ints_data[100] = {[3] = 3, [11] = 9};
static uint8_t bytes[100] = {[7] = 8, [8] = 9};
static int8_t signed_bytes[100] = {[7] = -3, [8] = 7};
static uint16_t halves[100] = {[7] = 10, [8] = 56};
static float singles[20] = {[5] = 1.5f};
static double doubles[20] = {[5] = 9.25};
static u64 longs[20] = {[4] = 0x100000001ull, [5] = 1};
static int results[10];
static char from[500] = "some text to be copied around", to[500];

EXPORT(ints) int ints(int at, int by) { return ints_data[at] + (ints_data[at] += by) ; }
EXPORT(narrow) int narrow(int at, int by) {
  bytes[at] += by;
  signed_bytes[at] += by;
  halves[at] += by;
  return bytes[at] + signed_bytes[at] + halves[at];
}
EXPORT(floats) double floats(int at, float by) {
  singles[at] += by;
  doubles[at] += singles[at] - 4;
  return doubles[at] + singles[at];
}
EXPORT(wide) u32 wide(int at, int by) {
  longs[at] += (u64)by << 32;
  longs[at + 1] += longs[at] >> 32;
  uint32_t *half = (uint32_t *)&longs[at];
  return (u32)(longs[at + 1]) * 6 + half[1];
}
EXPORT(store) int store(int at) {
  results[at] = 77;
  results[at + 1] = 8;
  results[5] += 9;
  return results[4] + results[5];
}
EXPORT(field) int field(void) { return big.value + big.small + (int)big.number; }
EXPORT(copy) u32 copy(u32 at) {
  __builtin_memcpy(to, from, 400);
  __builtin_memmove(to + 3, to, 200);
  big.tail[1999] = to[at + 3];
  return hash_bytes(1, to, 500) + hash_bytes(at, big.tail, 2000);
}
EXPORT(fill) u32 fill(u32 size, u32 with) {
  __builtin_memset(to, with, size);
  __builtin_memset(to + 200, with + 1, 100);
  return hash_bytes(with, to, 500);
}
