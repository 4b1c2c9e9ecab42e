// What both objects of comdat.cpp have.
#pragma once
#include "../cxx/own.h"
#include <typeinfo>
struct Base {
  virtual ~Base() = default;
  virtual u32 value() const { return 1; }
};
struct Thing : Base {
  u32 value() const override { return 10; }
};
inline u32 &counter_of() {
  static u32 counter = 100;
  return counter;
}
inline u32 KEEP counted(u32 by) { return counter_of() += by; }
template <u32 N> u32 KEEP scaled(u32 x) { return x * N; }
template <u32 N> struct Names {
  static inline const char *const all[N] = {"zero", "one", "two"};
};
