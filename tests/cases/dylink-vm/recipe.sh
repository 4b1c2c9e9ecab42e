#!/bin/sh
# An interpreter as a side module, and as a static link with records.
. ../tools.sh
cc vm.c -o "$OBJ/static.o"
cc -fPIC vm.c -o "$OBJ/side.o"
link static "$OBJ/static.o" --strip-debug
side base "$OBJ/side.o" --strip-debug
