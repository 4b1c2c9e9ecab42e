#include "program.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
static const luaL_Reg libraries[] = {{"_G", luaopen_base},
                                     {"table", luaopen_table},
                                     {"string", luaopen_string},
                                     {"math", luaopen_math},
                                     {NULL, NULL}};
static const char program[] =
    "local n = ...\n"
    "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
    "local t, sum = {}, 0\n"
    "for i = 1, n * 100 do t[i] = (i * 7919) % 10007 end\n"
    "table.sort(t, function(a, b) return a > b end)\n"
    "for i, v in ipairs(t) do sum = (sum * 31 + v) % 1000003 end\n"
    "local words = {}\n"
    "for i = 1, n * 10 do words[#words + 1] = ('%d:%x:%g'):format(i, i * 37, i / 8) end\n"
    "local text = table.concat(words, ',')\n"
    "for w in text:gmatch('[^,]+') do sum = (sum + #w * 7) % 1000003 end\n"
    "local upper = text:gsub('%x+', string.upper)\n"
    "return (sum + fib(20) + #upper) % 1000003\n";
unsigned RUN(unsigned n) {
  lua_State *lua = luaL_newstate();
  for (const luaL_Reg *each = libraries; each->func; each++) {
    luaL_requiref(lua, each->name, each->func, 1);
    lua_pop(lua, 1);
  }
  if (luaL_loadstring(lua, program)) return 1;
  lua_pushinteger(lua, n);
  lua_call(lua, 1, 1);
  unsigned value = (unsigned) lua_tointeger(lua, -1);
  lua_close(lua);
  return value;
}
