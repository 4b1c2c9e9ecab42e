#!/bin/sh
# Zig: its own driver drops --emit-relocs, so compile to an object and link that.
. ../tools.sh
zig_object shapes.zig "$OBJ/shapes.o"
link_all 65536 "$OBJ/shapes.o" --export-dynamic
