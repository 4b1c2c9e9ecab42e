#include "drive.h"
#include <zlib.h>
static Bytef from[60000], packed[80000], back[60000];
int main(void) {
  fill(from, sizeof from);
  for (int level = 0; level <= 9; level += 3) {
    uLongf size = sizeof packed, whole = sizeof back;
    int one = compress2(packed, &size, from, sizeof from, level);
    int two = uncompress(back, &whole, packed, size);
    printf("%d %d\n", one, two);
    told("zlib", size, packed, from, back, sizeof from);
  }
  printf("%08lx %08lx %s %s\n", crc32(0, from, 1000), adler32(1, from, 1000), zError(Z_DATA_ERROR), zlibVersion());
}
