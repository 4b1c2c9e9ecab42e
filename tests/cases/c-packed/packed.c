// Pointers at odd addresses, between zeros: a word can lie half in a run of zeros that is left out.
#define EXPORT(name) __attribute__((export_name(#name)))
static int first = 5;
struct __attribute__((packed, aligned(16))) {
  char before[94];
  int *pointer;
  char after[200];
  char tail;
} odd = {{0}, &first, {0}, 7};
EXPORT(read) int read(void) { return *odd.pointer + odd.tail; }
EXPORT(write) int write(int value) {
  *odd.pointer = value;
  return first;
}
