// what: setjmp and longjmp by WebAssembly exceptions
// build: -O2 -mllvm -wasm-enable-sjlj |
// build o0: -O0 -mllvm -wasm-enable-sjlj |
// build exnref: -O2 -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh=false |
// build pic: -O2 -fPIC -mllvm -wasm-enable-sjlj |
// with: setjmp_runtime.c -O2 -mllvm -wasm-enable-sjlj
// with: tags.s -mexception-handling
// run: guarded 0 = 5
// run: guarded 7 = 72
// run: guarded 3 = 32
// run: count = 3
#include "own.h"
typedef struct {
  u32 words[40];
} Buffer[1];
int setjmp(Buffer) __attribute__((returns_twice));
void longjmp(Buffer, int) __attribute__((noreturn));

static Buffer here;
static u32 calls;
static const char *const names[] = {"a", "bb", "ccc"};
static void KEEP work(int code) {
  calls++;
  if (code) longjmp(here, code);
}
static void (*volatile worker)(int) = work;
EXPORT(guarded) u32 guarded(int code) {
  int got = setjmp(here);
  if (got) return got * 10 + (u32)(((const char *const volatile *)names)[1][1] - 'a') + 1;
  worker(code);
  return 5;
}
EXPORT(count) u32 count(void) { return calls; }
