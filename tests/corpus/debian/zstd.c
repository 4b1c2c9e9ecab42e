#include "drive.h"
#include <zstd.h>
static char from[60000], packed[80000], back[60000];
int main(void) {
  fill((unsigned char *) from, sizeof from);
  for (int level = -3; level <= 15; level += 6) {
    size_t size = ZSTD_compress(packed, sizeof packed, from, sizeof from, level);
    if (ZSTD_isError(size)) return puts(ZSTD_getErrorName(size));
    printf("%u\n", (unsigned) ZSTD_decompress(back, sizeof back, packed, size));
    told("zstd", size, packed, from, back, sizeof from);
  }
  packed[0] = 1;
  puts(ZSTD_getErrorName(ZSTD_decompress(back, sizeof back, packed, 100)));
}
