// what: reference types: tables of one's own, funcref, __externref_t
// build: -O2 -mreference-types |
// build import: -O2 -mreference-types | --import-table
// build export: -O2 -mreference-types | --export-table --growable-table
// run: size = 0
// run: grow 4 = 0
// run: size = 4
// run: call 0 6 = 12
// run: call 1 6 = 36
#include "own.h"
static __externref_t objects[0];
static u32 KEEP twice(u32 x) { return x * 2; }
static u32 KEEP square(u32 x) { return x * x; }
static u32 (*const calls[])(u32) = {twice, square};
EXPORT(size) u32 size(void) { return __builtin_wasm_table_size(objects); }
EXPORT(grow) u32 grow(u32 by) { return __builtin_wasm_table_grow(objects, __builtin_wasm_ref_null_extern(), by); }
EXPORT(put) void put(u32 at, __externref_t what) { __builtin_wasm_table_set(objects, at, what); }
EXPORT(get) __externref_t get(u32 at) { return __builtin_wasm_table_get(objects, at); }
EXPORT(call) u32 call(u32 at, u32 x) { return ((u32(*const volatile *)(u32))calls)[at](x); }
