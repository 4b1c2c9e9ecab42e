// Blocks of random sizes with a pattern in every word; whoever else writes into one is noticed when it is freed.
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define SLOTS 2048

static struct {
  uint32_t *block;
  uint32_t words, tag;
} held[SLOTS];
static uint32_t seed = 1, made, broken, refused;

static uint32_t next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  return seed ^= seed << 5;
}

static void release(uint32_t slot) {
  uint32_t *const block = held[slot].block;
  if (!block) return;
  for (uint32_t at = 0; at < held[slot].words; at++) broken += block[at] != (held[slot].tag ^ at);
  free(block);
  held[slot].block = 0;
}

// Replaces `rounds` of the held blocks by new ones of up to `words` words.
EXPORT("work") void work(uint32_t rounds, uint32_t words) {
  while (rounds--) {
    const uint32_t slot = next() % SLOTS;
    release(slot);
    held[slot].words = 1 + next() % words;
    held[slot].tag = next();
    held[slot].block = malloc(held[slot].words * 4);
    if (!held[slot].block) {
      refused++;
      continue;
    }
    made++;
    for (uint32_t at = 0; at < held[slot].words; at++) held[slot].block[at] = held[slot].tag ^ at;
  }
}

EXPORT("finish") uint32_t finish(void) {
  for (uint32_t slot = 0; slot < SLOTS; slot++) release(slot);
  return broken;
}
EXPORT("made") uint32_t get_made(void) { return made; }
EXPORT("refused") uint32_t get_refused(void) { return refused; }
EXPORT("pages") uint32_t pages(void) { return __builtin_wasm_memory_size(0); }
EXPORT("heap_base") char *heap_base(void) {
  extern char __heap_base;
  return &__heap_base;
}
EXPORT("block") uint32_t *block(uint32_t bytes) { return malloc(bytes); }
