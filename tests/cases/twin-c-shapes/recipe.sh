#!/bin/sh
# Address arithmetic after wasm-opt. From 1 MiB on, where an addition of the first address is written as
# the subtraction of its negative (`base`), and from 64 KiB on (`low`). No function of it sets the stack
# pointer, so wasm-opt makes constants of the addresses on the stack: with larger stacks instead of other
# bases (`stacks`) they are seen to move, but not where the stack begins.
. ../tools.sh
cc shapes.c -o "$OBJ/shapes.o"
ld_twins base 1048576 "$OBJ/shapes.o" --strip-all
optimise_twins -O3 base base
ld_twins low 65536 "$OBJ/shapes.o" --strip-all
optimise_twins -Os low low
ld_stacks stacks 1048576 "$OBJ/shapes.o" --strip-all
optimise_twins -O3 stacks stacks
