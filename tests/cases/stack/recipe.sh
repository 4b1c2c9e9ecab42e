#!/bin/sh
# A stack of 4 KiB and functions that need more, with and without optimisation, in C and in Rust.
. ../tools.sh
for level in 0 2; do
  cc -O$level -Wno-alloca stack.c -o "$OBJ/stack.o"
  link o$level "$OBJ/stack.o" -z stack-size=4096 --strip-debug
done
cc nested.c -o "$OBJ/nested.o"
link nested "$OBJ/nested.o" -z stack-size=16384 --strip-debug
cd rust && LINKS="rust=" BUILD_STD=core rust_build rust_stack -C link-arg=--emit-relocs \
  -C link-arg=-zstack-size=4096
