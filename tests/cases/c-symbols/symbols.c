// The symbols that the linker makes. This module refers to `__heap_base` alone, so it owns all
// memory above it.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

extern char __heap_base, __data_end, __global_base, __stack_low, __stack_high, __dso_handle;
extern char __start_things[], __stop_things[];

__attribute__((section("things"), used)) static const uint32_t things[] = {3, 1, 4, 1, 5};
static char block[100] = {1};
static char zeroes[200];

// Absolute symbols in data.
static char *const places[] = {&__heap_base, &__data_end, &__stack_high, __stop_things};

EXPORT("heap_base") char *heap_base(void) { return &__heap_base; }
EXPORT("heap_base_in_data") char *heap_base_in_data(void) {
  return ((char *const volatile *)places)[0];
}
EXPORT("data_end") char *data_end(void) { return &__data_end; }
EXPORT("data_end_in_data") char *data_end_in_data(void) {
  return ((char *const volatile *)places)[1];
}
EXPORT("global_base") char *global_base(void) { return &__global_base; }
EXPORT("stack_low") char *stack_low(void) { return &__stack_low; }
EXPORT("stack_high") char *stack_high(void) { return &__stack_high; }
EXPORT("stack_high_in_data") char *stack_high_in_data(void) {
  return ((char *const volatile *)places)[2];
}
EXPORT("dso_handle") char *dso_handle(void) { return &__dso_handle; }
EXPORT("block") char *block_address(void) { return block; }

// How much of the stack is in use.
EXPORT("stack_used") uint32_t stack_used(void) {
  volatile char frame[160];
  frame[0] = 1;
  return (uint32_t)(&__stack_high - frame);
}

// Words between the linker's two ends of a section.
EXPORT("things") uint32_t things_sum(void) {
  uint32_t sum = 0;
  const uint32_t *end = (const uint32_t *)places[3];
  for (const uint32_t *each = (const uint32_t *)__start_things; each < end; each++)
    sum = sum * 10 + *each;
  return sum;
}

// A heap that only grows: from `__heap_base` to the memory's size, then more.
static char *top;
static char *take(uint32_t size) {
  if (!top) top = &__heap_base;
  char *taken = top;
  top += (size + 15) & ~15u;
  int32_t missing = (int32_t)(((uint32_t)top + 65535) / 65536 - __builtin_wasm_memory_size(0));
  if (missing > 0) __builtin_wasm_memory_grow(0, missing);
  return taken;
}

EXPORT("fill") uint32_t fill(uint32_t size, uint32_t value) {
  char *taken = take(size);
  for (uint32_t i = 0; i < size; i++) taken[i] = (char)(value + i);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < size; i++) sum = sum * 7 + (uint8_t)taken[i];
  return sum + block[0] + zeroes[size % 200]++;
}
EXPORT("take") char *take_some(uint32_t size) { return take(size); }
