// C without a libc. `counter` is for modules that name it: pic.c does.
#define EXPORT(name) __attribute__((export_name(#name)))

int counter = 40;

static const char *const table[] = {"first of plain C", "second of plain C"};

EXPORT(text) const char *text(unsigned n) { return table[n % 2]; }

EXPORT(length) unsigned length(const char *text) {
  unsigned n = 0;
  while (text[n]) n++;
  return n;
}

EXPORT(count) int count(void) { return counter; }
