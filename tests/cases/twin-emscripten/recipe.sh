#!/bin/sh
# Emscripten of Debian 12 (3.1.6, with LLVM 14 and binaryen 108), unpacked beside the sources and not
# installed: a standalone reactor whose memory grows, with dlmalloc (`base`) and with emmalloc (`small`).
. ../tools.sh
. ./emscripten.sh
# emcc_twins NAME ARGS…: data from a megabyte up, and as much memory as data, stack and heap need.
emcc_twins() {
  em_name=$1
  shift
  for each in " 1048576" "-near $((1048576 + NEAR))" "-far $((1048576 + FAR))"; do
    emscripten emcc -O2 -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sTOTAL_STACK=65536 \
      -sGLOBAL_BASE="${each#* }" -sINITIAL_MEMORY=$((${each#* } + 0x100000)) "$@" store.c \
      -o "$OUT/$em_name${each% *}.wasm"
  done
  as_delta "$em_name" "$em_name-near" "$em_name-far"
}
emcc_twins base -sEXPORTED_FUNCTIONS=_malloc,_free
emcc_twins small -sMALLOC=emmalloc -Oz
