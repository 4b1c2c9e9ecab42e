// what: exported statics, as globals that hold their addresses
// build: -O2 |
// build one: -O2 | --export=counter --export=names --export=get_names
// build all: -O2 | --export-all
// build all-no-gc: -O2 | --export-all --no-gc-sections
// build dynamic: -O2 | --export-dynamic
// build if-defined: -O2 | --export-if-defined=counter --export-if-defined=nothing_here
// build all-pic: -O2 -fPIC | --export-all
// build all-first: -O2 | --export-all --no-stack-first | 1024
// build undefined: -O2 | --undefined=hidden_one
// run: count 5 = 5
// run: count 6 = 11
// run: name 1 = 1288903565
// run: through = 11
// run: call 1 4 = 16
#include "own.h"

u32 counter;
u32 *counter_pointer = &counter;
const char *names[] = {"north", "east", "south"};
const char table[64] = "a constant table";
static u32 KEEP square(u32 x) { return x * x; }
static u32 KEEP twice(u32 x) { return x * 2; }
u32 (*operations[])(u32) = {twice, square};
__attribute__((visibility("hidden"))) u32 hidden_one = 9;
u32 unused[50] = {1};

EXPORT(count) u32 count(u32 by) { return counter += by; }
EXPORT(name) u32 name(u32 at) { return hash(hash(1, names[at]), table); }
EXPORT(through) u32 through(void) { return *counter_pointer; }
EXPORT(call) u32 call(u32 at, u32 x) { return operations[at](x); }
const char **get_names(void) { return names; }
