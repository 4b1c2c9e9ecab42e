#include "drive.h"
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
static char from[60000], packed[80000], back[60000];
int main(void) {
  fill((unsigned char *) from, sizeof from);
  int size = LZ4_compress_default(from, packed, sizeof from, sizeof packed);
  printf("%d\n", LZ4_decompress_safe(packed, back, size, sizeof back));
  told("lz4", size, packed, from, back, sizeof from);
  for (int level = 3; level <= 12; level += 3) {
    size = LZ4_compress_HC(from, packed, sizeof from, sizeof packed, level);
    printf("%d\n", LZ4_decompress_safe(packed, back, size, sizeof back));
    told("lz4hc", size, packed, from, back, sizeof from);
  }
  size_t frame = LZ4F_compressFrame(packed, sizeof packed, from, sizeof from, NULL);
  printf("%u %08x\n", (unsigned) frame, (unsigned) hash(packed, frame));
  puts(LZ4F_getErrorName((LZ4F_errorCode_t) -5));
}
