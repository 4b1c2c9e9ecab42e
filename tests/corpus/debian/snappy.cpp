#include "drive.h"
#include <snappy-c.h>
static char from[60000], packed[90000], back[60000];
int main() {
  fill((unsigned char *) from, sizeof from);
  size_t size = sizeof packed, whole = sizeof back;
  int one = snappy_compress(from, sizeof from, packed, &size);
  int two = snappy_uncompress(packed, size, back, &whole);
  printf("%d %d %u %d\n", one, two, (unsigned) whole, snappy_validate_compressed_buffer(packed, size));
  told("snappy", size, packed, from, back, sizeof from);
}
