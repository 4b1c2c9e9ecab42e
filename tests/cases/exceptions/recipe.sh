#!/bin/sh
# One module throws, one catches: with the tag imported, and each with a tag of its own.
. ../tools.sh
eh() { "$CLANGXX" --target=wasm32-wasi --sysroot=/usr -Wno-deprecated -O2 -fwasm-exceptions -fno-rtti -c "$@"; }
eh catch.cpp -o "$OBJ/catch.o"
eh throw.cpp -o "$OBJ/throw.o"
eh -mllvm -wasm-use-legacy-eh=false catch.cpp -o "$OBJ/catch-new.o"
eh tag.s -o "$OBJ/tag.o"
link catch "$OBJ/catch.o" --allow-undefined
link catch-new "$OBJ/catch-new.o" --allow-undefined
link throw "$OBJ/throw.o" --allow-undefined
link catch-own "$OBJ/catch.o" "$OBJ/tag.o" --allow-undefined
link throw-own "$OBJ/throw.o" "$OBJ/tag.o"
