// A small interpreter: programs in data, instructions called through a table of functions, registers and
// a stack in .bss; and one that switches.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, MOD, LESS, JUMP, JUMP_IF_NOT, GET, SET, HALT };
static int32_t registers[8], stack[256], memory[4096];
static int32_t *top;
static const int32_t *next;
static int running;

static void push(int32_t value) { *top++ = value; }
static int32_t pop(void) { return *--top; }
static void do_push(void) { push(*next++); }
static void do_load(void) { push(registers[*next++]); }
static void do_store(void) { registers[*next++] = pop(); }
static void do_add(void) { push(pop() + pop()); }
static void do_sub(void) { const int32_t b = pop(); push(pop() - b); }
static void do_mul(void) { push(pop() * pop()); }
static void do_mod(void) { const int32_t b = pop(); push(pop() % b); }
static void do_less(void) { const int32_t b = pop(); push(pop() < b); }
static const int32_t *begin;
static void do_jump(void) { next = begin + *next; }
static void do_jump_if_not(void) { next = pop() ? next + 1 : begin + *next; }
static void do_get(void) { push(memory[pop() & 4095]); }
static void do_set(void) { const int32_t value = pop(); memory[pop() & 4095] = value; }
static void do_halt(void) { running = 0; }
static void (*const instructions[])(void) = {do_push, do_load, do_store, do_add, do_sub,          do_mul, do_mod,
                                             do_less, do_jump, do_jump_if_not, do_get, do_set, do_halt};

// Counts primes below register 0 with a sieve.
static const int32_t sieve[] = {
    PUSH, 2, STORE, 1, PUSH, 0, STORE, 3,
    /* 8: outer */ LOAD, 1, LOAD, 0, LESS, JUMP_IF_NOT, 71,
    /* 15 */ LOAD, 1, GET, JUMP_IF_NOT, 29,
    /* 20 */ LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 8,
    /* 29: a prime */ LOAD, 3, PUSH, 1, ADD, STORE, 3, LOAD, 1, LOAD, 1, ADD, STORE, 2,
    /* 43: inner */ LOAD, 2, LOAD, 0, LESS, JUMP_IF_NOT, 62,
    /* 50 */ LOAD, 2, PUSH, 1, SET, LOAD, 2, LOAD, 1, ADD, JUMP, 66,
    /* 62 */ JUMP, 20, HALT, HALT,
    /* 66 */ STORE, 2, JUMP, 43, HALT,
    /* 71 */ HALT};
// Adds the lengths of the Collatz sequences of all numbers below register 0.
static const int32_t collatz[] = {
    PUSH, 1, STORE, 1, PUSH, 0, STORE, 3,
    /* 8 */ LOAD, 1, LOAD, 0, LESS, JUMP_IF_NOT, 73,
    /* 15 */ LOAD, 1, STORE, 2,
    /* 19 */ PUSH, 1, LOAD, 2, LESS, JUMP_IF_NOT, 64,
    /* 26 */ LOAD, 3, PUSH, 1, ADD, STORE, 3, LOAD, 2, PUSH, 2, MOD, JUMP_IF_NOT, 51,
    /* 40 */ LOAD, 2, PUSH, 3, MUL, PUSH, 1, ADD, JUMP, 60,
    HALT,
    /* 51 */ PUSH, 0, LOAD, 2, PUSH, 2, JUMP, 75,
    HALT,
    /* 60 */ STORE, 2, JUMP, 19,
    /* 64 */ LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 8,
    /* 73 */ HALT, HALT,
    /* 75: halves the number on top by counting */ STORE, 4, STORE, 5, STORE, 6, PUSH, 0, STORE, 6,
    /* 85 */ LOAD, 6, LOAD, 6, ADD, LOAD, 5, LESS, JUMP_IF_NOT, 102,
    /* 95 */ LOAD, 6, PUSH, 1, ADD, JUMP, 106,
    /* 102 */ LOAD, 6, JUMP, 60,
    /* 106 */ STORE, 6, JUMP, 85};
static const int32_t *const programs[] = {sieve, collatz};

static int32_t step_by_table(int32_t which, int32_t limit) {
  top = stack;
  begin = next = programs[which % 2];
  registers[0] = limit;
  running = 1;
  while (running) instructions[*next++]();
  return registers[3];
}
static int32_t step_by_switch(int32_t which, int32_t limit) {
  top = stack;
  begin = next = programs[which % 2];
  registers[0] = limit;
  for (;;) switch (*next++) {
      case PUSH: do_push(); break;
      case LOAD: do_load(); break;
      case STORE: do_store(); break;
      case ADD: do_add(); break;
      case SUB: do_sub(); break;
      case MUL: do_mul(); break;
      case MOD: do_mod(); break;
      case LESS: do_less(); break;
      case JUMP: do_jump(); break;
      case JUMP_IF_NOT: do_jump_if_not(); break;
      case GET: do_get(); break;
      case SET: do_set(); break;
      default: return registers[3];
    }
}

EXPORT("primes") int32_t primes(int32_t below) {
  for (int i = 0; i < 4096; i++) memory[i] = 0;
  return step_by_table(0, below);
}
EXPORT("lengths") int32_t lengths(int32_t below) { return step_by_table(1, below); }
EXPORT("run") int32_t run(int32_t rounds) {
  int32_t sum = 0;
  for (int32_t i = 0; i < rounds; i++) {
    for (int k = 0; k < 4096; k++) memory[k] = 0;
    sum += step_by_switch(0, 4000) + step_by_table(1, 50);
  }
  return sum;
}
// A matrix of doubles, multiplied with itself.
static double left[48][48], right[48][48], product[48][48];
EXPORT("matrix") double matrix(int32_t rounds) {
  for (int i = 0; i < 48; i++)
    for (int k = 0; k < 48; k++) left[i][k] = i + 1, right[i][k] = k - i;
  double sum = 0;
  for (int32_t each = 0; each < rounds; each++) {
    for (int i = 0; i < 48; i++)
      for (int k = 0; k < 48; k++) {
        double cell = 0;
        for (int m = 0; m < 48; m++) cell += left[i][m] * right[m][k];
        product[i][k] = cell;
      }
    left[each % 48][0] += 1;
    sum += product[each % 48][7];
  }
  return sum;
}
