// Address arithmetic that wasm-opt writes in shapes of its own.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

// The first thing in data, and with it at an address that is a power of two.
static struct {
  uint32_t key, size;
  char text[24];
} entries[100] = {{1, 2, "first"}};
static char pool[5000] = "pool";
typedef __typeof__(entries[0]) Entry;

EXPORT("add") uint32_t add(uint32_t key) {
  static uint32_t count;
  entries[count % 100].key += key;
  pool[count % 5000] = (char)key;
  return ++count;
}
// The arguments come from outside: addresses as numbers, from the first thing in data on.
EXPORT("first") Entry *first(void) { return entries; }
EXPORT("second") char *second(void) { return pool; }
// An address is subtracted, alone and with numbers around it.
EXPORT("at") uint32_t at(const char *p) { return (uint32_t)(p - pool); }
EXPORT("index") uint32_t index_of(const Entry *p) { return (uint32_t)(p - entries) + 1; }
EXPORT("behind") uint32_t behind(const char *p) { return (uint32_t)(p + 12 - pool); }
EXPORT("moved") uint32_t moved(const char *p, int32_t by) { return (uint32_t)((p + by + 12) - (pool + 40)); }
EXPORT("left") uint32_t left(const char *p) { return (uint32_t)(pool + sizeof pool - p); }
// Something is subtracted from an address.
EXPORT("before") const char *before(uint32_t by) { return pool + 2500 - by; }
EXPORT("before_first") const char *before_first(uint32_t by) { return (char *)entries + by; }
EXPORT("field") uint32_t field(uint32_t at) { return *(const uint32_t *)((const char *)entries + (at & ~3u)); }
// The same address, negated and inverted.
EXPORT("negative") int32_t negative(int32_t at) {
  volatile int32_t result = -(int32_t)(uintptr_t)&pool[at];
  return result + (int32_t)(uintptr_t)pool;
}
EXPORT("inverted") int32_t inverted(void) {
  volatile int32_t result = ~(int32_t)(uintptr_t)&pool[3];
  return result + (int32_t)(uintptr_t)pool;
}
EXPORT("last") int32_t last(void) {
  int32_t sum = 0;
  for (Entry *each = entries + 99; each >= entries; each--) sum = sum * 3 + (int32_t)each->key;
  return sum;
}
EXPORT("equal") uint32_t equal(const char *p) { return (p + 1 == pool + 30) + 2 * (p + 1 == (char *)entries + 31); }
// An address beside another number in 64 bits.
EXPORT("pair") uint32_t pair(uint32_t which) {
  volatile uint64_t both = (uint64_t)7 << 32 | (uintptr_t)pool;
  return which ? (uint32_t)(both >> 32) : (uint32_t)both - (uint32_t)(uintptr_t)pool;
}
// The same in the upper half.
EXPORT("upper") uint32_t upper(uint32_t which) {
  volatile uint64_t both = (uint64_t)(uintptr_t)&pool[5] << 32 | 9;
  return which ? (uint32_t)both : (uint32_t)(both >> 32) - (uint32_t)(uintptr_t)pool;
}
// The low half of an address, as long as it moves by whole pages.
EXPORT("low") uint32_t low(void) { return (uintptr_t)&pool[17] & 0xffff; }
EXPORT("high") uint32_t high(void) { return (uintptr_t)&pool[17] & ~0xffffu; }
