/* Functions that need much of the stack, beside data that an overflow would overwrite. */
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name))) name
#define WORDS 4096
#define PATTERN(at) (0xc0ffee00u + (at))

/* Filled, so that it lies in front of the stack of a module whose stack is not at address 0. */
static volatile uint32_t canary[WORDS] = {1};

void EXPORT(fill)(void) {
  for (uint32_t at = 0; at < WORDS; at++) canary[at] = PATTERN(at);
}

/* How many words of the data were changed. */
uint32_t EXPORT(lost)(void) {
  uint32_t lost = 0;
  for (uint32_t at = 0; at < WORDS; at++) lost += canary[at] != PATTERN(at);
  return lost;
}

__attribute__((noinline)) static uint32_t sum(volatile uint8_t *bytes, uint32_t size, uint32_t seed) {
  uint32_t result = 0;
  for (uint32_t at = 0; at < size; at += 4) bytes[at] = (uint8_t)(seed + at);
  for (uint32_t at = 0; at < size; at += 4) result += bytes[at];
  return result;
}

/* A frame of 64 bytes for each level. */
__attribute__((noinline)) uint32_t EXPORT(deep)(uint32_t levels) {
  volatile uint8_t frame[64];
  uint32_t own = sum(frame, sizeof frame, levels);
  if (levels == 0) return own;
  return deep(levels - 1) + own + frame[0];
}

/* The same with no room of its own on the lowest level but the red zone. */
__attribute__((noinline)) static uint32_t leaf(uint32_t seed) {
  volatile uint8_t frame[96];
  for (uint32_t at = 0; at < sizeof frame; at++) frame[at] = (uint8_t)(seed + at);
  return frame[seed % sizeof frame];
}

__attribute__((noinline)) uint32_t EXPORT(deep_leaf)(uint32_t levels) {
  volatile uint8_t frame[16];
  frame[levels % 16] = (uint8_t)levels;
  return levels == 0 ? leaf(levels) : deep_leaf(levels - 1) + frame[levels % 16];
}

uint32_t EXPORT(with_alloca)(uint32_t size) {
  return sum(__builtin_alloca(size), size, 7);
}

uint32_t EXPORT(with_vla)(uint32_t times, uint32_t size) {
  uint32_t result = 0;
  for (uint32_t time = 0; time < times; time++) {
    volatile uint8_t bytes[size];
    result += sum(bytes, size, time);
  }
  return result;
}

/* One word at the low end of a frame of that size: where it is if nothing checks. */
__attribute__((noinline)) static uint32_t touch(volatile uint8_t *bytes) {
  bytes[0] = 42;
  return bytes[0];
}

uint32_t EXPORT(large)(void) {
  volatile uint8_t bytes[0x4000];
  return touch(bytes);
}

/* Larger than all addresses below the stack. */
uint32_t EXPORT(huge)(void) {
  volatile uint8_t bytes[0x8000000];
  return touch(bytes);
}

/* Hardly anything but calls, each with a frame: what a check costs at most. */
__attribute__((noinline)) uint32_t EXPORT(fib)(uint32_t n) {
  volatile uint32_t own = n;
  return n < 2 ? own : fib(own - 1) + fib(own - 2);
}

/* The same where nothing is called: LLVM then leaves the stack pointer as it is. */
__attribute__((always_inline)) static inline uint32_t fill_and_sum(volatile uint8_t *bytes, uint32_t size,
                                                                   uint32_t seed) {
  uint32_t result = 0;
  for (uint32_t at = 0; at < size; at += 4) bytes[at] = (uint8_t)(seed + at);
  for (uint32_t at = 0; at < size; at += 4) result += bytes[at];
  return result;
}

uint32_t EXPORT(leaf_alloca)(uint32_t size) {
  return fill_and_sum(__builtin_alloca(size), size, 7);
}

uint32_t EXPORT(leaf_vla)(uint32_t times, uint32_t size) {
  uint32_t result = 0;
  for (uint32_t time = 0; time < times; time++) {
    volatile uint8_t bytes[size];
    result += fill_and_sum(bytes, size, time);
  }
  return result;
}
