#!/bin/sh
# Address arithmetic after wasm-opt. From 1 MiB on, where an addition of the first address is written as
# the subtraction of its negative (`base`), and from 64 KiB on (`low`).
. ../tools.sh
cc shapes.c -o "$OBJ/shapes.o"
ld_twins base 1048576 "$OBJ/shapes.o" --strip-all
optimise_twins -O3 base base
ld_twins low 65536 "$OBJ/shapes.o" --strip-all
optimise_twins -Os low low
