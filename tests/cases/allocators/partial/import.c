// free with another type, from env.
#define EXPORT(n) __attribute__((export_name(n)))
__attribute__((import_module("env"), import_name("free"))) void my_free(void *p, unsigned n);
EXPORT("go") void go(void *p) { my_free(p, 4); }
