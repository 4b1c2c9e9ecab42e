/* A second file, so that there are two units and a call from one into the other. */
#include "check.h"

static struct {
  int calls, largest;
} counter = {100, 0};

static int larger(int a, int b) {
  return a > b ? a : b;
}

__attribute__((noinline)) int total(const int *first, unsigned count) {
  int sum = 0;
  counter.calls++;
  for (unsigned i = 0; i < count; i++) {
    sum += first[check(i, 6)];
    counter.largest = larger(counter.largest, sum);
  }
  return sum;
}

void *total_counter(void) {
  return &counter;
}

static int unused_sum;
int unused_total(int value) {
  return unused_sum += value;
}
