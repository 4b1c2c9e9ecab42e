// what: a reactor with libc: malloc, printf into a buffer, qsort, strtod, errno, atexit
// build: -O2 |
// build os: -Os | --strip-debug
// build pic: -O2 -fPIC |
// build lto: -O2 -flto |
// build data-first: -O2 | --no-stack-first | 1024
// build stripped: -O2 | --strip-all
// build export-all: -O2 | --export-all
// build no-merge: -O2 | --no-merge-data-segments
// build import: -O2 | --import-memory --import-table --growable-table
// libs: reactor
// run: text 42 = 775671411
// run: sort 1000 = -881492987
// run: heap 100 3000 = 423900
// run: number = 657
// run: words = 1778634929
// run: fail 0 = 1854270211
// run: fail 33 = -1543908907
// run: later = 0
#include "own.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char buffer[200];
EXPORT(text) u32 text(int x) {
  snprintf(buffer, sizeof buffer, "%d %s %08x %5.3f %c", x, "word", x * 77777, x / 7.0, 'q');
  return hash(1, buffer);
}
static int up(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int down(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }
static int (*const orders[])(const void *, const void *) = {up, down};
EXPORT(sort) u32 sort(int n) {
  int *all = malloc(n * sizeof *all);
  u32 seed = 1;
  for (int i = 0; i < n; i++) all[i] = (seed = seed * 1664525 + 1013904223) >> 8;
  qsort(all, n, sizeof *all, orders[n & 1]);
  u32 result = hash_bytes(1, all, n * sizeof *all);
  free(all);
  return result;
}
EXPORT(heap) u32 heap(int count, int size) {
  char **blocks = calloc(count, sizeof *blocks);
  for (int i = 0; i < count; i++) memset(blocks[i] = malloc(size + i), i, size + i);
  u32 sum = 0;
  for (int i = 0; i < count; i += 2) free(blocks[i]), blocks[i] = strdup("again");
  for (int i = 0; i < count; i++) sum += blocks[i][3] * i, free(blocks[i]);
  free(blocks);
  return sum;
}
EXPORT(number) double number(void) { return strtod("3.25e2tail", 0) + atoi("77") + strtoul("ff", 0, 16); }
EXPORT(words) u32 words(void) {
  char all[] = "one, two; three";
  u32 state = 1;
  for (char *word = strtok(all, ",; "); word; word = strtok(0, ",; ")) state = hash(state, word);
  return state;
}
EXPORT(fail) u32 fail(int code) {
  errno = code;
  return hash(errno, strerror(errno));
}
static u32 done;
static void at_exit(void) { done = 5; }
EXPORT(later) u32 later(void) { return atexit(at_exit) + done; }
