// operator new with a pool of its own.
#include <stddef.h>
extern "C" {
static char pool[4096] __attribute__((aligned(16))); static size_t top; static void *list;
__attribute__((export_name("make"))) void *make(unsigned n);
__attribute__((export_name("drop"))) void drop(char *p);
}
__attribute__((noinline)) void *operator new(size_t n) { if (list) { void*p=list; list=*(void**)p; return p;} n=(n+15)&-16u; void*p=pool+top; top+=n; return p; }
__attribute__((noinline)) void operator delete(void *p) noexcept { *(void**)p=list; list=p; }
__attribute__((noinline)) void operator delete(void *p, size_t) noexcept { *(void**)p=list; list=p; }
void *make(unsigned n) { return operator new(n); }
void drop(char *p) { operator delete(p); }
