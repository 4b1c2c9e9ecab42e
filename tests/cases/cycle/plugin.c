// Registers itself with the program in its constructor, and allocates.
#include <stdlib.h>
#include <string.h>
#define EXPORT(name) __attribute__((export_name(name)))
#define FROM(module, name) __attribute__((import_module(module), import_name(name)))

FROM("app", "note") void note(int value);
FROM("app", "add") void add(void);

EXPORT("make") char *make(int size) {
  char *made = malloc(size);
  memset(made, 7, size);
  note(size);
  return made;
}
__attribute__((constructor)) static void construct(void) { add(); }
