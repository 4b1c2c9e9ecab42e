#!/bin/sh
# Allocators of C, C++ and Rust that can be replaced by each other, and some that cannot.
. ../tools.sh
cc work.c -o "$OBJ/lite.o"
cc -DALIGNED work.c -o "$OBJ/full.o"
cxx cpp.cpp -o "$OBJ/cpp.o"
cxx ../cpp/shim.cpp -o "$OBJ/shim.o"
cc inlined.c -o "$OBJ/inlined.o"
cc -DKEPT inlined.c -o "$OBJ/half.o"
cc borrower.c -o "$OBJ/borrower.o"
link lite $REACTOR "$OBJ/lite.o" $LIBC --strip-debug
link full $REACTOR "$OBJ/full.o" $LIBC --strip-debug
link exported $REACTOR "$OBJ/full.o" $LIBC --strip-debug --export=malloc --export=free
link cpp $REACTOR "$OBJ/cpp.o" "$OBJ/shim.o" $LIBCXX $LIBC --strip-debug
link inlined "$OBJ/inlined.o" --export=malloc
link half "$OBJ/half.o"
link borrower "$OBJ/borrower.o" --strip-debug
link gone "$OBJ/inlined.o" --strip-all
cd rust && LINKS="rust=" rust_build allocators -C link-arg=--emit-relocs -C link-arg=--strip-debug
CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_OPT_LEVEL=3 LINKS="lto=" \
  rust_build allocators -C link-arg=--emit-relocs -C link-arg=--strip-debug
