// A side module of Emscripten: own symbols through the GOT, a table of functions, texts.
#include <emscripten.h>

int values[4] = {1, 20, 300, 4000};
int *last = &values[3];
static const char *const names[] = {"one", "two", "three"};
static int zeros[50];
EMSCRIPTEN_KEEPALIVE int twice(int x) { return 2 * x; }
EMSCRIPTEN_KEEPALIVE int square(int x) { return x * x; }
typedef int (*Function)(int);
Function functions[] = {twice, square};

static int made;
__attribute__((constructor)) static void make(void) { made = *last + functions[1](7); }

EMSCRIPTEN_KEEPALIVE int get_made(void) { return made; }
EMSCRIPTEN_KEEPALIVE int get_last(void) { return *last; }
EMSCRIPTEN_KEEPALIVE int set_value(int at, int value) {
  zeros[at % 50] += value;
  values[at % 4] = value;
  return *last + zeros[at % 50];
}
EMSCRIPTEN_KEEPALIVE const char *name_of(int at) { return names[at % 3]; }
EMSCRIPTEN_KEEPALIVE int operate(int which, int x) { return functions[which % 2](x); }
EMSCRIPTEN_KEEPALIVE int equal(int which) {
  Function volatile wanted = which ? square : twice;
  return wanted == functions[which % 2];
}
