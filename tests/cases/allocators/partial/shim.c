// malloc over the allocator of Rust: its blocks are not Rust's.
#include <stddef.h>
#include <string.h>
#define EXPORT(n) __attribute__((export_name(n)))
static char pool[4096] __attribute__((aligned(16))); static size_t top; static void *list;
#define NI __attribute__((noinline))
NI void *rust_alloc(size_t n, size_t a) __asm__("__rust_alloc");
NI void rust_dealloc(void*, size_t, size_t) __asm__("__rust_dealloc");
NI void *rust_alloc(size_t n, size_t a) { n=(n+15)&-16u; void*p=pool+top; top+=n; return p; }
NI void rust_dealloc(void*p, size_t n, size_t a) { *(void**)p=list; list=p; }
// what crates with C in them do on wasm32-unknown-unknown: malloc over the global allocator
NI EXPORT("malloc") void *malloc(size_t n) { size_t *p = rust_alloc(n+16, 16); p[0]=n+16; return p+4; }
NI EXPORT("free") void free(void *p) { if (p) { size_t *q=(size_t*)p-4; rust_dealloc(q,q[0],16);} }
NI EXPORT("aligned_alloc") void *aligned_alloc(size_t a, size_t n) { return malloc(n); }
EXPORT("boxed") void *boxed(void) { return rust_alloc(24, 8); }
EXPORT("unbox") void unbox(void*p) { rust_dealloc(p, 24, 8); }
