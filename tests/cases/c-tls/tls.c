// Thread-local data without threads: compiled with atomics, but linked without a shared memory.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static _Thread_local uint32_t first = 17;
static _Thread_local uint32_t second[3] = {1, 2, 3};
static _Thread_local uint32_t *pointer;
static uint32_t plain = 1000;
static uint32_t *const plain_pointer = &plain;

EXPORT("next") uint32_t next(void) {
  pointer = pointer ? pointer : &second[1];
  *pointer += 5;
  return first++ + *pointer * 100 + *((uint32_t *const volatile *)&plain_pointer)[0];
}

EXPORT("place") uint32_t *place(void) { return &first; }
EXPORT("add") uint32_t add(uint32_t value) {
  return __atomic_add_fetch(&plain, value, __ATOMIC_SEQ_CST);
}
