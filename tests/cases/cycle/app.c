// A program with an allocator, and a plug-in that calls it back.
#include <stdlib.h>
#define EXPORT(name) __attribute__((export_name(name)))
#define FROM(module, name) __attribute__((import_module(module), import_name(name)))

FROM("plugin", "make") char *make(int size);

static int noted;
static int registered;
EXPORT("note") void note(int value) { noted += value; }
EXPORT("add") void add(void) { registered++; }
EXPORT("registered") int get_registered(void) { return registered; }
// The plug-in allocates, calls back with what it wrote, and this module frees.
EXPORT("run") int run(int size) {
  char *made = make(size);
  int sum = noted + made[size - 1];
  free(made);
  return sum;
}
