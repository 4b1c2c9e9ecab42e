// what: large switch tables, a state machine of function pointers, computed names, a small interpreter
// build: -O2 |
// build o3: -O3 -fno-jump-tables |
// build tail: -O2 -mtail-call -DTAIL=__attribute__((musttail)) |
// build pic: -O3 -fPIC |
// build bulk: -Oz -mbulk-memory -mmultivalue -mreference-types |
// run: execute 0 = 36
// run: execute 1 = -1131570622
// run: dispatch 37 = 1394300896
// run: machine 100 = 2800
#include "own.h"
#ifndef TAIL
#define TAIL
#endif
enum { PUSH, ADD, MUL, TEXT, CALL, STOP };
static const uint8_t code0[] = {PUSH, 5, PUSH, 7, ADD, PUSH, 3, MUL, STOP};
static const uint8_t code1[] = {PUSH, 2, TEXT, 1, CALL, 0, ADD, PUSH, 9, CALL, 1, MUL, STOP};
static const uint8_t *const programs[] = {code0, code1};
static const char *const texts[] = {"zero", "one"};
static u32 stack[32];
static u32 KEEP inc(u32 x) { return x + 1; }
static u32 KEEP neg(u32 x) { return -x; }
static u32 (*const natives[])(u32) = {inc, neg};
EXPORT(execute) u32 execute(u32 at) {
  const uint8_t *pc = ((const uint8_t *const volatile *)programs)[at];
  u32 *sp = stack;
  for (;;) switch (*pc++) {
      case PUSH: *sp++ = *pc++; break;
      case ADD: sp--; sp[-1] += *sp; break;
      case MUL: sp--; sp[-1] *= *sp; break;
      case TEXT: *sp++ = hash(1, texts[*pc++]); break;
      case CALL: sp[-1] = natives[*pc++](sp[-1]); break;
      case STOP: return sp[-1];
    }
}
EXPORT(dispatch) u32 dispatch(u32 x) {
#define CASE(n) case n: return hash(n, "case " #n) + natives[n & 1](n);
  switch (x % 40) {
    CASE(0) CASE(1) CASE(2) CASE(3) CASE(5) CASE(8) CASE(13) CASE(21) CASE(34) CASE(35) CASE(36) CASE(37)
  }
  return x;
}
typedef u32 State(u32 left, u32 sum);
static State start, odd, even;
static State *const states[] = {even, odd, start};
static u32 KEEP start(u32 left, u32 sum) { TAIL return ((State *const volatile *)states)[left & 1](left, sum + 1000); }
static u32 KEEP odd(u32 left, u32 sum) {
  if (!left) return sum;
  TAIL return ((State *const volatile *)states)[~left & 1 ? 1 : 0](left - 1, sum + 3);
}
static u32 KEEP even(u32 left, u32 sum) {
  if (!left) return sum * 2;
  TAIL return ((State *const volatile *)states)[1](left - 1, sum + 5);
}
EXPORT(machine) u32 machine(u32 n) { return start(n, 0); }
