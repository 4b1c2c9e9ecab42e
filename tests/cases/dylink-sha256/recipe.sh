#!/bin/sh
# SHA-256 as a side module, and as a static link with records.
. ../tools.sh
cc sha256.c -o "$OBJ/static.o"
cc -fPIC sha256.c -o "$OBJ/side.o"
link static "$OBJ/static.o" --strip-debug
side base "$OBJ/side.o" --strip-debug
