#!/bin/sh
# Modules that free blocks of each other: malloc of wasi-libc with and without exports, C++, an allocator of
# our own that can be seen and cannot, one that forwards, and Rust's.
. ../tools.sh
for each in frees forward piece arena inlined unnamed; do cc -fno-builtin "$each.c" -o "$OBJ/$each.o"; done
cc -fno-builtin '-DPREFIX="the_"' forward.c -o "$OBJ/renamed.o"
cxx cxx.cpp -o "$OBJ/cxx.o"
link c $REACTOR "$OBJ/frees.o" $LIBC --export=malloc --export=free --export=realloc --strip-debug
link private $REACTOR "$OBJ/frees.o" $LIBC --strip-debug
link cxx $REACTOR "$OBJ/cxx.o" $LIBCXX $LIBC --export=malloc --export=free --strip-debug
for each in forward renamed inlined unnamed; do link $each $REACTOR "$OBJ/$each.o" $LIBC; done
for each in piece arena; do
  link $each $REACTOR "$OBJ/$each.o" $LIBC --export=malloc --export=free --export=realloc
done
cd rust
LINKS="rust=" rust_build frees -C link-arg=--emit-relocs
# What frees is copied into its callers.
export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_OPT_LEVEL=3
LINKS="rust-lto=" rust_build frees -C link-arg=--emit-relocs
