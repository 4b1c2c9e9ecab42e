// what: position independent and ordinary objects in one program
// build: -O2 |
// build other: -O2 -fPIC |
// build hidden: -O2 -fPIC -fvisibility=hidden |
// build pie: -O2 -fPIE |
// with: mixed_other.c -O2 -fPIC
// with: mixed_third.c -O2
// run: sum 1 = 809
// run: call 0 5 = 163
// run: call 1 5 = 241
// run: call 2 5 = 132
// run: same = 7
// run: bump 3 = 16
// run: bump 4 = 27
#include "own.h"
extern u32 other_data[10], third_data[10], *other_pointer;
u32 other_call(u32 x), third_call(u32 x);
u32 shared_call(u32 x) { return x * 7; }
u32 shared_data[10] = {1, 2, 3};
extern u32 (*const other_calls[2])(u32);
static u32 (*const calls[])(u32) = {other_call, third_call, shared_call};
extern u32 nowhere[] __attribute__((weak));
static char text[] = "static text";

EXPORT(sum) u32 sum(u32 at) { return other_data[at] + third_data[at] * 10 + shared_data[at] * 100 + *other_pointer + (u32)nowhere; }
EXPORT(call) u32 call(u32 at, u32 x) { return ((u32(*const volatile *)(u32))calls)[at](x) + text[at]; }
EXPORT(same) u32 same(void) { return (((u32(*const volatile *)(u32))other_calls)[0] == shared_call) + (((u32(*const volatile *)(u32))other_calls)[1] == third_call) * 2 + (other_pointer == &shared_data[2]) * 4; }
EXPORT(bump) u32 bump(u32 by) {
  *other_pointer += by;
  other_data[5] += shared_data[2];
  return other_call(0) + other_data[5];
}
