#include "program.h"
#include <duktape.h>
static const char program[] =
    "var sum = 0, list = [], i, o = {};\n"
    "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n"
    "for (i = 0; i < n * 20; i++) list.push((i * 7919) % 1009);\n"
    "list.sort(function (a, b) { return a - b; });\n"
    "for (i = 0; i < list.length; i++) { sum = (sum * 31 + list[i]) % 1000003; o['k' + i % 50] = sum; }\n"
    "for (var k in o) sum = (sum + o[k]) % 1000003;\n"
    "var text = '';\n"
    "for (i = 0; i < n * 4; i++) text += 'word' + i + ' ';\n"
    "sum = (sum + text.replace(/[a-z]+(\\d)/g, '$1-').length + fib(14)) % 1000003;\n"
    "sum";
unsigned RUN(unsigned n) {
  duk_context *duk = duk_create_heap_default();
  duk_push_uint(duk, n);
  duk_put_global_string(duk, "n");
  if (duk_peval_string(duk, program)) return 1;
  unsigned value = duk_get_uint(duk, -1);
  duk_destroy_heap(duk);
  return value;
}
