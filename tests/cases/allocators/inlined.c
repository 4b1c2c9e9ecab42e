// An allocator that the compiler copies into its callers: taking malloc away takes only a part of it.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
extern uint8_t __heap_base[];

static struct { uint8_t *next; void *list; } state;

#ifdef KEPT
__attribute__((noinline))
#endif
void *malloc(size_t size) {
  if (state.list && size <= 64) {
    void *const block = state.list;
    state.list = *(void **)block;
    return block;
  }
  if (!state.next) state.next = __heap_base;
  uint8_t *const block = state.next;
  state.next += size < 64 ? 64 : (size + 15) & -16u;
  while (state.next > (uint8_t *)(__builtin_wasm_memory_size(0) << 16))
    if (__builtin_wasm_memory_grow(0, 1) == (size_t)-1) return 0;
  return block;
}
void free(void *block) {
  if (!block) return;
  *(void **)block = state.list;
  state.list = block;
}
EXPORT("make") void *make(uint32_t size) { return malloc(size); }
EXPORT("drop") void drop(void *block) { free(block); }
#ifdef KEPT
// Without this the compiler's copies are all that there is.
EXPORT("malloc_address") void *(*malloc_address(void))(size_t) { return malloc; }
#endif
