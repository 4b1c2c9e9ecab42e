#!/bin/sh
# C without a libc: the compiler, the linker and one extra flag.
. ../../../tests/cases/tools.sh
cc stats.c -o "$OBJ/stats.o"
link stats "$OBJ/stats.o"
