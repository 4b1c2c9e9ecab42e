// Grows the function table by itself, and has functions in it.
#define EXPORT(name) __attribute__((export_name(name)))
typedef int (*function)(int);

static int plus(int x) { return x + 1; }
static int minus(int x) { return x - 1; }
static const volatile function own[] = {plus, minus};

int grow_by(int count);

// One new slot that holds what slot `from` does; the number of the slot, or -1.
int append_copy(function from);

EXPORT("own_slot") function own_slot(int which) { return own[which]; }
EXPORT("call") int call(function f, int x) { return f(x); }
EXPORT("grow") int grow(int count) { return grow_by(count); }
EXPORT("append") int append(int which) { return append_copy(own[which]); }
