// what: constructors with priorities, in order
// build: -O2 | --export=__wasm_call_ctors
// build o0: -O0 | --export=__wasm_call_ctors
// build pic: -O2 -fPIC | --export=__wasm_call_ctors
// build lto: -O2 -flto | --export=__wasm_call_ctors
// init: __wasm_call_ctors
// run: order = 1234
// run: built 2 = 106
#include "own.h"

static u32 seen;
static u32 *where = &seen;
static u32 squares[4];
__attribute__((constructor(200))) static void third(void) { *where = *where * 10 + 3; }
__attribute__((constructor(101))) static void first(void) { *where = *where * 10 + 1; }
__attribute__((constructor(150))) static void second(void) { *where = *where * 10 + 2; }
__attribute__((constructor)) static void fourth(void) {
  *where = *where * 10 + 4;
  for (u32 i = 0; i < 4; i++) squares[i] = 100 + i * 3;
}
EXPORT(order) u32 order(void) { return seen; }
EXPORT(built) u32 built(u32 at) { return squares[at]; }
