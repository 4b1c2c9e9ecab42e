// A table of its own, which the linker numbers before the function table.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static __externref_t kept[0];

EXPORT("keep") int32_t keep(__externref_t value) {
  return __builtin_wasm_table_grow(kept, value, 1);
}

static int32_t one(void) { return 1; }
static int32_t two(void) { return 2; }
static int32_t (*const volatile functions[])(void) = {one, two};
EXPORT("call") int32_t call(uint32_t which) { return functions[which](); }
