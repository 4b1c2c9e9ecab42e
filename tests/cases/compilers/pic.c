// Position independent C that uses a variable and a function of another module.
#define EXPORT(name) __attribute__((export_name(#name)))

extern int counter;
extern int count(void);

static const char *const table[] = {"first of PIC", "second of PIC"};

EXPORT(text) const char *text(unsigned n) { return table[n % 2]; }

EXPORT(length) unsigned length(const char *text) {
  unsigned n = 0;
  while (text[n]) n++;
  return n;
}

EXPORT(add) int add(int n) {
  counter += n;
  return count();
}
