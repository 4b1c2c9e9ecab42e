/* For all drivers: bytes to work on, and a short form of bytes to print. */
#ifndef DRIVE_H
#define DRIVE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words in an order that repeats, but not soon. */
static inline void fill(unsigned char *to, size_t size) {
  static const char *const words[] = {"linear ", "memory ", "of ", "many ", "modules ", "moves ",
                                      "as ",     "a ",      "whole, ", "table ", "too.\n", "0123456789 "};
  uint32_t state = 12345;
  size_t at = 0;
  while (at < size) {
    state = state * 1664525u + 1013904223u;
    for (const char *word = words[(state >> 16) % (sizeof words / sizeof *words)]; *word && at < size;)
      to[at++] = (unsigned char) *word++;
  }
}

/* FNV-1a. */
static inline uint32_t hash(const void *from, size_t size) {
  const unsigned char *bytes = (const unsigned char *) from;
  uint32_t value = 2166136261u;
  for (size_t at = 0; at < size; at++) value = (value ^ bytes[at]) * 16777619u;
  return value;
}

/* Prints whether a codec gave back what it got. */
static inline void told(const char *name, size_t packed, const void *bytes, const void *first,
                        const void *second, size_t size) {
  printf("%s: %u -> %u bytes, %08x, %s\n", name, (unsigned) size, (unsigned) packed,
         (unsigned) hash(bytes, packed), memcmp(first, second, size) ? "differs" : "same");
}
#endif
