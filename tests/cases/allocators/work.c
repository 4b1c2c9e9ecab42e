// Blocks that one module allocates and another frees: every allocation function of C.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint32_t kept;

static void *by(uint32_t how, uint32_t size) {
  void *block = 0;
  switch (how) {
    case 0: return malloc(size);
    case 1: return calloc(size, 1);
    case 2: return realloc(0, size);
#ifdef ALIGNED
    case 3: return aligned_alloc(64, (size + 63) & -64u);
    case 4: return posix_memalign(&block, 256, size) ? 0 : block;
#endif
  }
  return 0;
}

static void fill(uint8_t *block, uint32_t size, uint32_t seed) {
  for (uint32_t at = 0; at < size; at++) block[at] = (uint8_t)(seed * 31 + at);
}

EXPORT("make") void *make(uint32_t how, uint32_t size, uint32_t seed) {
  uint8_t *const block = by(how, size);
  if (!block) return 0;
  // What calloc gives is zero, whatever lay there before.
  for (uint32_t at = 0; how == 1 && at < size; at++) kept += block[at] != 0;
  fill(block, size, seed);
  return block;
}
// How many bytes are not what `make` wrote.
EXPORT("lost") uint32_t lost(const uint8_t *block, uint32_t size, uint32_t seed) {
  uint32_t lost = 0;
  for (uint32_t at = 0; at < size; at++) lost += block[at] != (uint8_t)(seed * 31 + at);
  return lost;
}
EXPORT("resize") void *resize(void *block, uint32_t old, uint32_t size, uint32_t seed) {
  uint8_t *const moved = realloc(block, size);
  if (moved) kept += lost(moved, old < size ? old : size, seed);
  if (moved) fill(moved, size, seed);
  return moved;
}
EXPORT("drop") void drop(void *block) { free(block); }
// Bytes of `calloc` that were not zero, and of `realloc` that were not kept.
EXPORT("wrong") uint32_t wrong(void) { return kept; }
// Sizes that cannot be had.
EXPORT("refuses") uint32_t refuses(void) {
  volatile size_t huge = 0xffffffffu, many = 0x10000u;
  // Seen by nobody, so that the compiler asks for them.
  void *volatile blocks[] = {malloc(huge), calloc(many, many), malloc(huge - 15)};
  return (blocks[0] == 0) | (blocks[1] == 0) << 1 | (blocks[2] == 0) << 2;
}
// A copy that libc allocates.
EXPORT("copy") char *copy(const char *text) { return strdup(text); }
// The address of free, for others to call.
EXPORT("free_address") void (*free_address(void))(void *) { return free; }
EXPORT("call_free") void call_free(void (*give)(void *), void *block) { give(block); }
