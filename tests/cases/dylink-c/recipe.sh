#!/bin/sh
# The program of c-statics as a side module (`base`), and from the same sources as a static link with
# records (`static`): what the linker itself says it does.
. ../tools.sh
cc ../c-statics/statics.c -o "$OBJ/static.o"
cc -fPIC ../c-statics/statics.c -o "$OBJ/side.o"
link static "$OBJ/static.o"
side base "$OBJ/side.o"
