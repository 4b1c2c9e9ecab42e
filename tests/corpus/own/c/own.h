// What the programs share.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define KEEP __attribute__((noinline))
#define ALIGNED(n) __attribute__((aligned(n)))

typedef uint32_t u32;
typedef uint64_t u64;

static inline u32 hash_bytes(u32 state, const void *from, u32 size) {
  for (const uint8_t *p = from; size--; p++) state = (state ^ *p) * 0x01000193u;
  return state;
}

static inline u32 hash(u32 state, const char *text) {
  for (; *text; text++) state = (state ^ (uint8_t)*text) * 0x01000193u;
  return state;
}
