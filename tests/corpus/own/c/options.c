// what: flags of the linker that change the layout or the memory
// build global-base: -O2 | --global-base=300000 | 300000
// build global-base-low: -O2 | --no-stack-first --global-base=2048 | 2048
// build memory: -O2 | --initial-memory=4194304
// build memory-max: -O2 | --initial-memory=1048576 --max-memory=8388608 | | b
// build no-growth: -O2 | --no-growable-memory
// build heap: -O2 | --initial-heap=1048576
// build stack: -O2 | -z stack-size=131072 | 131072 | s
// build stack-small: -O2 | -z stack-size=1024 | 1024
// build stack-last: -O2 | --no-stack-first -z stack-size=131072 | 1024
// build import-memory: -O2 | --import-memory
// build import-memory-named: -O2 | --import-memory=host,shared_memory
// build export-memory: -O2 | --import-memory --export-memory=ram
// build no-features: -O2 | --no-check-features
// build features: -O2 | --features=mutable-globals,bulk-memory,bulk-memory-opt,call-indirect-overlong,sign-ext,multivalue,reference-types,nontrapping-fptoint
// build extra-features: -O2 | --extra-features=simd128
// build keep-section: -O2 | --strip-all --keep-section=producers --keep-section=target_features
// build build-id: -O2 | --build-id=0x1234abcd
// build whole: -O2 | --whole-archive --no-whole-archive --no-demangle
// build wrap: -O2 -DWRAP | --wrap=helper
// build entry: -O2 | --entry=boot
// build multiple: -O2 | --allow-multiple-definition
// build gc-off: -O2 -ffunction-sections -fdata-sections | --no-gc-sections --export-dynamic
// build optimised: -O2 | -O3
// build tables-and-data: -O2 | --table-base=300 --global-base=131072 --growable-table | 131072
// run: add 5
// run: add 7
// run: name 2 = 651684945
// run: call 1 9 = 82
// run: call 0 9
// run: frame 50 = 3026
// run: far 49999 3 = 50003
// run: booted = 1
#include "own.h"

static u32 boots = 1;
static u32 totals[4] = {1, 2, 3, 4};
static const char *const names[] = {"red", "green", "blue"};
static char bss[50000];
static char *volatile bss_end = bss + sizeof bss;
u32 KEEP helper(u32 x) { return x + totals[1]; }
#ifdef WRAP
u32 __real_helper(u32 x);
u32 KEEP __wrap_helper(u32 x) { return __real_helper(x) * 2; }
#endif
static u32 KEEP square(u32 x) { return x * x + boots; }
static u32 (*const calls[])(u32) = {helper, square};

EXPORT(boot) void boot(void) { boots++; }
EXPORT(add) u32 add(u32 by) { return helper(totals[by & 3] += by); }
EXPORT(name) u32 name(u32 at) { return hash(1, ((const char *const volatile *)names)[at]); }
EXPORT(call) u32 call(u32 at, u32 x) { return ((u32(*const volatile *)(u32))calls)[at](x); }
EXPORT(frame) u32 frame(u32 n) {
  volatile u32 local[60];
  for (u32 i = 0; i < n; i++) local[i] = i * i;
  return local[n / 2] + local[n - 1];
}
EXPORT(far) u32 far(u32 at, u32 by) {
  bss[at] += by;
  return bss_end[-1] + (u32)(bss_end - bss);
}
EXPORT(booted) u32 booted(void) { return boots; }
