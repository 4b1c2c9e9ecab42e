#!/bin/sh
# The program of c-statics as a position independent executable: like a side module, with a memory of
# its own.
. ../tools.sh
cc ../c-statics/statics.c -o "$OBJ/static.o"
cc -fPIC ../c-statics/statics.c -o "$OBJ/pie.o"
link static "$OBJ/static.o"
"$WASM_LD" -pie --no-entry --unresolved-symbols=import-dynamic "$OBJ/pie.o" -o "$OUT/base.wasm" 2>"$OBJ/warnings"
