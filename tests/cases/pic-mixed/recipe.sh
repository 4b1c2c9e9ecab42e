#!/bin/sh
# One object with -fPIC and one without, no relocation records. Must be refused: the addresses in the
# code of the second are unknown.
. ../tools.sh
cc -fPIC moving.c -o "$OBJ/moving.o"
cc fixed.c -o "$OBJ/fixed.o"
"$WASM_LD" --no-entry --import-memory "$OBJ/moving.o" "$OBJ/fixed.o" -o "$OUT/base.wasm"
