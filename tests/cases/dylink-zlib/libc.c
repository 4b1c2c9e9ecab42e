// What zlib needs of a libc, for a module that links none: a side module cannot use wasi-libc's, which is
// not position independent.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PAGES = 48 };
static unsigned char *heap;
static size_t used;
// Everything is given back at once, when nothing is in use any more.
static size_t count;

void *malloc(size_t size) {
  if (!heap) {
    const size_t page = __builtin_wasm_memory_grow(0, PAGES);
    if (page == (size_t)-1) __builtin_trap();
    heap = (unsigned char *)(page << 16);
  }
  void *block = heap + used;
  used += (size + 15) & ~(size_t)15;
  if (used > (size_t)PAGES << 16) __builtin_trap();
  count++;
  return block;
}
void *calloc(size_t many, size_t size) { return memset(malloc(many * size), 0, many * size); }
void free(void *block) {
  if (block && --count == 0) used = 0;
}
size_t strlen(const char *text) {
  size_t at = 0;
  while (((const char volatile *)text)[at]) at++;
  return at;
}
char *strcpy(char *restrict to, const char *restrict from) { return memcpy(to, from, strlen(from) + 1); }
int memcmp(const void *a, const void *b, size_t size) {
  for (const unsigned char *x = a, *y = b; size--; x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}
// One instruction each, with bulk memory.
void *memcpy(void *restrict to, const void *restrict from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memmove(void *to, const void *from, size_t size) { return __builtin_memmove(to, from, size); }
void *memset(void *to, int byte, size_t size) { return __builtin_memset(to, byte, size); }
