// The other one.
extern int left_count;
extern int left_numbers[4];
int left_twice(int);
typedef int (*Function)(int);

int right_count = 3;
int right_numbers[4] = {1, 2, 3, 4};
int right_thrice(int x) { return 3 * x + right_count; }

static Function const functions[] = {right_thrice, left_twice};
static int *const pointers[] = {&right_count, &left_count, &left_numbers[1]};
Function right_function(int which) { return ((Function const volatile *)functions)[which]; }
int *right_pointer(int which) { return ((int *const volatile *)pointers)[which]; }
