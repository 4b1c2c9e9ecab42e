#!/bin/sh
# C without a libc. The linker merges the tails of strings at -O2.
. ../tools.sh
cc statics.c -o "$OBJ/statics.o"
link_all 65536 -O2 "$OBJ/statics.o"
