// Addresses of functions in data, and no other address there.
#define EXPORT(name) __attribute__((export_name(name)))

static int one(void) { return 11; }
static int two(void) { return 22; }
static int (*const volatile functions[])(void) = {one, two};

EXPORT("call") int call(unsigned which) { return functions[which & 1](); }
