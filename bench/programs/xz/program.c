#include "program.h"
#include <lzma.h>
enum { FROM = 200000, PACKED = 300000, BACK = 200000 };
static uint8_t *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill(from, FROM);
  while (n--) {
    size_t size = 0, read = 0, whole = 0;
    uint64_t limit = UINT64_MAX;
    if (lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, from, FROM, packed, &size, PACKED)) return 1;
    if (lzma_stream_buffer_decode(&limit, 0, NULL, packed, &read, size, back, &whole, BACK)) return 2;
    value = mix(value, packed, size) ^ hash(back, whole);
    from[n] ^= 1;
  }
  return value;
}
