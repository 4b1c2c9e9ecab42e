#include "drive.h"
#include <bzlib.h>
static char from[60000], packed[80000], back[60000];
void bz_internal_error(int code) { printf("error %d\n", code); abort(); }
int main(void) {
  fill((unsigned char *) from, sizeof from);
  for (int level = 1; level <= 9; level += 4) {
    unsigned size = sizeof packed, whole = sizeof back;
    int one = BZ2_bzBuffToBuffCompress(packed, &size, from, sizeof from, level, 0, 30);
    int two = BZ2_bzBuffToBuffDecompress(back, &whole, packed, size, level == 1, 0);
    printf("%d %d %u\n", one, two, whole);
    told("bzip2", size, packed, from, back, sizeof from);
  }
  puts(BZ2_bzlibVersion());
}
