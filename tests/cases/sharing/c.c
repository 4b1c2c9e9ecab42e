// C with malloc of wasi-libc.
#include <stdlib.h>
#include <string.h>

#include "reading.h"

// [out]
static uint32_t live;  // how many are out

EXPORT(reading_free) void reading_free(Reading *r) {
  free((char *)r->name);
  free(r);
  live--;
}

EXPORT(reading_new) Reading *reading_new(uint32_t id, const char *name, uint32_t len) {
  Reading *r = malloc(sizeof *r);
  char *copy = malloc(len ? len : 1);
  if (!r || !copy) {
    free(r);
    free(copy);
    return NULL;
  }
  memcpy(copy, name, len);  // the caller's text may be gone tomorrow
  *r = (Reading){id, id * 1.5, 1, copy, len, reading_free};
  live++;
  return r;
}

EXPORT(greeting) void greeting(Text *out) {
  static const char text[] = "Grüße aus C";
  *out = (Text){text, sizeof text - 1};
}
// [/out]

EXPORT(reading_count) uint32_t reading_count(void) { return live; }

// [in]
EXPORT(reading_check) uint32_t reading_check(const Reading *r) {
  uint32_t sum = r->id * 31 + r->kind + (uint32_t)(r->value * 4);
  for (uint32_t i = 0; i < r->name_len; i++) sum = sum * 31 + (uint8_t)r->name[i];
  return sum;
}

EXPORT(reading_scale) void reading_scale(Reading *r, double by) { r->value *= by; }

EXPORT(reading_done) void reading_done(Reading *r) { r->release(r); }
// [/in]

// [callback]
typedef uint32_t (*Visit)(const Reading *, void *context);

EXPORT(reading_lend) uint32_t reading_lend(uint32_t id, Visit visit, void *context) {
  const char name[] = "lent by C";
  Reading r = {id, id * 1.5, 1, name, sizeof name - 1, NULL};
  return visit(&r, context);
}

static uint32_t add(const Reading *r, void *context) {
  uint32_t *sum = context;
  return *sum += reading_check(r);
}

EXPORT(reading_visitor) Visit reading_visitor(void) { return add; }
// [/callback]

// [reenter]
typedef uint32_t (*Step)(uint32_t left, void *own, void *other);

// Calls the other function, which calls this one, until nothing is left.
EXPORT(countdown) uint32_t countdown(uint32_t left, void *own, void *other) {
  volatile uint32_t here[16] = {left};  // 64 bytes of this module's stack
  if (left == 0) return 0;
  return ((Step)other)(left - 1, other, own) + here[0];
}
// [/reenter]

EXPORT(countdown_step) Step countdown_step(void) { return countdown; }

// Where its stack is.
EXPORT(stack_here) uint32_t stack_here(void) {
  uint32_t local;
  void *volatile here = &local;
  return (uint32_t)here;
}
EXPORT(stack_of) uint32_t stack_of(uint32_t (*here)(void)) { return here(); }
EXPORT(stack_visitor) uint32_t (*stack_visitor(void))(void) { return stack_here; }
