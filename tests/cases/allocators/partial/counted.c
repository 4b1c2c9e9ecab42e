// Rust's functions over malloc, with a header of their own.
#include <stdlib.h>
#define EXPORT(n) __attribute__((export_name(n)))
#define NI __attribute__((noinline))
NI void *rust_alloc(size_t n, size_t a) __asm__("__rust_alloc");
NI void rust_dealloc(void*, size_t, size_t) __asm__("__rust_dealloc");
NI void *rust_alloc(size_t n, size_t a) { size_t *p = aligned_alloc(16,(n+31)&-16u); p[0]=n; return p+4; }
NI void rust_dealloc(void*p, size_t n, size_t a) { free((size_t*)p-4); }
EXPORT("boxed") void *boxed(void) { return rust_alloc(24, 8); }
EXPORT("unbox") void unbox(void*p) { rust_dealloc(p, 24, 8); }
EXPORT("make") void *make(unsigned n) { return malloc(n); }
EXPORT("drop") void drop(void *p) { free(p); }
