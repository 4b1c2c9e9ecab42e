#!/bin/sh
# A side module of Emscripten 3.1.6 (LLVM 14), and the same as a standalone module (`static`). With
# SIDE_MODULE=1, which exports everything, it is the same.
. ../tools.sh
. ../twin-emscripten/emscripten.sh
emscripten emcc -O2 -sSIDE_MODULE=2 side.c -o "$OUT/base.wasm"
emscripten emcc -O2 -sSTANDALONE_WASM --no-entry side.c -o "$OUT/static.wasm"
