#include "program.h"
#include <zstd.h>
enum { FROM = 300000, PACKED = 400000, BACK = 300000 };
static char *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill((unsigned char *) from, FROM);
  while (n--) {
    size_t size = ZSTD_compress(packed, PACKED, from, FROM, n % 4 ? 3 : 9);
    if (ZSTD_isError(size) || ZSTD_decompress(back, BACK, packed, size) != BACK) return 1;
    value = mix(value, packed, size) ^ hash(back, BACK);
    from[n] ^= 1;
  }
  return value;
}
