#!/bin/sh
# A module that grows the function table. The linker gives the table as many slots as it fills, and no more
# (max = min).
. ../tools.sh
cc grow.c -o "$OBJ/c.o"
"$CLANG" --target=wasm32-wasi -mreference-types -c grow.s -o "$OBJ/s.o"
link grow "$OBJ/c.o" "$OBJ/s.o"
link import --import-table "$OBJ/c.o" "$OBJ/s.o"
