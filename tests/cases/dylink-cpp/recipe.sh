#!/bin/sh
# C++ with virtual functions and constructors as a side module, and as a static link with records.
. ../tools.sh
cxx shapes.cpp -o "$OBJ/static.o"
cxx -fPIC shapes.cpp -o "$OBJ/side.o"
link static "$OBJ/static.o" --export=__wasm_call_ctors
side base "$OBJ/side.o"
