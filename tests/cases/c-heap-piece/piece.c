// An allocator that uses [__heap_base, __heap_end) once, then only what memory.grow returns: the way
// of today's wasi-libc and of Rust's dlmalloc from 2026-05 on.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

extern char __heap_base, __heap_end;

static char *next, *end;
static uint32_t started, grown;

// In the piece while it lasts; a new block of pages otherwise.
EXPORT("allocate") void *allocate(uint32_t size) {
  size = (size + 15) & ~15u;
  if (!started) {
    started = 1;
    if (&__heap_base > &__heap_end) __builtin_trap();
    next = &__heap_base;
    end = &__heap_end;
  }
  if ((uint32_t)(end - next) < size) {
    const uint32_t pages = (size + 65535) / 65536;
    const uint32_t old = __builtin_wasm_memory_grow(0, pages);
    if (old == (uint32_t)-1) __builtin_trap();
    next = (char *)(old * 65536);
    end = next + pages * 65536;
    grown++;
  }
  char *taken = next;
  next += size;
  return taken;
}

EXPORT("piece_start") char *piece_start(void) { return &__heap_base; }
EXPORT("piece_end") char *piece_end(void) { return &__heap_end; }
EXPORT("grown") uint32_t grown_count(void) { return grown; }

static const char *const texts[] = {"left", "right"};

// Blocks that must not overlap.
EXPORT("fill") uint32_t fill(uint32_t count, uint32_t size) {
  char *blocks[64];
  if (count > 64) count = 64;
  for (uint32_t i = 0; i < count; i++) {
    blocks[i] = allocate(size);
    for (uint32_t at = 0; at < size; at++) blocks[i][at] = (char)(i + at);
  }
  uint32_t broken = 0;
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t at = 0; at < size; at++) broken += blocks[i][at] != (char)(i + at);
  return broken * 1000 + (uint32_t)texts[count & 1][0];
}
