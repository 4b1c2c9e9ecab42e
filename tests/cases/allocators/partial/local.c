// A function of the program's own that is called free, in another object than libc's.
#include <stdlib.h>

#define EXPORT(n) __attribute__((export_name(n)))

void count_free(unsigned *freed);
EXPORT("test") unsigned test(void) {
  unsigned freed = 0;
  count_free(&freed);
  return freed;
}
EXPORT("make") void *make(unsigned n) { return malloc(n); }
EXPORT("drop") void drop(void *p) { free(p); }
