// An allocator with a list of free blocks: from [__heap_base, __heap_end), then what memory.grow returns. With
// ARENA, from so many bytes of static data and nothing else.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define EXPORT(name) __attribute__((export_name(name)))
#define PAGE 65536u
extern char __heap_base, __heap_end;
struct head {
  size_t size;
  struct head *next;
};
static struct head *spare;
static char *top, *end;

NOINLINE void *TAKE(size_t bytes) {
  bytes = (bytes + 15) & ~15u;
  for (struct head **at = &spare; *at; at = &(*at)->next) {
    struct head *const it = *at;
    if (it->size != bytes) continue;
    *at = it->next;
    return it + 1;
  }
  const size_t all = bytes + sizeof(struct head);
#ifdef ARENA
  static _Alignas(16) char arena[ARENA];
  if (!top) {
    top = arena;
    end = arena + ARENA;
  }
  if ((size_t)(end - top) < all) return 0;
#else
  if (!top) {
    top = (char *)(((size_t)&__heap_base + 15) & ~15u);
    end = &__heap_end;
  }
  if (top > end || (size_t)(end - top) < all) {
    const size_t pages = (all + PAGE - 1) / PAGE, before = __builtin_wasm_memory_grow(0, pages);
    if (before == (size_t)-1) return 0;
    top = (char *)(before * PAGE);
    end = top + pages * PAGE;
  }
#endif
  struct head *const it = (struct head *)top;
  it->size = bytes;
  top += all;
  return it + 1;
}

NOINLINE void GIVE(void *block) {
  if (!block) return;
  struct head *const it = (struct head *)block - 1;
  it->next = spare;
  spare = it;
}

NOINLINE void *CHANGE(void *block, size_t bytes) {
  char *const to = TAKE(bytes);
  if (!block || !to) return to;
  const size_t old = ((struct head *)block - 1)->size;
  memcpy(to, block, old < bytes ? old : bytes);
  GIVE(block);
  return to;
}
EXPORT("block") char *block(uint32_t bytes) { return TAKE(bytes); }
EXPORT("release") void release(char *address) { GIVE(address); }
EXPORT("resize") char *resize(char *address, uint32_t bytes) { return CHANGE(address, bytes); }
