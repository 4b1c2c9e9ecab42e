/* For all programs: what they export, and bytes to work on. */
#ifndef PROGRAM_H
#define PROGRAM_H
#include "drive.h"
/* RUN is the name of the entry: does the work `n` times, gives a hash of what came out. */
__attribute__((visibility("default"))) unsigned RUN(unsigned n);
/* More bytes into a hash. */
static inline uint32_t mix(uint32_t value, const void *from, size_t size) {
  return (value * 31) ^ hash(from, size);
}
#endif
