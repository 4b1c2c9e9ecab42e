// Instructions that the transformer cannot read.
#include <stdlib.h>
#include <wasm_simd128.h>
#define EXPORT(n) __attribute__((export_name(n)))
EXPORT("h") float h(unsigned short *a) { return __builtin_wasm_loadf16_f32((__fp16*)a); }
EXPORT("make") void *make(unsigned n) { return malloc(n); }
EXPORT("drop") void drop(void *p) { free(p); }
