#!/bin/sh
# Allocators that share one memory, each with the same canaries: malloc of wasi-libc of 2022 with and without
# exports, three of our own, and Rust's.
. ../tools.sh
for each in canary bump between arena; do cc "$each.c" -o "$OBJ/$each.o"; done
link staged $REACTOR "$OBJ/canary.o" $LIBC --export=malloc --export=free --strip-debug
link private $REACTOR "$OBJ/canary.o" $LIBC --strip-debug
for each in bump between arena; do link $each "$OBJ/canary.o" "$OBJ/$each.o"; done
cd rust && LINKS="rust=" rust_build heaps -C link-arg=--emit-relocs
