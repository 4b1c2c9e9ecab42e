#include "drive.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
static const luaL_Reg libraries[] = {{"_G", luaopen_base},          {"coroutine", luaopen_coroutine},
                                     {"table", luaopen_table},      {"string", luaopen_string},
                                     {"math", luaopen_math},        {"utf8", luaopen_utf8},
                                     {NULL, NULL}};
static const char program[] =
    "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
    "local t = {}\n"
    "for i = 1, 10 do t[#t + 1] = ('%d:%x:%s'):format(fib(i), i * 37, math.type(i / 2)) end\n"
    "print(table.concat(t, ' '))\n"
    "table.sort(t, function(a, b) return a > b end)\n"
    "print(t[1], t[#t], select('#', table.unpack(t)))\n"
    "print((('linear memory'):gsub('%w+', string.upper)))\n"
    "local o = setmetatable({}, {__index = function(_, k) return k .. '!' end, __call = function() return 7 end})\n"
    "print(o.moved, o(), utf8.char(228, 8364), math.maxinteger, 2^53, 7 // 2, 7.5 % 2)\n"
    "for w in ('a,b,c'):gmatch('[^,]') do io_write(w, ';') end io_write('\\n')\n";
static int io_write(lua_State *lua) {
  for (int at = 1; at <= lua_gettop(lua); at++) fputs(luaL_checkstring(lua, at), stdout);
  return 0;
}
int main(void) {
  lua_State *lua = luaL_newstate();
  for (const luaL_Reg *each = libraries; each->func; each++) {
    luaL_requiref(lua, each->name, each->func, 1);
    lua_pop(lua, 1);
  }
  lua_register(lua, "io_write", io_write);
  if (luaL_loadstring(lua, program)) return puts(lua_tostring(lua, -1));
  lua_call(lua, 0, 0);
  lua_close(lua);
}
