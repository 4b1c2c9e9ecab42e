// C that imports functions, takes the address of one, and exports data as globals.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))

IMPORT("one") uint32_t one(uint32_t);
IMPORT("other") uint32_t other(uint32_t);

static uint32_t local(uint32_t value) { return value - 1; }

// An import in data, and in a slot of the table.
static uint32_t (*const functions[])(uint32_t) = {one, local};

// Exported as immutable globals that hold their addresses.
uint32_t numbers[6] = {1, 1, 2, 3, 5, 8};
uint32_t empty[9];
const char text[] = "exported";

EXPORT("call") uint32_t call(uint32_t which, uint32_t value) {
  return ((uint32_t(*const volatile *)(uint32_t))functions)[which](value) + numbers[which];
}
EXPORT("direct") uint32_t direct(uint32_t value) { return other(value) * 10 + ++empty[value % 9]; }
EXPORT("slot") uint32_t (*slot(uint32_t which))(uint32_t) { return which ? other : one; }
EXPORT("numbers_address") uint32_t *numbers_address(void) { return numbers; }
EXPORT("text_address") const char *text_address(void) { return text; }
