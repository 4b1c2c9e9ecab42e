#!/bin/sh
# Position independent, data first, a memory of its own, no records. Must be refused: nothing says where
# .bss ends and the stack begins.
. ../tools.sh
cc -fPIC -O1 bss.c -o "$OBJ/bss.o"
"$WASM_LD" --no-entry --no-stack-first --export-if-defined=nothing "$OBJ/bss.o" -o "$OUT/base.wasm"
