#!/bin/sh
# Zig: its own driver drops --emit-relocs, so compile to an object and link that.
. ../../../tests/cases/tools.sh
zig_object transform.zig "$OBJ/transform.o"
link transform "$OBJ/transform.o" --export-dynamic
