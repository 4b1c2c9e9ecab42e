// what: C++ exceptions, with type tables in data; legacy and exnref encodings
// build: -O2 -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=true |
// build o0: -O0 -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=true |
// build exnref: -O2 -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=false |
// build exnref-o0: -O0 -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=false |
// build strip: -O2 -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=true | --strip-all
// build pic: -O2 -fPIC -fwasm-exceptions -frtti -fexceptions -mllvm -wasm-use-legacy-eh=true |
// with: exceptions_runtime.cpp -O2 -frtti -mexception-handling
// with: tags.s -mexception-handling
// libs: cxx
// run: attempt 0 = 1
// run: attempt 1 = 42
// run: attempt 2 = 68474798
// run: attempt 3 = 1377016484
// run: cleanups = 4
// run: rethrown 1 = -1535152781
// run: rethrown 2 = 68474798
#include "own.h"

struct Problem {
  const char *text;
  u32 code;
};
struct Worse : Problem {};
static u32 cleaned;
struct Guard {
  ~Guard() { cleaned++; }
};
static const char *const texts[] = {"none", "int", "problem", "text"};
static u32 KEEP fail(u32 how) {
  Guard guard;
  if (how == 1) throw 42;
  if (how == 2) throw Problem{texts[how], 7};
  if (how == 3) throw texts[how];
  return how;
}
static u32 (*volatile failing)(u32) = fail;
EXPORT(attempt) u32 attempt(u32 how) {
  try {
    return failing(how) + 1;
  } catch (int number) {
    return number;
  } catch (Problem &problem) {
    return hash(problem.code, problem.text);
  } catch (const char *text) {
    return hash(3, text);
  }
}
EXPORT(cleanups) u32 cleanups() { return cleaned; }
EXPORT(rethrown) u32 rethrown(u32 how) {
  try {
    try {
      failing(how);
    } catch (int number) {
      throw Problem{"from int", u32(number)};
    }
  } catch (Problem &problem) {
    return hash(problem.code, problem.text);
  }
  return 1;
}
