#include "drive.h"
#include <lzma.h>
static uint8_t from[60000], packed[80000], back[60000];
int main(void) {
  fill(from, sizeof from);
  static const lzma_check checks[] = {LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256};
  for (unsigned at = 0; at < 4; at++) {
    size_t size = 0, in = 0, out = 0;
    uint64_t limit = UINT64_MAX;
    int one = lzma_easy_buffer_encode(at, checks[at], NULL, from, sizeof from, packed, &size, sizeof packed);
    int two = lzma_stream_buffer_decode(&limit, 0, NULL, packed, &in, size, back, &out, sizeof back);
    printf("%d %d %u\n", one, two, (unsigned) out);
    told("xz", size, packed, from, back, sizeof from);
  }
  puts(lzma_version_string());
}
