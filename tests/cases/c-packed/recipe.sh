#!/bin/sh
# Data at 0x10000, so that the lower half of a pointer can be zero.
. ../tools.sh
cc packed.c -o "$OBJ/packed.o"
link_all 65536 "$OBJ/packed.o"
