// what: pointers in data: rings, pointers to pointers, the middle and the end of arrays, packed ones, sparse tables
// build: -O2 |
// build o0: -O0 |
// build o3: -O3 |
// build os: -Os |
// build oz: -Oz |
// build pic: -O2 -fPIC |
// build lto: -O2 -flto |
// build thin: -O2 -flto=thin |
// build lto-parts: -O2 -flto | --lto-partitions=3 --lto-O3 --lto-CGO2
// build lto-pic: -O2 -flto -fPIC |
// build sections: -O2 -fdata-sections -ffunction-sections |
// build no-sections: -O2 -fno-data-sections -fno-function-sections |
// build no-merge: -O2 | --no-merge-data-segments
// build no-gc: -O2 | --no-gc-sections
// build data-first: -O2 | --no-stack-first | 1024
// build data-first-large: -O2 | --no-stack-first --global-base=65536
// build strip: -O2 | --strip-all
// build strip-first: -O2 | --strip-all --no-stack-first | 1024
// run: ring 3 = 148508657
// run: ring 10 = -501206262
// run: cross 5 = 70706
// run: pointers 0 = 82
// run: pointers 1 = 83
// run: ends = 7
// run: packed 1 = -910473416
// run: packed 2 = -1202674180
// run: sparse 1000 = 938864092
// run: sparse 5 = -1513692850
// run: switches 3 = -1158189813
// run: switches 8 = -2073818177
// run: text 7 = -1877786006
// run: bits 3 = 1979760947
// run: bss 99999 7 = 7777
// run: bss 5 1 = 6181
// run: constant 2 1 = 1761650008
#include "own.h"

typedef struct Node Node;
struct Node {
  const char *name;
  Node *next, *previous;
  u32 value;
};
static Node nodes[3] = {{"one", &nodes[1], &nodes[2], 1},
                        {"two", &nodes[2], &nodes[0], 20},
                        {"three", &nodes[0], &nodes[1], 300}};
EXPORT(ring) u32 ring(u32 steps) {
  u32 result = 0;
  for (Node *volatile node = nodes; steps--; node = steps & 1 ? node->next : node->previous->previous)
    result = hash(result + node->value, node->name);
  return result;
}

struct Left;
struct Right {
  struct Left *left;
  const int *number;
};
struct Left {
  struct Right *right;
  int value;
};
static struct Right rights[2];
static const int numbers[6] = {1, 2, 3, 4, 5, 6};
static struct Left lefts[2] = {{&rights[1], 3}, {&rights[0], 4}};
static struct Right rights[2] = {{&lefts[0], &numbers[5]}, {&lefts[1], numbers + 2}};
EXPORT(cross) u32 cross(u32 steps) {
  struct Left *volatile left = lefts;
  u32 sum = 0;
  while (steps--) {
    sum = sum * 10 + left->value + *left->right->number;
    left = left->right->left;
  }
  return sum;
}

static int target = 41;
static int *pointer = &target;
static int **pointer2 = &pointer;
static int ***const pointer3 = &pointer2;
static const int *const *const read_only[] = {(const int *const *)&pointer, (const int *const *)&pointer};
EXPORT(pointers) u32 pointers(u32 at) { return ****(int ***const volatile *)&pointer3 + **((const int *const *const volatile *)read_only)[at] + at; }

static char array[50];
static char *volatile middle = array + 25, *volatile end = array + 50, *volatile begin = array;
EXPORT(ends) u32 ends(void) { return (end - middle == 25) | (middle - begin == 25) << 1 | (end == array + 50) << 2; }

static struct __attribute__((packed)) {
  char one;
  const char *name;
  char two;
  int *number;
  short three;
  u32 (*call)(u32);
} packed_data[3] = {{1, "first", 2, &target, 3, ring}, {4, "second", 5, (int *)&numbers[1], 6, cross}, {7, "third", 8, (int *)&numbers[4], 9, ring}};
EXPORT(packed) u32 packed(u32 at) {
  __asm__("" ::: "memory");
  return hash(packed_data[at].one, packed_data[at].name) + *packed_data[at].number + packed_data[at].call(2);
}

static const char *const sparse_data[5000] = {[5] = "five", [1000] = "thousand", [4999] = "end"};
EXPORT(sparse) u32 sparse(u32 at) { return hash(hash(1, ((const char *const volatile *)sparse_data)[at]), ((const char *const volatile *)sparse_data)[4999]); }

EXPORT(switches) u32 switches(u32 at) {
  switch (at) {
    case 0: return ring(1);
    case 1: return target;
    case 2: return hash(3, "case two");
    case 3: return hash(3, "case three");
    case 4: return numbers[at];
    case 5: return cross(2);
    case 6: return hash(6, "six");
    case 7: return 5;
    case 8: return hash(8, "case eight");
    default: return 1;
  }
}
static const char *KEEP word(u32 at) {
  switch (at) {
    case 0: return "zero";
    case 1: return "one";
    case 2: return "two";
    case 3: return "three";
    case 4: return "four";
    case 5: return "five";
    case 6: return "six";
    case 7: return "seven";
  }
  return "many";
}
EXPORT(text) u32 text(u32 at) {
  static char buffer[64];
  char *to = buffer;
  for (u32 i = 0; i <= at; i++)
    for (const char *from = word(i); *from;) *to++ = *from++;
  *to = 0;
  return hash(1, buffer);
}

static struct {
  unsigned a : 3, b : 10, c : 19;
  const char *label;
  unsigned d : 1;
} bitfields[4] = {{1, 2, 3, "x", 1}, {2, 3, 4, "y", 0}, {3, 4, 5, "z", 1}, {4, 5, 6, "w", 1}};
EXPORT(bits) u32 bits(u32 at) {
  bitfields[at].b += 5;
  bitfields[at].c *= 3;
  return bitfields[at].a + bitfields[at].b * 10 + bitfields[at].c * 100 + bitfields[at].d + hash(1, bitfields[at].label);
}

static struct {
  u32 start[10];
  char body[100000];
  u32 last;
} huge;
static char megabyte[1 << 20];
static u32 *volatile last = &huge.last;
EXPORT(bss) u32 bss(u32 at, u32 by) {
  huge.body[at] += by;
  huge.last += by;
  megabyte[at * 10] += by;
  megabyte[(1 << 20) - 1] ^= by;
  return huge.body[at] + *last * 10 + megabyte[at * 10] * 100 + megabyte[1048575] * 1000;
}

static const struct {
  double factor;
  const struct {
    const char *key;
    const int *value;
  } entries[3];
} constants[3] = {{1.5, {{"a", &numbers[0]}, {"b", &numbers[1]}, {"c", &target}}},
                  {2.5, {{"d", &numbers[3]}, {"e", &numbers[2]}, {"f", 0}}},
                  {3.5, {{"g", &numbers[4]}, {"h", &numbers[5]}, {"i", numbers}}}};
EXPORT(constant) u32 constant(u32 at, u32 entry) {
  __asm__("" ::: "memory");
  return (u32)(constants[at].factor * 2) + hash(1, constants[at].entries[entry].key) + *constants[at].entries[entry].value;
}
