#!/bin/sh
. ../tools.sh
cc piece.c -o "$OBJ/piece.o"
link_all 65536 "$OBJ/piece.o"
