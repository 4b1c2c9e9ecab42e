#!/bin/sh
# Some of the linker's symbols are exported too, as globals.
. ../tools.sh
cc symbols.c -o "$OBJ/symbols.o"
link_all 65536 "$OBJ/symbols.o" --export=__heap_base --export=__data_end --export=__heap_end
