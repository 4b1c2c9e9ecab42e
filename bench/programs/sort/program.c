/* Ours: the C library's sort, which calls back through a function pointer. */
#include "program.h"
static uint32_t numbers[20000];
uint32_t compared;
int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
  compared++;
  return (x > y) - (x < y);
}
unsigned RUN(unsigned n) {
  uint32_t value = 0, state = 1;
  compared = 0;
  while (n--) {
    for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++)
      numbers[at] = state = state * 1664525u + 1013904223u;
    qsort(numbers, sizeof numbers / sizeof *numbers, sizeof *numbers, by_value);
    value = mix(value, numbers, sizeof numbers);
  }
  return value ^ compared;
}
