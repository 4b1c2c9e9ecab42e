#!/bin/sh
# Modules that call each other: a pair (left and right), a ring of three (a, b and c), and a program with a
# plug-in, each with malloc (app and plugin).
. ../tools.sh
ring() {
  cc -DME="$1" -DNEXT="$2" ring.c -o "$OBJ/$1.o"
  link "$1" "$OBJ/$1.o" --export=__wasm_call_ctors
}
ring left right
ring right left
ring a b
ring b c
ring c a
for each in app plugin; do
  cc $each.c -o "$OBJ/$each.o"
  link $each $REACTOR "$OBJ/$each.o" $LIBC --export=malloc --export=free --strip-debug
done
