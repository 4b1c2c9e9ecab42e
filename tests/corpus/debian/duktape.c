#include "drive.h"
#include <duktape.h>
static const char program[] =
    "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }\n"
    "var list = [3, 1, 2].map(function (n) { return fib(n + 8) });\n"
    "list.sort(function (a, b) { return b - a });\n"
    "print(list.join('/'), JSON.stringify({ a: [1, 2.5, null, true], b: 'x\\u00e4' }));\n"
    "print('linear memory'.replace(/(\\w)(\\w+)/g, function (all, a, b) { return a.toUpperCase() + b }));\n"
    "print(Math.max(1, 7, 3), (255).toString(16), parseFloat('1.5e3'), encodeURIComponent('a b'));\n"
    "print(new Date(0).toISOString(), [1, 2, 3].reduce(function (a, b) { return a + b }));\n"
    "var buffer = new Uint8Array([1, 2, 300]); print(buffer[2], Object.keys({ q: 1, r: 2 }));\n"
    "var proxy = new Proxy({}, { get: function (t, k) { return k + '!' } }); print(proxy.moved);\n";
static duk_ret_t print(duk_context *context) {
  duk_push_string(context, " ");
  duk_insert(context, 0);
  duk_join(context, duk_get_top(context) - 1);
  puts(duk_to_string(context, -1));
  return 0;
}
int main(void) {
  duk_context *context = duk_create_heap_default();
  duk_push_c_function(context, print, DUK_VARARGS);
  duk_put_global_string(context, "print");
  duk_eval_string_noresult(context, program);
  duk_destroy_heap(context);
}
