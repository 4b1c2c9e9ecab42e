// Data that holds the address where the heap began: another module's blocks lie there now.
#include <stdlib.h>
#include <string.h>
#define EXPORT(n) __attribute__((export_name(n)))
extern char __heap_base[];
char *arena = __heap_base;
EXPORT("scratch") char *scratch(unsigned n) { char *p = arena; arena += n; memset(p, 0xEE, n); return p; }
EXPORT("make") void *make(unsigned n) { return malloc(n); }
EXPORT("drop") void drop(void *p) { free(p); }
EXPORT("setarena") void setarena(char*p){arena=p;}
