// The other object of comdat.cpp.
#include "comdat.h"
static Thing thing;
Thing *other_thing() { return &thing; }
u32 *other_counter() { return &counter_of(); }
const char *const *other_names() { return Names<3>::all; }
u32 (*other_function())(u32) { return scaled<5>; }
