// Every kind of place that the linker fills in: code, data, table slots, the linker's own symbols,
// weak symbols that nothing defines.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((visibility("default"))) uint32_t numbers[8] = {3, 1, 4, 1, 5, 9, 2, 6};
static uint32_t *const cursor = &numbers[4];
static const char *const names[] = {"first", "second"};
static uint32_t zeroes[100];

static uint32_t half(uint32_t a) { return a / 2; }
static uint32_t twice(uint32_t a) { return a * 2; }
static uint32_t (*const operations[])(uint32_t) = {half, twice};

extern uint8_t __heap_base[], __heap_end[], __data_end[];
extern uint32_t absent[] __attribute__((weak));
extern uint32_t missing(uint32_t) __attribute__((weak));

EXPORT("number") uint32_t number(uint32_t which) { return numbers[which % 8] + zeroes[which]++; }
EXPORT("at_cursor") uint32_t at_cursor(void) { return ((uint32_t *const volatile *)&cursor)[0][0]; }
EXPORT("name") const char *name(uint32_t which) { return names[which % 2]; }
EXPORT("operate") uint32_t operate(uint32_t which, uint32_t a) { return operations[which](a); }
EXPORT("numbers_address") uint32_t *numbers_address(void) { return numbers; }
EXPORT("heap") uint32_t heap(void) { return __heap_end - __heap_base; }
EXPORT("heap_base") uint8_t *heap_base(void) { return __heap_base; }
EXPORT("data_end") uint8_t *data_end(void) { return __data_end; }
EXPORT("weak") uint32_t weak(void) { return (absent ? 1 : 0) + (missing ? 2 : 0); }
EXPORT("slot") uint32_t (*slot(void))(uint32_t) { return twice; }

__attribute__((noinline)) static uint32_t fill(volatile uint32_t *to, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) to[i] = i;
  return to[n - 1];
}
EXPORT("stack") uint32_t stack(uint32_t n) {
  volatile uint32_t buffer[16];
  return fill(buffer, n % 16 + 1);
}
