#include "drive.h"
#include <mujs.h>
static const char program[] =
    "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }\n"
    "var list = [3, 1, 2].map(function (n) { return fib(n + 8) });\n"
    "list.sort(function (a, b) { return b - a });\n"
    "print(list.join('/'), JSON.stringify({ a: [1, 2.5, null, true], b: 'x\\u00e4' }));\n"
    "print('linear memory'.replace(/(\\w)(\\w+)/g, function (all, a, b) { return a.toUpperCase() + b }));\n"
    "print(Math.max(1, 7, 3), (255).toString(16), parseFloat('1.5e3'), encodeURIComponent('a b'));\n"
    "print(new Date(0).toISOString(), [1, 2, 3].reduce(function (a, b) { return a + b }));\n"
    "var o = { get x() { return 5 } }; print(o.x, typeof print, Object.keys({ q: 1, r: 2 }));\n";
static void print(js_State *J) {
  for (int at = 1; at < js_gettop(J); at++) printf("%s%s", at > 1 ? " " : "", js_tostring(J, at));
  putchar('\n');
  js_pushundefined(J);
}
int main(void) {
  js_State *J = js_newstate(NULL, NULL, JS_STRICT);
  js_newcfunction(J, print, "print", 0);
  js_setglobal(J, "print");
  js_dostring(J, program);
  js_freestate(J);
}
