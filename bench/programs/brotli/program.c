#include "program.h"
#include <brotli/decode.h>
#include <brotli/encode.h>
enum { FROM = 300000, PACKED = 400000, BACK = 300000 };
static uint8_t *from, *packed, *back;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!from) from = malloc(FROM), packed = malloc(PACKED), back = malloc(BACK);
  fill(from, FROM);
  while (n--) {
    size_t size = PACKED, whole = BACK;
    if (!BrotliEncoderCompress(6, 20, BROTLI_MODE_TEXT, FROM, from, &size, packed)) return 1;
    if (BrotliDecoderDecompress(size, packed, &whole, back) != BROTLI_DECODER_RESULT_SUCCESS) return 2;
    value = mix(value, packed, size) ^ hash(back, whole);
    from[n] ^= 1;
  }
  return value;
}
