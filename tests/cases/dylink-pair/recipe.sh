#!/bin/sh
# Two side modules that use each other's symbols (`left`, `right`), and both in one static link.
. ../tools.sh
for each in left right; do
  cc "$each.c" -o "$OBJ/$each-static.o"
  # clang hides all symbols from others when it compiles for wasm32-wasi, if it is not told otherwise.
  cc -fPIC -fvisibility=default "$each.c" -o "$OBJ/$each.o"
  side "$each" "$OBJ/$each.o"
done
link static "$OBJ/left-static.o" "$OBJ/right-static.o" --export=__wasm_call_ctors
