// Rust's functions, and copies of them in their callers.
#include <stddef.h>
#define EXPORT(n) __attribute__((export_name(n)))
static char pool[4096] __attribute__((aligned(16))); static size_t top; static void *list;
void *rust_alloc(size_t n, size_t a) __asm__("__rust_alloc");
void rust_dealloc(void*, size_t, size_t) __asm__("__rust_dealloc");
void *rust_alloc(size_t n, size_t a) { n=(n+15)&-16u; void*p=pool+top; top+=n; return p; }
void rust_dealloc(void*p, size_t n, size_t a) { *(void**)p=list; list=p; }
EXPORT("boxed") void *boxed(void) { return rust_alloc(24, 8); }
EXPORT("unbox") void unbox(void*p) { rust_dealloc(p, 24, 8); }
EXPORT("a") void *fa(void) { return rust_alloc; }
EXPORT("b") void *fb(void) { return rust_dealloc; }
EXPORT("head") void *head(void) { return list; }
