// what: the symbols that the linker makes, in code and in data
// build: -O2 |
// build o0: -O0 |
// build data-first: -O2 | --no-stack-first | 1024
// build high: -O2 | --global-base=200000 | 200000
// build exported: -O2 | --export=__heap_base --export=__heap_end --export=__data_end --export=__stack_low --export=__stack_high --export=__global_base --export=__dso_handle --export=__wasm_first_page_end
// build stripped: -O2 | --strip-all --export-all
// build pic: -O2 -fPIC |
// run: first_page = 65536
// run: order = 255
// run: in_data = 1
// run: distances = 41120
// run: use 7 = 21
#include "own.h"

extern char __heap_base[], __heap_end[], __data_end[], __stack_low[], __stack_high[];
extern char __global_base[], __dso_handle[], __wasm_first_page_end[];

static char filled[100] = {1};
static char zero[5000];
static char *volatile addresses[] = {__heap_base, __heap_end,    __data_end,   __stack_low,
                                     __stack_high, __global_base, __dso_handle, __wasm_first_page_end};

EXPORT(first_page) u32 first_page(void) { return (u32)__wasm_first_page_end; }
EXPORT(order) u32 order(void) {
  u32 heap = (u32)__heap_base, end = (u32)__heap_end, data = (u32)__data_end;
  char local;
  char *volatile here = &local;
  return (heap >= data) | (heap <= end) << 1 | ((u32)filled < data) << 2 | ((u32)(zero + 5000) <= data) << 3 |
         ((u32)here >= (u32)__stack_low) << 4 | ((u32)here < (u32)__stack_high) << 5 |
         ((u32)__global_base <= (u32)filled) << 6 | ((u32)__dso_handle == (u32)__global_base) << 7;
}
EXPORT(in_data) u32 in_data(void) {
  return addresses[0] == __heap_base && addresses[1] == __heap_end && addresses[2] == __data_end &&
         addresses[3] == __stack_low && addresses[4] == __stack_high && addresses[5] == __global_base &&
         addresses[6] == __dso_handle && addresses[7] == __wasm_first_page_end;
}
EXPORT(distances) u32 distances(void) { return (u32)(__data_end - __global_base) * 7 + (u32)(addresses[2] - filled); }
EXPORT(use) u32 use(u32 by) {
  char *heap = addresses[0];
  heap[4] = by;
  filled[3] += by * 2;
  return heap[4] + filled[3];
}
