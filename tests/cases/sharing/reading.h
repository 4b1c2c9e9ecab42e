// One record, the same in C, C++, Rust, Zig and TypeScript.
#pragma once
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

// [struct]
typedef struct Reading {
  uint32_t id;                        // offset 0; then 4 bytes of padding
  double value;                       // 8
  uint8_t kind;                       // 16; then 3 bytes of padding
  const char *name;                   // 20: UTF-8, no zero byte at the end
  uint32_t name_len;                  // 24: in bytes
  void (*release)(struct Reading *);  // 28: a function of the owner
} Reading;

static_assert(sizeof(Reading) == 32, "as in the other languages");
static_assert(offsetof(Reading, name) == 20, "as in the other languages");

typedef struct Text {
  const char *ptr;
  uint32_t len;
} Text;

#define EXPORT(name) __attribute__((export_name(#name)))
// [/struct]
