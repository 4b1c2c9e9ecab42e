#!/bin/sh
# C++ with libc++ of Debian's LLVM 22 and wasi-libc, as a reactor.
. ../tools.sh
cxx animals.cpp -o "$OBJ/animals.o"
cxx shim.cpp -o "$OBJ/shim.o"
link_all 65536 $REACTOR "$OBJ/animals.o" "$OBJ/shim.o" $LIBCXX $LIBC --strip-debug
