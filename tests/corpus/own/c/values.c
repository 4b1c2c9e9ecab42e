// what: multi-value, extended constants, variable arguments, sets of features
// build multi: -O2 -mmultivalue -Xclang -target-abi -Xclang experimental-mv |
// build extended: -O2 -mextended-const -fPIC |
// build generic: -O2 -mcpu=generic |
// build bleeding: -O2 -mcpu=bleeding-edge -mno-fp16 -mno-atomics -mno-wide-arithmetic |
// build varargs: -O2 -DVARIADIC |
// libs: reactor
// run: pair 3 = 31
// run: product 5
// run: text 1
#include "own.h"
struct Pair {
  u32 a, b;
};
static struct Pair pairs[4] = {{1, 2}, {3, 4}, {5, 6}, {7, 24}};
static u64 factors[2] = {0xffffffff12345678ull, 0x9876543210abcdefull};
static unsigned __int128 wide = 3;
static const char *const names[2] = {"x", "yy"};
static struct Pair KEEP get(u32 at) { return pairs[at]; }
static struct Pair (*volatile getter)(u32) = get;
EXPORT(pair) u32 pair(u32 at) {
  struct Pair p = getter(at);
  return p.a + p.b;
}
EXPORT(product) u32 product(u32 x) {
  unsigned __int128 p = (unsigned __int128)factors[0] * (factors[1] + x);
  wide += p;
  return (u32)(wide >> 96) ^ (u32)(wide >> 64) ^ (u32)(wide >> 32) ^ (u32)wide;
}
#ifdef VARIADIC
#include <stdarg.h>
static u32 KEEP sum(int n, ...) {
  va_list list;
  va_start(list, n);
  u32 total = 0;
  while (n--) total = hash(total, va_arg(list, const char *));
  va_end(list);
  return total;
}
EXPORT(text) u32 text(u32 at) { return sum(3, names[at], names[0], "literal"); }
#else
EXPORT(text) u32 text(u32 at) { return hash(1, ((const char *const volatile *)names)[at]); }
#endif
