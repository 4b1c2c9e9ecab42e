// what: function pointers in code and data, with the table's options
// build: -O2 |
// build o0: -O0 |
// build growable: -O2 | --growable-table
// build exported: -O2 | --export-table
// build exported-growable: -O2 | --export-table --growable-table
// build imported: -O2 | --import-table
// build imported-growable: -O2 | --import-table --growable-table
// build base: -O2 | --table-base=7
// build imported-base: -O2 | --import-table --table-base=1000 | | t
// build tail: -O2 -mtail-call -DTAIL=__attribute__((musttail)) |
// build reference: -O2 -mreference-types |
// build mvp: -O2 -mcpu=mvp |
// build pic: -O2 -fPIC |
// build pic-all: -O2 -fPIC | --export-all --export-table
// run: by_name 0 6 = 12
// run: by_name 1 6 = 36
// run: by_name 2 6 = 11
// run: table 0 9 = 18
// run: table 3 9 = 18
// run: nested 1 5 = 25
// run: replace 1 7 = 49
// run: replace 1 7 = 14
// run: compare = 3
// run: deep 100 = 5050
// run: cast 3 4 = 7
#include "own.h"
#ifndef TAIL
#define TAIL
#endif

typedef u32 (*Op)(u32);
static u32 KEEP twice(u32 x) { return x * 2; }
static u32 KEEP square(u32 x) { return x * x; }
static u32 KEEP plus(u32 x) { return x + 5; }
static Op const table_data[] = {twice, square, plus, twice};
struct Menu {
  const char *title;
  Op op;
  const struct Menu *next;
};
static const struct Menu last = {"last", square, 0};
static const struct Menu first = {"first", twice, &last};
static Op current = square;
static Op *const where = &current;
static u32 KEEP add2(u32 x, u32 y) { return x + y; }
static void (*any)(void) = (void (*)(void))add2;

EXPORT(by_name) u32 by_name(u32 at, u32 x) {
  Op op = at == 0 ? twice : at == 1 ? square : plus;
  return op(x);
}
EXPORT(table) u32 table(u32 at, u32 x) { return ((Op const volatile *)table_data)[at](x); }
EXPORT(nested) u32 nested(u32 depth, u32 x) {
  const struct Menu *volatile menu = &first;
  while (depth--) menu = menu->next;
  return menu->op(x) + (menu->title[0] == 'l' ? 0 : 100);
}
EXPORT(replace) u32 replace(u32 on, u32 x) {
  Op old = *where;
  *where = on && old == square ? twice : square;
  return old(x);
}
EXPORT(compare) u32 compare(void) { return (((Op const volatile *)table_data)[0] == ((Op const volatile *)table_data)[3]) + (first.op != last.op) * 2; }
static u32 KEEP sum(u32 n, u32 total);
static u32 (*volatile step)(u32, u32) = sum;
static u32 KEEP sum(u32 n, u32 total) {
  if (!n) return total;
  TAIL return step(n - 1, total + n);
}
EXPORT(deep) u32 deep(u32 n) { return sum(n, 0); }
EXPORT(cast) u32 cast(u32 x, u32 y) { return ((u32(*)(u32, u32))*(void (*volatile *)(void))&any)(x, y); }
