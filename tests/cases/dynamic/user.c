// Position independent, with symbols that other modules define: pointers to them in code and in data.
#define EXPORT(name) __attribute__((export_name(name)))

extern int counter;
extern int numbers[4];
extern int maybe __attribute__((weak));
int twice(int);
int thrice(int);

static int own = 7;
// Filled in by __wasm_apply_data_relocs, but the third.
static int *const volatile pointers[] = {&counter, &numbers[2], &own};
static int (*const volatile functions[])(int) = {twice, thrice};

static int at_start;
static int constructed;
__attribute__((constructor)) static void construct(void) {
  constructed++;
  at_start = *pointers[1] + functions[1](*pointers[0]);
}

EXPORT("bump") int bump(int by) { return counter += by; }
EXPORT("pointer") int *pointer(int which) { return pointers[which]; }
EXPORT("through") int through(int which) { return *pointers[which]; }
EXPORT("call_through") int call_through(int which, int x) { return functions[which](x); }
EXPORT("direct") int direct(int x) { return twice(x) + thrice(x); }
EXPORT("number") int *number(int which) { return &numbers[which]; }
EXPORT("function") void *function(int which) { return which ? (void *)thrice : (void *)twice; }
EXPORT("stored") void *stored(int which) { return (void *)functions[which]; }
EXPORT("maybe_pointer") int *maybe_pointer(void) { return &maybe; }
EXPORT("at_start") int get_at_start(void) { return at_start; }
EXPORT("constructed") int get_constructed(void) { return constructed; }
