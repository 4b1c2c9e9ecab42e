// C++ with the allocator of wasi-libc.
#include <cstring>
#include <new>
#include <string_view>

#include "reading.h"

// [out]
static uint32_t live;  // how many are out

extern "C" EXPORT(reading_free) void reading_free(Reading *r) {
  delete[] r->name;
  delete r;
  live--;
}

extern "C" EXPORT(reading_new) Reading *reading_new(uint32_t id, const char *name, uint32_t len) {
  char *copy = new (std::nothrow) char[len];
  if (!copy) return nullptr;
  std::memcpy(copy, name, len);
  auto *r = new (std::nothrow) Reading{id, id * 1.5, 2, copy, len, reading_free};
  if (r) live++;
  else delete[] copy;
  return r;
}

extern "C" EXPORT(greeting) void greeting(Text *out) {
  static constexpr std::string_view text = "Grüße aus C++";
  *out = {text.data(), text.size()};
}
// [/out]

extern "C" EXPORT(reading_count) uint32_t reading_count() { return live; }

// [in]
extern "C" EXPORT(reading_check) uint32_t reading_check(const Reading *r) {
  uint32_t sum = r->id * 31 + r->kind + static_cast<uint32_t>(r->value * 4);
  std::string_view name(r->name, r->name_len);  // no copy
  for (char letter : name) sum = sum * 31 + static_cast<uint8_t>(letter);
  return sum;
}

extern "C" EXPORT(reading_scale) void reading_scale(Reading *r, double by) { r->value *= by; }

extern "C" EXPORT(reading_done) void reading_done(Reading *r) { r->release(r); }
// [/in]

// [callback]
using Visit = uint32_t (*)(const Reading *, void *context);

extern "C" EXPORT(reading_lend) uint32_t reading_lend(uint32_t id, Visit visit, void *context) {
  constexpr std::string_view name = "lent by C++";
  Reading r{id, id * 1.5, 2, name.data(), name.size(), nullptr};
  return visit(&r, context);
}

extern "C" EXPORT(reading_visitor) Visit reading_visitor() {
  return [](const Reading *r, void *context) -> uint32_t {
    return *static_cast<uint32_t *>(context) += reading_check(r);
  };
}
// [/callback]
