#include "drive.h"
#include <tommath.h>
int main(void) {
  mp_int a, b, c;
  char text[400];
  size_t size;
  int prime;
  mp_init_multi(&a, &b, &c, NULL);
  mp_set(&a, 1);
  for (unsigned n = 2; n <= 60; n++) mp_mul_d(&a, n, &a);
  mp_to_radix(&a, text, sizeof text, &size, 10);
  puts(text);
  mp_read_radix(&b, "123456789abcdef0123456789abcdef", 16);
  mp_div(&a, &b, &c, &a);
  mp_to_radix(&c, text, sizeof text, &size, 36);
  puts(text);
  mp_to_radix(&a, text, sizeof text, &size, 64);
  puts(text);
  mp_2expt(&c, 127);
  mp_decr(&c);
  mp_prime_is_prime(&c, 8, &prime);
  mp_exptmod(&a, &b, &c, &a);
  mp_to_radix(&a, text, sizeof text, &size, 16);
  printf("%s %d %s\n", text, prime, mp_error_to_string(MP_VAL));
  mp_clear_multi(&a, &b, &c, NULL);
}
