// The part that is not position independent: its addresses are constants in code.
#include <stdint.h>

static const char *const days[] = {"monday", "tuesday", "wednesday"};
static uint32_t seen[3];

const char *day(uint32_t which) {
  seen[which % 3]++;
  return days[which % 3];
}

uint32_t days_seen(void) { return seen[0] + seen[1] * 10 + seen[2] * 100; }
