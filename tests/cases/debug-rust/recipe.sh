#!/bin/sh
# Rust without std, with debug information of its own and of core.
. ../tools.sh
LINKS="base= moved=--global-base=$((0x100000 + D)) slots=--table-base=$SLOT" \
  BUILD_STD=core rust_build debug_rust -C link-arg=--emit-relocs "--remap-path-prefix=$PWD=."
"${DENO:-deno}" run -q -A ../source_map.ts "$OUT" base
