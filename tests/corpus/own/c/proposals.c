// what: wide arithmetic and half precision: no engine here runs them, so they are compared only
// build: -O2 -mwide-arithmetic |
// build half: -O2 -mfp16 -msimd128 -DHALF |
// build bleeding: -O2 -mcpu=bleeding-edge |
// build bleeding-half: -O2 -mcpu=bleeding-edge -mfp16 -DHALF |
// libs: reactor
#include "own.h"
static u64 factors[2] = {0xffffffff12345678ull, 0x9876543210abcdefull};
static unsigned __int128 wide = 3;
EXPORT(product) u32 product(u32 x) {
  unsigned __int128 p = (unsigned __int128)factors[0] * (factors[1] + x);
  wide += p;
  return (u32)(wide >> 96) ^ (u32)(wide >> 64) ^ (u32)wide;
}
#ifdef HALF
static __fp16 halves[8];
EXPORT(half) float half(u32 at, float x) {
  __builtin_wasm_storef16_f32(x, &halves[3]);
  return __builtin_wasm_loadf16_f32(&halves[at]) + __builtin_wasm_loadf16_f32(&halves[3]);
}
#endif
