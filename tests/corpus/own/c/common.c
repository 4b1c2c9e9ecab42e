// what: symbols of size 0, several names for one address
// build: -O2 |
// build o0: -O0 |
// with: aliases.s
// run: add 3 4 = 7
// run: add 7 5 = 15
// run: aliases 2 = 3345782
// run: empty = 3
// run: inner = 3338
#include "own.h"

u32 shared_total;
u32 shared_cells[500];
extern u32 first_name[], second_name[], inside_name[];
extern char empty_here[], after_empty[];
static u32 *volatile pointers[] = {shared_cells + 499, &shared_total, inside_name};
struct {
} nothing;
static void *volatile nothing_pointer = &nothing;

EXPORT(add) u32 add(u32 at, u32 by) {
  shared_cells[at] += by;
  *pointers[0] += at;
  shared_total = shared_cells[at] + *pointers[0];
  return *pointers[1];
}
EXPORT(aliases) u32 aliases(u32 at) {
  first_name[at] += 5;
  return second_name[at] * 1000 + inside_name[0] + pointers[2][1];
}
EXPORT(empty) u32 empty(void) { return ((u32)empty_here == (u32)after_empty) + (nothing_pointer != 0) * 2; }
EXPORT(inner) u32 inner(void) { return *pointers[2]; }
