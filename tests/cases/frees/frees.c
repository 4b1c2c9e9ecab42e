// Blocks that others may free, and frees of whatever address is given: with malloc of wasi-libc of 2022.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define SLOTS 512

EXPORT("block") char *block(uint32_t bytes) { return malloc(bytes); }
EXPORT("release") void release(char *address) { free(address); }
EXPORT("resize") char *resize(char *address, uint32_t bytes) { return realloc(address, bytes); }

static char statics[64] = "static data";
EXPORT("statics") char *get_statics(void) { return statics + 16; }
EXPORT("frame") uint32_t frame(void) {
  volatile char local[64];
  local[0] = 1;
  return (uint32_t)(uintptr_t)&local[16];
}

static struct {
  unsigned char *block;
  uint32_t size;
} held[SLOTS];
static uint32_t seed = 1;
static uint32_t next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  return seed ^= seed << 5;
}

// Makes, changes and frees `rounds` blocks of up to `most` bytes. How many bytes were not what they must be.
EXPORT("churn") uint32_t churn(uint32_t rounds, uint32_t most) {
  uint32_t broken = 0;
  while (rounds--) {
    const uint32_t at = next() % SLOTS, size = 1 + next() % most;
    const unsigned char tag = (unsigned char)at;
    if (held[at].block) {
      broken += held[at].block[0] != tag || held[at].block[held[at].size - 1] != tag;
      if (next() % 4) {
        free(held[at].block);
        held[at].block = 0;
        continue;
      }
    }
    held[at].block = realloc(held[at].block, size);
    if (!held[at].block) return ~0u;
    held[at].size = size;
    held[at].block[0] = held[at].block[size - 1] = tag;
  }
  return broken;
}
