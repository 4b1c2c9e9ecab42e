/* Statics in data and .bss, and functions that trap. */
#include "check.h"

#define EXPORT(name) __attribute__((export_name(#name), noinline))

int total(const int *first, unsigned count);
void *total_counter(void);

int failures;
int stock[6] = {3, 1, 4, 1, 5, 9};
static const char *names[] = {"bolt", "gear", "nut"};
static unsigned calls[4];

EXPORT(stock_at) int stock_at(unsigned index) {
  static int last = 7;
  calls[0]++;
  last += stock[check(index, 6)];
  return last;
}

EXPORT(stock_total) int stock_total(unsigned count) {
  calls[1]++;
  return total(stock, count) * 10; /* call: stock_total */
}

EXPORT(stock_share) int stock_share(int count, int among) {
  calls[2] += count;
  return count / among; /* trap: stock_share */
}

EXPORT(stock_name) const char *stock_name(unsigned index) {
  return names[check(index, 3)];
}

EXPORT(stock_far) int stock_far(unsigned offset) {
  calls[3]++;
  const volatile int *far = (const volatile int *)(0xffffff00u + offset);
  return *far; /* trap: stock_far */
}

#ifdef __OPTIMIZE__ /* Without, data lies elsewhere: case.json has one answer for all links. */
EXPORT(stock_address) int *stock_address(void) {
  return stock;
}

EXPORT(calls_address) unsigned *calls_address(void) {
  return calls;
}

EXPORT(counter_address) void *counter_address(void) {
  return total_counter();
}
#endif

/* Nobody calls it: the linker leaves it out, and its debug information has tombstones. */
int unused_table[4] = {1, 2, 3, 4};
int unused(int value) {
  static int memory;
  memory += value;
  return memory * unused_table[value & 3];
}
