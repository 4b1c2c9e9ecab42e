#include "program.h"
#include <tomcrypt.h>
enum { FROM = 100000 };
static unsigned char *from, *to;
unsigned RUN(unsigned n) {
  static const unsigned char key[32] = "an example of a key, 32 bytes ..", iv[16] = "sixteen bytes...";
  uint32_t value = 0;
  if (!from) from = malloc(FROM), to = malloc(FROM);
  unsigned char digest[64];
  int aes = register_cipher(&aes_desc), twofish = register_cipher(&twofish_desc);
  int sha256 = register_hash(&sha256_desc), sha512 = register_hash(&sha512_desc);
  fill(from, FROM);
  size_t size = FROM / 16 * 16;
  while (n--) {
    symmetric_CBC cbc;
    unsigned long length = sizeof digest;
    if (cbc_start(n & 1 ? aes : twofish, iv, key, 32, 0, &cbc) || cbc_encrypt(from, to, size, &cbc)) return 1;
    cbc_done(&cbc);
    if (hash_memory(n & 1 ? sha256 : sha512, to, size, digest, &length)) return 2;
    value = mix(value, digest, length);
    from[n] ^= 1;
  }
  return value;
}
