#include "program.h"
#include <zlib.h>
enum { FROM = 300000, PACKED = 400000, BACK = 300000 };
static Bytef *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill(from, FROM);
  while (n--) {
    uLongf size = PACKED, whole = BACK;
    if (compress2(packed, &size, from, FROM, 6) || uncompress(back, &whole, packed, size)) return 1;
    value = mix(value, packed, size) ^ hash(back, whole);
    from[n] ^= 1;
  }
  return value;
}
