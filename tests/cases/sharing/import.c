// Calls a module called `store` by name, from C.
#include "reading.h"

// [import]
#define STORE(name) __attribute__((import_module("store"), import_name(#name)))
STORE(reading_new) Reading *store_new(uint32_t id, const char *name, uint32_t len);
STORE(reading_free) void store_free(Reading *r);

EXPORT(visit_store) double visit_store(uint32_t id) {
  static const char name[] = "Füße";
  Reading *r = store_new(id, name, sizeof name - 1);
  if (!r) return -1;
  double value = r->value;
  store_free(r);  // the owner's own function
  return value;
}
// [/import]
