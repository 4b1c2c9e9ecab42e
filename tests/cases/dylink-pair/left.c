// One of two side modules that use each other's functions and data.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

// Own symbols that others may see: used through the GOT.
int left_count = 5;
int left_numbers[4] = {10, 20, 30, 40};
int left_twice(int x) { return 2 * x + left_count; }
typedef int (*Function)(int);

// Symbols of the other one.
extern int right_count;
extern int right_numbers[4];
int right_thrice(int);
extern int nobody_count __attribute__((weak));
int nobody_calls(int) __attribute__((weak));

static int own = 7;
static int zeros[100];
int *const left_pointers[] = {&left_count, &left_numbers[2], &right_numbers[3], &right_count, &own, &zeros[50]};
Function const left_functions[] = {left_twice, right_thrice, left_twice};

// Both may be asked by either.
Function right_function(int which);
int *right_pointer(int which);

static int constructed;
__attribute__((constructor)) static void construct(void) {
  constructed = constructed * 10 + *left_pointers[1] + left_functions[1](1);
}

EXPORT("constructed") int get_constructed(void) { return constructed; }
EXPORT("bump") int bump(int by) {
  right_count += by;
  left_count += 2 * by;
  zeros[50] += 3 * by;
  return right_count * 1000 + left_count;
}
EXPORT("through") int through(int which) { return *((int *const volatile *)left_pointers)[which]; }
EXPORT("call_through") int call_through(int which, int x) { return ((Function const volatile *)left_functions)[which](x); }
EXPORT("call_other") int call_other(int which, int x) { return right_function(which)(x); }
EXPORT("direct") int direct(int x) { return left_twice(x) * 100 + right_thrice(x); }
// One address of a thing, whoever asks.
EXPORT("same") int same(void) {
  return (right_function(0) == left_functions[1]) + 2 * (right_function(1) == (Function)left_twice) +
         4 * (right_pointer(0) == &right_count) + 8 * (right_pointer(1) == &left_count) +
         16 * (right_pointer(2) == &left_numbers[1]) + 32 * (left_functions[0] == left_functions[2]);
}
EXPORT("weak") int weak(int x) {
  int *volatile data = &nobody_count;
  Function volatile function = nobody_calls;
  return (data != 0) + 2 * (function != 0) + (function ? function(x) : 4);
}
EXPORT("stack") int stack(int depth) {
  volatile int frame[20];
  for (int i = 0; i < 20; i++) frame[i] = depth * i;
  return (depth ? stack(depth - 1) : right_thrice(1)) + frame[depth % 20] + ((uintptr_t)frame & 15);
}
