#!/bin/sh
# The layout of older linkers: data from 1024, then the stack, then the heap. The same program as
# c-symbols.
. ../tools.sh
cc ../c-symbols/symbols.c -o "$OBJ/symbols.o"
link_all 1024 --no-stack-first -z stack-size=32768 "$OBJ/symbols.o"
