// Takes what lies between the memory's size before and after it grew, as AssemblyScript's allocator does.
#include <stddef.h>
#include <stdint.h>
extern char __heap_base;
static char *top, *end;
void *malloc(size_t bytes) {
  if (!top) {
    top = &__heap_base;
    end = (char *)(__builtin_wasm_memory_size(0) * 65536);
  }
  bytes = (bytes + 15) & ~15u;
  if ((size_t)(end - top) < bytes) {
    const size_t before = __builtin_wasm_memory_size(0);
    if (__builtin_wasm_memory_grow(0, (bytes + 65535) / 65536) == (size_t)-1) return 0;
    // Memory that follows what it has is added to it.
    if ((char *)(before * 65536) != end) top = (char *)(before * 65536);
    end = (char *)(__builtin_wasm_memory_size(0) * 65536);
  }
  char *const block = top;
  top += bytes;
  return block;
}
void free(void *block) { (void)block; }
