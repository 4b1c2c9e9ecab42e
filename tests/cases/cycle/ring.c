// One of several modules that call each other in a ring. ME is its letter, NEXT the next one's.
#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define EXPORT(name) __attribute__((export_name(name)))
#define FROM(name) __attribute__((import_module(STRING(NEXT)), import_name(name)))

FROM("sum") int next_sum(int);
FROM("wide") long long next_wide(long long, double, float);
FROM("initialised") int next_initialised(void);

static int table[] = {1, 1, 1, 1};
static int before;
static int count;

// 1 + … + n, each term in another module.
EXPORT("sum") int sum(int n) { return n == 0 ? 0 : n * table[n & 3] + next_sum(n - 1); }
EXPORT("wide") long long wide(long long n, double d, float f) {
  return n <= 0 ? (long long)(d + f) : n + next_wide(n - 1, d * 2, f + 1);
}
// By its pointer: a slot of the table that holds an import.
EXPORT("pointed") int pointed(int n) {
  int (*volatile f)(int) = next_sum;
  return f(n);
}
EXPORT("initialised") int initialised(void) { return count; }
EXPORT("before") int get_before(void) { return before; }
__attribute__((constructor)) static void construct(void) {
  before = next_initialised();
  count++;
}
