#include "program.h"
#include <mujs.h>
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
    "answer(sum)";
static unsigned value;
static void answer(js_State *js) {
  value = js_touint32(js, 1);
  js_pushundefined(js);
}
unsigned RUN(unsigned n) {
  js_State *js = js_newstate(NULL, NULL, JS_STRICT * 0);
  value = 0;
  js_newcfunction(js, answer, "answer", 1);
  js_setglobal(js, "answer");
  js_pushnumber(js, n);
  js_setglobal(js, "n");
  if (js_dostring(js, program)) return 1;
  js_freestate(js);
  return value;
}
