#pragma once
// [animal]
#include <cstdint>

struct Animal {
  virtual ~Animal() = default;
  virtual uint32_t legs() const { return 4; }
  virtual uint32_t call(uint32_t times) = 0;
};
struct Dog : Animal {
  uint32_t barked = 0;
  uint32_t call(uint32_t times) override { return barked += times; }
};
// [/animal]
#define EXPORT(name) __attribute__((export_name(#name)))
