#!/bin/sh
. ../tools.sh
cc imports.c -o "$OBJ/imports.o"
link_all 65536 "$OBJ/imports.o" --export=numbers --export=empty --export=text
