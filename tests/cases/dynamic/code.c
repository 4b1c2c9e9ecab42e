// Position independent, with symbols of others in code alone, one of them under another import name.
#define EXPORT(name) __attribute__((export_name(name)))

extern int counter;
__attribute__((import_module("owner"), import_name("twice"))) int doubled(int);
int thrice(int);

EXPORT("add") int add(int by) { return counter += by; }
EXPORT("function") void *function(int which) { return which ? (void *)thrice : (void *)doubled; }
EXPORT("direct") int direct(int x) { return doubled(x) * 10 + thrice(x); }
