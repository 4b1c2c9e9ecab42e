#!/bin/sh
# The program of c-malloc (wasi-libc, whose malloc claims all memory above `__heap_base`), without
# records, optimised after the link.
. ../tools.sh
cc ../c-malloc/malloc.c -o "$OBJ/malloc.o"
# shellcheck disable=SC2086
ld_twins base 65536 $REACTOR "$OBJ/malloc.o" $LIBC --export=malloc --export=free --strip-all
optimise_twins -O3 base base
