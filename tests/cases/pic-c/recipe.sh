#!/bin/sh
# Position independent C with an imported memory, without relocation records:
# - base, moved: with .bss, which `__wasm_init_memory` fills, and `__heap_base` exported
# - plain, plain-moved: without .bss and without that export
# - relocs, relocs-moved, relocs-slots: the first with relocation records
. ../tools.sh
cc -fPIC -mbulk-memory -DBSS pic.c -o "$OBJ/bss.o"
cc -fPIC -mbulk-memory pic.c -o "$OBJ/plain.o"
both() {
  both_name=$1 moved_name=$2
  shift 2
  "$WASM_LD" --no-entry --import-memory "$@" -o "$OUT/$both_name.wasm"
  "$WASM_LD" --no-entry --import-memory "$@" --global-base=$((65536 + D)) -o "$OUT/$moved_name.wasm"
}
both base moved "$OBJ/bss.o" --export=__heap_base
both plain plain-moved "$OBJ/plain.o"
both relocs relocs-moved --emit-relocs "$OBJ/bss.o" --export=__heap_base
link relocs-slots --import-memory "$OBJ/bss.o" --export=__heap_base --table-base=$SLOT
