#!/bin/sh
# C with wasi-libc of Debian 12, whose malloc claims all memory above `__heap_base`.
. ../tools.sh
cc malloc.c -o "$OBJ/malloc.o"
link_all 65536 $REACTOR "$OBJ/malloc.o" $LIBC --export=malloc --export=free
