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
# What must be refused, and what must not be taken for libc.
for each in heap_in_data pool facade both shim counted destructor import local local_free; do
  cc -Wno-incompatible-library-redeclaration partial/$each.c -o "$OBJ/$each.o"
done
cc -msimd128 -mfp16 partial/fp16.c -o "$OBJ/fp16.o"
cxx partial/operator_new.cpp -o "$OBJ/operator_new.o"
for each in heap_in_data both fp16; do
  link partial-$each $REACTOR "$OBJ/$each.o" $LIBC --strip-debug
done
ALL="--export=calloc --export=realloc --export=aligned_alloc --export=posix_memalign --strip-debug"
link partial-counted $REACTOR "$OBJ/counted.o" $LIBC $ALL
link partial-local $REACTOR "$OBJ/local.o" "$OBJ/local_free.o" $LIBC $ALL
for each in pool facade shim destructor operator_new import; do link partial-$each "$OBJ/$each.o"; done
cd rust && LINKS="rust=" rust_build allocators -C link-arg=--emit-relocs -C link-arg=--strip-debug
CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_OPT_LEVEL=3 LINKS="lto=" \
  rust_build allocators -C link-arg=--emit-relocs -C link-arg=--strip-debug
