// what: strings that the linker merges by their tails
// build: -O2 |
// build lto: -O2 -flto | --lto-O2
// build o1: -O1 | -O1
// build ld-o2: -O2 | -O2
// build ld-o0: -O2 | -O0
// with: more_strings.c -O2
// run: pick 0 = -1498097120
// run: pick 1 = 629960965
// run: pick 2 = 1627429043
// run: pick 3 = -2081386640
// run: pick 4 = 1172140794
// run: pick 5 = 5
// run: all = 1983778418
// run: other = -2067832981
#include "own.h"

const char *more(int at);
static const char *const words[] = {"abc", "xabc", "c", "bc", "a longer tail abc", ""};
static const char *const endings[] = {"tail abc", "nger tail abc", "abc"};
static const char *names[] = {"one", "two", "three", "ree", "wo", "e"};

EXPORT(pick) u32 pick(u32 at) { return hash(at, ((const char *const volatile *)words)[at]); }
EXPORT(all) u32 all(void) {
  u32 state = hash(1, "bc");
  for (int i = 0; i < 3; i++) state = hash(state, ((const char *const volatile *)endings)[i]);
  for (int i = 0; i < 6; i++) state = hash(state, ((const char *volatile *)names)[i]);
  return hash(hash(state, "xabc"), "outer tail abc");
}
EXPORT(other) u32 other(void) { return hash(hash(hash(5, more(0)), more(1)), more(2)); }
