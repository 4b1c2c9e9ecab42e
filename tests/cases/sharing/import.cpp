// Calls a module called `store` by name, from C++.
#include <memory>
#include <string_view>

#include "reading.h"

// [import]
#define STORE(name) __attribute__((import_module("store"), import_name(#name)))
extern "C" STORE(reading_new) Reading *store_new(uint32_t id, const char *name, uint32_t len);
extern "C" STORE(reading_free) void store_free(Reading *r);

struct StoreFree {
  void operator()(Reading *r) const { store_free(r); }  // the owner's own function
};
using StoreReading = std::unique_ptr<Reading, StoreFree>;

extern "C" EXPORT(visit_store) double visit_store(uint32_t id) {
  constexpr std::string_view name = "Füße";
  StoreReading r(store_new(id, name.data(), name.size()));
  return r ? r->value : -1;
}
// [/import]
