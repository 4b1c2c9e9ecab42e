// Page numbers of addresses, which a compiler that knows the addresses works out: how many pages are
// needed, as allocators ask. Only a third link tells them from other numbers that differ by one.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

extern char __heap_base;
static char block[300000];
static char *const inside = block + 200000;

EXPORT("page") uint32_t page(void) { return (uint32_t)(uintptr_t)block >> 16; }
EXPORT("page_inside") uint32_t page_inside(void) { return (uint32_t)(uintptr_t)&block[200000] >> 16; }
// As AssemblyScript's allocator starts: is there enough memory?
EXPORT("enough") uint32_t enough(void) {
  const uint32_t wanted = ((uint32_t)(uintptr_t)&__heap_base + 0xffff) >> 16;
  const uint32_t pages = (uint32_t)__builtin_wasm_memory_size(0);
  return wanted <= pages || __builtin_wasm_memory_grow(0, wanted - pages) != (uintptr_t)-1;
}
EXPORT("heap_page") uint32_t heap_page(void) { return ((uint32_t)(uintptr_t)&__heap_base + 0xffff) >> 16; }
EXPORT("same_page") uint32_t same_page(const char *p) {
  return ((uint32_t)(uintptr_t)p >> 16) == ((uint32_t)(uintptr_t)block >> 16);
}
EXPORT("at") const char *at(uint32_t by) { return inside + by; }
EXPORT("store") uint32_t store(uint32_t at, uint32_t value) {
  block[at % sizeof block] = (char)value;
  return (uint8_t)*inside;
}
