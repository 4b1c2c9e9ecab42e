// What the programs share.
#pragma once
#include <cstddef>
#include <cstdint>

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))
#define KEEP __attribute__((noinline))
using u32 = uint32_t;
using u64 = uint64_t;

inline u32 hash(u32 state, const char *text) {
  for (; *text; text++) state = (state ^ (uint8_t)*text) * 0x01000193u;
  return state;
}
