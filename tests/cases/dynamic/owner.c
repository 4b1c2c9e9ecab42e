// Owns what the modules beside it use by name: data, and functions with and without a slot of their own.
#define EXPORT __attribute__((visibility("default")))

EXPORT int counter = 5;
EXPORT int numbers[4] = {10, 20, 30, 40};

EXPORT int twice(int x) { return 2 * x; }
EXPORT int thrice(int x) { return 3 * x; }
EXPORT int read_counter(void) { return counter; }
// The only function here whose address is taken.
EXPORT int (*twice_pointer(void))(int) { return twice; }
EXPORT int call(int (*f)(int), int x) { return f(x); }
EXPORT int sum_numbers(void) { return numbers[0] + numbers[1] + numbers[2] + numbers[3]; }
