/* Ours: floating point over static arrays. */
#include "program.h"
enum { SIZE = 160 };
static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
unsigned RUN(unsigned n) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) a[i][j] = (i * 3 + j) % 7, b[i][j] = (i + j * 5) % 11;
  while (n--) {
    for (int i = 0; i < SIZE; i++)
      for (int j = 0; j < SIZE; j++) {
        double sum = 0;
        for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j];
        c[i][j] = sum;
      }
    for (int i = 0; i < SIZE; i++)
      for (int j = 0; j < SIZE; j++) a[i][j] = (int) (c[i][j] / 3) % 13;
  }
  return hash(c, sizeof c);
}
