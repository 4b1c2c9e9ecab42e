// SHA-256 of made data: tables in data, a state in .bss.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};
static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static uint32_t state[8], schedule[64];
static uint8_t block[64];
static char text[65];

static void round_of(void) {
  for (int i = 0; i < 16; i++)
    schedule[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    const uint32_t a = schedule[i - 15], b = schedule[i - 2];
    schedule[i] = schedule[i - 16] + (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + schedule[i - 7] +
                  (ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
  }
  uint32_t v[8];
  for (int i = 0; i < 8; i++) v[i] = state[i];
  for (int i = 0; i < 64; i++) {
    const uint32_t s1 = ROTATE(v[4], 6) ^ ROTATE(v[4], 11) ^ ROTATE(v[4], 25);
    const uint32_t one = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + schedule[i];
    const uint32_t s0 = ROTATE(v[0], 2) ^ ROTATE(v[0], 13) ^ ROTATE(v[0], 22);
    const uint32_t two = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    for (int k = 7; k > 0; k--) v[k] = v[k - 1];
    v[4] += one;
    v[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

// The hash of `size` times the letter a, as text.
EXPORT("of_letters") const char *of_letters(uint32_t size) {
  for (int i = 0; i < 8; i++) state[i] = start[i];
  uint32_t at = 0;
  for (uint32_t i = 0; i < size; i++) {
    block[at++] = 'a';
    if (at == 64) {
      round_of();
      at = 0;
    }
  }
  block[at++] = 0x80;
  if (at > 56) {
    while (at < 64) block[at++] = 0;
    round_of();
    at = 0;
  }
  while (at < 60) block[at++] = 0;
  for (int i = 0; i < 4; i++) block[60 + i] = (uint8_t)(size * 8 >> (24 - 8 * i));
  round_of();
  for (int i = 0; i < 64; i++) text[i] = "0123456789abcdef"[state[i / 8] >> (28 - i % 8 * 4) & 15];
  return text;
}
EXPORT("run") uint32_t run(uint32_t rounds) {
  for (uint32_t i = 0; i < rounds; i++) of_letters(1000);
  return state[0];
}
