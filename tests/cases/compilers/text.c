// C with wasi-libc. `table` has addresses in data, so a module that was not moved right says nonsense.
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static const char *const table[] = {"first of C", "second of C"};

EXPORT(text) const char *text(unsigned n) { return table[n % 2]; }

EXPORT(length) size_t length(const char *text) { return strlen(text); }

// For the caller, who gives it back to this module's free.
EXPORT(copy) char *copy(const char *text) { return strdup(text); }
