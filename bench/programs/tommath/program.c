#include "program.h"
#include <tommath.h>
unsigned RUN(unsigned n) {
  mp_int a, b, c;
  char text[700];
  size_t size;
  uint32_t value = 0;
  mp_init_multi(&a, &b, &c, NULL);
  mp_2expt(&c, 521);
  mp_decr(&c);
  mp_set(&a, 3);
  while (n--) {
    mp_set(&b, 1);
    for (unsigned each = 2; each <= 60; each++) mp_mul_d(&b, each + n % 5, &b);
    mp_exptmod(&a, &b, &c, &a);
    mp_sqr(&a, &b);
    mp_div(&b, &c, NULL, &a);
    if (mp_to_radix(&a, text, sizeof text, &size, 10)) return 1;
    value = mix(value, text, size);
  }
  mp_clear_multi(&a, &b, &c, NULL);
  return value;
}
