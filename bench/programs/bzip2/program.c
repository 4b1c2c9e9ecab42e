#include "program.h"
#include <bzlib.h>
void bz_internal_error(int code) { (void) code; __builtin_trap(); }
enum { FROM = 200000, PACKED = 300000, BACK = 200000 };
static char *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill((unsigned char *) from, FROM);
  while (n--) {
    unsigned size = PACKED, whole = BACK;
    if (BZ2_bzBuffToBuffCompress(packed, &size, from, FROM, 5, 0, 0)) return 1;
    if (BZ2_bzBuffToBuffDecompress(back, &whole, packed, size, 0, 0)) return 2;
    value = mix(value, packed, size) ^ hash(back, whole);
    from[n] ^= 1;
  }
  return value;
}
