// what: what two objects have both: inline functions, statics of inline functions, templates, vtables, type names
// build: -O2 -frtti |
// build o0: -O0 -frtti |
// build pic: -O2 -frtti -fPIC |
// build lto: -O2 -frtti -flto |
// build debug: -O1 -g -frtti |
// build no-gc: -O2 -frtti | --no-gc-sections
// with: comdat_other.cpp -O2 -frtti -fPIC
// libs: cxx
// run: count 3
// run: count 4
// run: same = 15
// run: name
// run: lookup 2
#include "../parts/comdat.h"
Thing *other_thing();
u32 *other_counter();
const char *const *other_names();
u32 (*other_function())(u32);
static Thing mine;
static Base *volatile things[] = {&mine, other_thing()};
EXPORT(count) u32 count(u32 by) { return counted(by) + *other_counter() + things[0]->value() + things[1]->value(); }
EXPORT(same) u32 same() {
  u32 (*volatile function)(u32) = scaled<5>;
  return (&counter_of() == other_counter()) | (Names<3>::all == other_names()) << 1 | (function == other_function()) << 2 |
         (typeid(*things[0]) == typeid(*things[1])) << 3;
}
EXPORT(name) u32 name() { return hash(1, typeid(*things[1]).name()); }
EXPORT(lookup) u32 lookup(u32 at) { return hash(1, Names<3>::all[at]) + scaled<5>(at) + other_function()(at); }
