// what: undefined weak data and functions stay 0, also with an addend, in code and in data
// build: -O2 |
// build o0: -O0 |
// build import: -O2 | --import-undefined
// build allow: -O2 | --allow-undefined
// build warn: -O2 | --unresolved-symbols=ignore-all
// build pic: -O2 -fPIC |
// build pic-import: -O2 -fPIC | --import-undefined
// run: data 0 = 1
// run: data 3 = 16
// run: in_data = 50
// run: functions = 20
// run: call 5 = 15
// run: defined 2 = 36
#include "own.h"

extern int absent[] __attribute__((weak));
extern char absent_bytes[] __attribute__((weak));
int absent_function(int) __attribute__((weak));
int absent_too(int) __attribute__((weak));
__attribute__((weak)) int present[4] = {10, 20, 30, 40};
__attribute__((weak)) int present_function(int x) { return x * 3; }

static int *volatile pointers[] = {absent, &absent[3], present, &present[3]};
static char *volatile bytes[] = {absent_bytes, absent_bytes + 100};
static int (*volatile calls[])(int) = {absent_function, present_function, absent_too};

EXPORT(data) u32 data(u32 at) {
  u32 sum = absent ? 1000 : 1;
  if (absent_bytes) sum += 5000;
  return sum + (u32)(&absent[at]) + (u32)(absent_bytes + at);
}

EXPORT(in_data) u32 in_data(void) {
  u32 sum = 0;
  for (int i = 0; i < 2; i++) sum = sum * 1000 + (u32)pointers[i];
  for (int i = 0; i < 2; i++) sum = sum * 1000 + (u32)bytes[i];
  return sum + *pointers[2] + *pointers[3];
}

EXPORT(functions) u32 functions(void) {
  return (absent_function ? 1 : 0) | (absent_too ? 2 : 0) | (present_function ? 4 : 0) |
         (calls[0] ? 8 : 0) | (calls[1] ? 16 : 0) | (calls[2] ? 32 : 0);
}

EXPORT(call) int call(int x) {
  if (absent_function) return absent_function(x);
  if (calls[2]) return calls[2](x);
  return calls[1](x);
}

EXPORT(defined) int defined(int at) { return present[at] + present_function(at); }
