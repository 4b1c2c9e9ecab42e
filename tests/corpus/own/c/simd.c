// what: SIMD: vector loads and stores, splats, lanes and extending loads of static data
// build: -O2 -msimd128 |
// build o0: -O0 -msimd128 |
// build relaxed: -O3 -msimd128 -mrelaxed-simd -DRELAXED |
// build pic: -O2 -msimd128 -fPIC |
// run: sum 0
// run: sum 3
// run: lanes 2 9 = 9489
// run: splats 1 = 2139071108
// run: extend 0 = 161827530
// run: shuffle = 1347446504
// run: pointers 1 = 876500
#include "own.h"
#include <wasm_simd128.h>

static ALIGNED(16) u32 numbers[32] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                      17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};
static ALIGNED(16) u32 other[8] = {100, 200, 300, 400, 500, 600, 700, 800};
static uint8_t bytes[64] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
static u64 wide[4] = {1, 0x200000003ull, 4, 5};
static const v128_t *volatile vectors[] = {(const v128_t *)numbers, (const v128_t *)other + 1};

static u32 add_up(v128_t v) {
  return wasm_u32x4_extract_lane(v, 0) + 10 * wasm_u32x4_extract_lane(v, 1) +
         100 * wasm_u32x4_extract_lane(v, 2) + 1000 * wasm_u32x4_extract_lane(v, 3);
}
EXPORT(sum) u32 sum(u32 at) {
  v128_t v = wasm_v128_load(&numbers[at * 4]);
  v = wasm_i32x4_add(v, wasm_v128_load(&other[4]));
  wasm_v128_store(&other[0], v);
  wasm_v128_store(&numbers[28], wasm_i32x4_mul(v, v));
#ifdef RELAXED
  v = wasm_i8x16_relaxed_swizzle(v, wasm_v128_load(bytes));
#endif
  return add_up(v) + numbers[31];
}
EXPORT(lanes) u32 lanes(u32 at, u32 by) {
  v128_t v = wasm_v128_load(other);
  v = wasm_v128_load32_lane(&numbers[17], v, 2);
  v = wasm_v128_load8_lane(&bytes[3], v, 0);
  v = wasm_v128_load64_lane(&wide[1], v, 1);
  v = wasm_v128_load16_lane(&numbers[at], v, 4);
  wasm_v128_store32_lane(&numbers[20], v, 3);
  wasm_v128_store8_lane(&bytes[40], v, 5);
  wasm_v128_store64_lane(&wide[3], v, 0);
  return add_up(v) + numbers[20] + bytes[40] + (u32)wide[3] + by;
}
EXPORT(splats) u32 splats(u32 at) {
  v128_t v = wasm_v128_load32_splat(&numbers[5]);
  v = wasm_i32x4_add(v, wasm_v128_load8_splat(&bytes[2]));
  v = wasm_i32x4_add(v, wasm_v128_load64_splat(&wide[1]));
  v = wasm_i32x4_add(v, wasm_v128_load32_zero(&numbers[at]));
  v = wasm_i32x4_add(v, wasm_v128_load64_zero(&wide[2]));
  return add_up(v);
}
EXPORT(extend) u32 extend(u32 at) {
  v128_t v = wasm_u16x8_load8x8(bytes + at);
  v = wasm_i32x4_add(v, wasm_i32x4_load16x4(&numbers[2]));
  v = wasm_i64x2_add(v, wasm_u64x2_load32x2(&other[6]));
  return add_up(v);
}
EXPORT(shuffle) u32 shuffle(void) {
  return add_up(wasm_i8x16_swizzle(wasm_v128_load(numbers), wasm_v128_load(bytes)));
}
EXPORT(pointers) u32 pointers(u32 at) { return add_up(wasm_v128_load(vectors[at])); }
