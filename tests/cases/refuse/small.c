// A small program whose addresses are in code, in data and in an exported global.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((visibility("default"))) uint32_t numbers[8] = {3, 1, 4, 1, 5, 9, 2, 6};
static uint32_t *const cursor = &numbers[4];
static const char *const names[] = {"first", "second"};
static uint32_t zeroes[100];

static uint32_t half(uint32_t a) { return a / 2; }
static uint32_t twice(uint32_t a) { return a * 2; }
static uint32_t (*const operations[])(uint32_t) = {half, twice};

EXPORT("number") uint32_t number(uint32_t which) { return numbers[which % 8] + zeroes[which]++; }
EXPORT("at_cursor") uint32_t at_cursor(void) { return ((uint32_t *const volatile *)&cursor)[0][0]; }
EXPORT("name") const char *name(uint32_t which) { return names[which % 2]; }
EXPORT("operate") uint32_t operate(uint32_t which, uint32_t a) { return operations[which](a); }
EXPORT("numbers_address") uint32_t *numbers_address(void) { return numbers; }
