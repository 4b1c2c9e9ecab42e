#include "program.h"
#include <lz4.h>
#include <lz4hc.h>
enum { FROM = 300000, PACKED = 400000, BACK = 300000 };
static char *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill((unsigned char *) from, FROM);
  while (n--) {
    int size = LZ4_compress_default(from, packed, FROM, PACKED);
    value = mix(value, packed, size);
    if (n % 4 == 0) size = LZ4_compress_HC(from, packed, FROM, PACKED, 9);
    if (LZ4_decompress_safe(packed, back, size, BACK) != BACK) return 1;
    value = mix(value, packed, size) ^ hash(back, BACK);
    from[n] ^= 1;
  }
  return value;
}
