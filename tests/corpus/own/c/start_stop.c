// what: __start_ and __stop_ of a section of one's own, and sections with names
// build: -O2 |
// build o0: -O0 |
// build exported: -O2 | --export=__start_items --export=__stop_items
// build no-merge: -O2 | --no-merge-data-segments
// build pic: -O2 -fPIC |
// build all: -O2 | --export-all
// with: more_items.c -O2
// run: count = 5
// run: sum = 1234
// run: first = 110
// run: in_data = 5
// run: names = -2081264574
#include "own.h"

struct Item {
  const char *name;
  u32 value;
};
#define ITEM(id, value)                                                                         \
  static struct Item id __attribute__((section("items"), used, retain)) = {#id, value}
ITEM(alpha, 1000);
ITEM(beta, 200);
ITEM(gamma, 30);
__attribute__((section("other"), used)) static char other[100] = {5};
extern struct Item __start_items[], __stop_items[];
extern char __start_other[], __stop_other[];
static struct Item *volatile ends[] = {__start_items, __stop_items};

EXPORT(count) u32 count(void) { return __stop_items - __start_items; }
EXPORT(sum) u32 sum(void) {
  u32 total = 0;
  for (struct Item *i = __start_items; i < __stop_items; i++) total += i->value;
  return total;
}
EXPORT(first) u32 first(void) { return (u32)(__stop_other - __start_other) + __start_other[0] + other[0]; }
EXPORT(in_data) u32 in_data(void) { return ends[1] - ends[0]; }
EXPORT(names) u32 names(void) {
  u32 state = 1;
  for (struct Item *i = ends[0]; i < ends[1]; i++) state += hash(i->value, i->name);
  return state;
}
