// Position independent C, linked statically: code reaches data through globals, but data that points
// to data holds plain addresses.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char *const names[] = {"red", "green", "blue"};
static uint32_t values[4] = {10, 20, 30, 40};
static uint32_t *const ends[] = {&values[0], &values[3]};
uint32_t shared = 7;
uint32_t *shared_pointer = &shared;

// Of default visibility: reached through a global of their own each.
#define VISIBLE __attribute__((visibility("default")))
VISIBLE uint32_t visible[3] = {100, 200, 300};
VISIBLE uint32_t visible_function(uint32_t a) { return a + visible[2]; }
EXPORT("visible_slot") uint32_t (*visible_slot(void))(uint32_t) { return visible_function; }
EXPORT("call_visible") uint32_t call_visible(uint32_t a) {
  uint32_t (*volatile function)(uint32_t) = visible_function;
  visible[a % 3]++;
  return function(a);
}

static uint32_t plus(uint32_t a) { return a + shared; }
static uint32_t times(uint32_t a) { return a * shared; }
static uint32_t (*const operations[])(uint32_t) = {plus, times};

#ifdef BSS
uint32_t zeroes[500];
static uint32_t *const middle = &zeroes[250];

EXPORT("zero") uint32_t zero(uint32_t index, uint32_t value) {
  zeroes[index % 500] += value;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 500; i++) sum += zeroes[i] * i;
  return sum + *((uint32_t *const volatile *)&middle)[0];
}
#endif

EXPORT("name") const char *name(uint32_t which) { return names[which % 3]; }

EXPORT("range") uint32_t range(void) {
  uint32_t sum = 0;
  for (uint32_t *each = ends[0]; each <= ((uint32_t *const volatile *)ends)[1]; each++)
    sum = sum * 3 + *each;
  return sum;
}

EXPORT("operate") uint32_t operate(uint32_t which, uint32_t a) { return operations[which % 2](a); }

EXPORT("change") uint32_t change(uint32_t value) {
  *shared_pointer += value;
  values[value % 4]++;
  return shared;
}

// The address of a function of this file, in code.
EXPORT("chosen_slot") uint32_t (*chosen_slot(uint32_t which))(uint32_t) {
  return which ? plus : times;
}

EXPORT("operation_slot") uint32_t (*operation_slot(uint32_t which))(uint32_t) {
  return operations[which % 2];
}

// A number that is the address of this module's data as linked, and means no address.
EXPORT("decoy") uint32_t decoy(void) {
  static const volatile uint32_t number = 0x12345;
  return number;
}
