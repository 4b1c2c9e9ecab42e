// what: addends before, inside and beyond a symbol
// build: -O2 |
// build os: -Os |
// build pic: -O2 -fPIC |
// run: from_minus 100 = 1
// run: from_minus 103 = 7
// run: letter 65 = 10
// run: letter 90 = 260
// run: beyond = 1
// run: middle 2 = 6
// run: shifted 70 = 607
// run: word 1003 = 44
#include "own.h"

static int table[8] = {1, 3, 5, 7, 9, 11, 13, 15};
static const u32 letters[26] = {10,  20,  30,  40,  50,  60,  70,  80,  90,  100, 110, 120, 130,
                                140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260};
static int large[3000];
static int *volatile end = table + 8;
static int *volatile middle_pointer = &table[1];
static const char *volatile before = (const char *)letters - 4 * 65;
static int *volatile before_large = large - 500;
static u32 words[4] = {11, 22, 33, 44};

EXPORT(from_minus) int from_minus(int at) { return table[at - 100]; }
EXPORT(letter) u32 letter(u32 c) { return letters[c - 'A']; }
EXPORT(beyond) u32 beyond(void) { return end - table == 8 && end == &table[8]; }
EXPORT(middle) int middle(int at) { return middle_pointer[at] + middle_pointer[-1] - 2; }
EXPORT(shifted) u32 shifted(u32 at) {
  before_large[at + 500] = 7;
  return *(const u32 *)(before + at * 4) * 10 + large[at];
}
EXPORT(word) u32 word(u32 at) { return *(words + at - 1000); }
