/* Ours: an interpreter whose instructions are functions in a table, with its state in static variables: what
   position independence costs most. */
#include "program.h"
typedef void Step(void);
static uint32_t stack[64], *top;
static const uint8_t *code;
uint32_t steps, variables[8];
static void push(void) { *top++ = *code++; }
static void load(void) { *top++ = variables[*code++]; }
static void store(void) { variables[*code++] = *--top; }
static void add(void) { top--, top[-1] += *top; }
static void multiply(void) { top--, top[-1] *= *top; }
static void exclusive(void) { top--, top[-1] ^= *top >> 3; }
static void loop(void) {
  int8_t back = (int8_t) *code++;
  if (--variables[0]) code += back;
}
Step *const table[] = {push, load, store, add, multiply, exclusive, loop};
static const uint8_t program[] = {
    /* v1 = (v1 * 5 + v2) ^ v3 >> 3; v2 = v2 + 7; v3 = v3 + v1 */
    1, 1, 0, 5, 4, 1, 2, 3, 1, 3, 5, 2, 1, 1, 2, 0, 7, 3, 2, 2, 1, 3, 1, 1, 3, 2, 3, 6, (uint8_t) -29,
};
unsigned RUN(unsigned n) {
  top = stack, steps = 0;
  memset(variables, 0, sizeof variables);
  variables[0] = n;
  for (code = program; code < program + sizeof program; steps++) table[*code++]();
  return variables[1] ^ variables[2] ^ variables[3] ^ steps;
}
