// A function of the host as a function pointer, from C.
#include "reading.h"

// [host]
__attribute__((import_module("env"), import_name("on_reading")))
uint32_t on_reading(const Reading *r, void *context);

typedef uint32_t (*Visit)(const Reading *, void *context);

EXPORT(host_visitor) Visit host_visitor(void) { return on_reading; }
// [/host]
