// what: a command: main, printf, atexit, getenv, streams
// build: -O2 |
// build o0: -O0 |
// build pic: -O2 -fPIC |
// build debug: -O1 -g |
// build data-first: -O2 | --no-stack-first | 1024
// build import: -O2 | --import-memory
// build lto: -O2 -flto |
// libs: command
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const days[] = {"Monday", "Tuesday", "Wednesday"};
static void bye(void) { printf("bye %s\n", days[2]); }
static void first_bye(void) { puts("first"); }
__attribute__((constructor)) static void before(void) { puts("before"); }
__attribute__((destructor)) static void after(void) { puts("after"); }
int main(int count, char **args) {
  atexit(bye);
  atexit(first_bye);
  printf("%d %s %s %.6f\n", count, args[0] ? "named" : "none", getenv("NOTHING") ? "set" : "unset", sqrt(2));
  for (int i = 0; i < 3; i++) printf("%-10s|%zu\n", days[i], strlen(days[i]));
  fprintf(stderr, "to %s\n", "stderr");
  char *text = malloc(100000);
  memset(text, 'x', 99999);
  text[99999] = 0;
  printf("%zu %c\n", strlen(text), text[777]);
  return 3;
}
