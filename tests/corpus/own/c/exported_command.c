// what: a command whose other exports are wrapped: NAME.command_export runs the constructors and destructors
// build: -O2 |
// build pic: -O2 -fPIC |
// run: add 5 = 1105
// run: add 7 = 2207
#include "own.h"
static volatile u32 runs;
static u32 total = 100;
static volatile u32 *const pointer = &runs;
__attribute__((constructor)) static void before(void) { *pointer += 1; }
void __wasm_call_dtors(void) { total += 100; }
EXPORT(add) u32 add(u32 by) { return *pointer * 1000 + total + by; }
