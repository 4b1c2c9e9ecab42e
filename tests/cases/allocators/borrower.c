// Imports malloc and free instead of having some.
#include <stddef.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))
IMPORT("malloc") void *malloc(size_t);
IMPORT("free") void free(void *);

__attribute__((export_name("work"))) uint32_t work(uint32_t rounds) {
  uint32_t lost = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t *const block = malloc(400);
    for (uint32_t at = 0; at < 100; at++) block[at] = round ^ at;
    uint32_t *const other = malloc(round);
    for (uint32_t at = 0; at < 100; at++) lost += block[at] != (round ^ at);
    free(block);
    free(other);
  }
  return lost;
}
