#include "drive.h"
#include <brotli/decode.h>
#include <brotli/encode.h>
static uint8_t from[30000], packed[40000], back[30000];
int main(void) {
  fill(from, sizeof from);
  for (int quality = 0; quality <= 9; quality += 3) {
    size_t size = sizeof packed, whole = sizeof back;
    int one = BrotliEncoderCompress(quality, 18, BROTLI_MODE_TEXT, sizeof from, from, &size, packed);
    int two = BrotliDecoderDecompress(size, packed, &whole, back);
    printf("%d %d %u\n", one, two, (unsigned) whole);
    told("brotli", size, packed, from, back, sizeof from);
  }
  puts(BrotliDecoderErrorString(BROTLI_DECODER_ERROR_FORMAT_DICTIONARY));
}
