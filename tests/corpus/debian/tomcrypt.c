#include "drive.h"
#include <tomcrypt.h>
int main(void) {
  unsigned char from[96], to[96], back[96], out[64];
  fill(from, sizeof from);
  register_cipher(&aes_desc);
  register_cipher(&blowfish_desc);
  register_cipher(&twofish_desc);
  register_hash(&md5_desc);
  register_hash(&sha1_desc);
  register_hash(&sha256_desc);
  register_hash(&sha512_desc);
  for (int at = 0; cipher_descriptor[at].name; at++) {
    symmetric_CBC cbc;
    int error = cbc_start(at, from, from, 16, 0, &cbc);
    cbc_encrypt(from, to, sizeof from, &cbc);
    cbc_done(&cbc);
    cbc_start(at, from, from, 16, 0, &cbc);
    cbc_decrypt(to, back, sizeof to, &cbc);
    printf("%s %d %08x %s\n", cipher_descriptor[at].name, error, (unsigned) hash(to, sizeof to),
           memcmp(from, back, sizeof from) ? "differs" : "same");
  }
  for (int at = 0; hash_descriptor[at].name; at++) {
    unsigned long size = sizeof out;
    int error = hash_memory(at, from, sizeof from, out, &size);
    printf("%s %d %lu %08x", hash_descriptor[at].name, error, size, (unsigned) hash(out, size));
    size = sizeof out;
    hmac_memory(at, from, 20, from, sizeof from, out, &size);
    printf(" %08x\n", (unsigned) hash(out, size));
  }
  printf("%d %d %s\n", find_cipher("twofish"), find_hash("sha512"), error_to_string(CRYPT_INVALID_KEYSIZE));
}
