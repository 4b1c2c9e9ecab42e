// A destructor that is called free, in a module that allocates in Rust.
#include <stddef.h>
#define EXPORT(n) __attribute__((export_name(n)))
#define NI __attribute__((noinline))
extern char __heap_base[];
NI void *rust_alloc(size_t n, size_t a) __asm__("__rust_alloc");
NI void rust_dealloc(void*, size_t, size_t) __asm__("__rust_dealloc");
static struct {void *list; char *top;} st;
NI void *rust_alloc(size_t n, size_t a) { if (st.list) {void*p=st.list; st.list=*(void**)p; return p;} if(!st.top) st.top=__heap_base; n=(n+15)&-16u; void*p=st.top; st.top+=n; return p; }
NI void rust_dealloc(void*p, size_t n, size_t a) { *(void**)p=st.list; st.list=p; }
struct T { void *inner; };
int dropped;
EXPORT("new") struct T *new(void) { struct T *t = rust_alloc(4,4); t->inner = rust_alloc(1000,1); return t; }
// #[no_mangle] extern "C" fn free(thing: *mut Thing) { drop(Box::from_raw(thing)) }
EXPORT("free") void thing_free(struct T *t) __asm__("free");
void thing_free(struct T *t) { dropped++; rust_dealloc(t->inner,1000,1); rust_dealloc(t,4,4); }
EXPORT("dropped") int ndropped(void) { return dropped; }
