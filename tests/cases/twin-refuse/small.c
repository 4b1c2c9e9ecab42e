// A small program. What is defined makes another one of it.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define KEEP __attribute__((noinline))

static uint32_t numbers[50] = {1, 2, 3};
static uint32_t zeros[500];
#ifdef OTHER_BYTE
static const char *const names[] = {"one", "twp", "three"};
#else
static const char *const names[] = {"one", "two", "three"};
#endif
#ifdef OTHER_CONSTANT
enum { SCALE = 10001 };
#else
enum { SCALE = 10000 };
#endif
typedef uint32_t (*Operation)(uint32_t);
static uint32_t KEEP twice(uint32_t n) { return 2 * n; }
static uint32_t KEEP square(uint32_t n) { return n * n; }
static Operation const operations[] = {twice, square};

EXPORT("sum") uint32_t sum(uint32_t count) {
  uint32_t total = 0;
#ifdef OTHER_FUNCTION
  for (uint32_t i = count; i-- > 0;) total = total * 3 + numbers[i % 50];
#else
  for (uint32_t i = 0; i < count; i++) total += numbers[i % 50] * SCALE;
#endif
  zeros[count % 500] += total;
  return zeros[(count + 1) % 500] + total;
}
EXPORT("name") const char *name(uint32_t at) { return names[at % 3]; }
EXPORT("operate") uint32_t operate(uint32_t at, uint32_t n) { return operations[at % 2](n); }

#ifdef MORE
EXPORT("more") uint32_t more(uint32_t at) { return numbers[at % 50] + 7; }
#endif
// What a compiler makes of known addresses, and what no two links can prove.
#ifdef FOLDED
EXPORT("folded") uint32_t folded(void) { return ((uint32_t)(uintptr_t)&numbers[0] >> 16 & 15) + zeros[1]; }
#endif
#ifdef BIT
EXPORT("bit") uint32_t bit(void) { return ((uint32_t)(uintptr_t)&numbers[0] >> 19 & 1) + zeros[1]; }
#endif
#ifdef SHIFTED
EXPORT("shifted") uint32_t shifted(void) { return (uint32_t)(uintptr_t)&numbers[1] >> 2; }
#endif
#ifdef SCALED
EXPORT("scaled") uint32_t scaled(void) { return (uint32_t)(uintptr_t)&numbers[1] * 31; }
#endif
#ifdef ADDED
EXPORT("added") uint32_t added(void) { return (uint32_t)(uintptr_t)numbers + (uint32_t)(uintptr_t)zeros; }
#endif
#ifdef FLOATING
EXPORT("floating") double floating(void) { return (double)(uintptr_t)&numbers[1]; }
#endif
#ifdef COMPARED
EXPORT("compared") uint32_t compared(void) { return (uintptr_t)zeros > 0x18000; }
#endif
#ifdef SLOT
EXPORT("slot") uint32_t slot(void) { return (uint32_t)(uintptr_t)square << 3; }
#endif
// In one link this is at 66560: its function is the same as one that returns a number.
#ifdef MERGED
__attribute__((aligned(1024))) static uint32_t first[4] = {9};
EXPORT("address") uint32_t *address(void) { first[1]++; return first; }
EXPORT("merged_address") uint32_t *KEEP merged_address(void) { return first; }
EXPORT("merged_number") uint32_t KEEP merged_number(void) { return 66560; }
#endif
