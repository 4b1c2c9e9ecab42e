// The compiler copies malloc into make; only malloc has state.
#include <stddef.h>
#define EXPORT(n) __attribute__((export_name(n)))
static char pool[4096] __attribute__((aligned(16)));
static size_t top;
void *malloc(size_t n) { n = (n + 15) & -16u; if (n > sizeof pool - top) return 0; void *p = pool + top; top += n; return p; }
void free(void *p) { }
EXPORT("make") void *make(unsigned n) { return malloc(n); }
EXPORT("drop") void drop(void *p) { free(p); }
EXPORT("maddr") void *(*maddr(void))(size_t) { return malloc; }
