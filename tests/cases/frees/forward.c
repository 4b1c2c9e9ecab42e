// A module whose malloc is that of another one, as README.md says; it grows the memory for something else.
#include <stdint.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define EXPORT(name) __attribute__((export_name(name)))
#ifndef PREFIX
#define PREFIX ""
#endif
#define FROM_OWNER(n) __attribute__((import_module("owner"), import_name(PREFIX #n)))
FROM_OWNER(malloc) void *owner_malloc(size_t);
FROM_OWNER(free) void owner_free(void *);
FROM_OWNER(realloc) void *owner_realloc(void *, size_t);
NOINLINE void *malloc(size_t n) { return owner_malloc(n); }
static uint32_t frees;
NOINLINE void free(void *p) {
  frees++;
  owner_free(p);
}
NOINLINE void *realloc(void *p, size_t n) { return owner_realloc(p, n); }
EXPORT("block") char *block(uint32_t bytes) { return malloc(bytes); }
EXPORT("release") void release(char *address) { free(address); }
EXPORT("resize") char *resize(char *address, uint32_t bytes) { return realloc(address, bytes); }
static char statics[64] = "static data";
EXPORT("statics") char *get_statics(void) { return statics + 16; }
EXPORT("frees") uint32_t get_frees(void) { return frees; }
EXPORT("grow") uint32_t grow(uint32_t pages) { return __builtin_wasm_memory_grow(0, pages); }
