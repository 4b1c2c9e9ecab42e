#!/bin/sh
# Page numbers that wasm-opt works out of addresses.
. ../tools.sh
cc pages.c -o "$OBJ/pages.o"
ld_twins base 65536 "$OBJ/pages.o" --strip-all
optimise_twins -O3 base base
