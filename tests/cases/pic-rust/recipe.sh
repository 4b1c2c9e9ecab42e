#!/bin/sh
# The program of rust-std as the original system asks for it: position independent, with its library,
# and an imported memory; no relocation records (`base`, `moved`). And the same objects with them
# (`relocs`, `relocs-moved`).
. ../tools.sh
BUILD_STD=core,std,alloc,panic_abort
at=--global-base=$((0x100000 + D))
LINKS="base= moved=$at relocs=--emit-relocs relocs-moved=--emit-relocs,$at" \
  rust_build pic_rust -C relocation-model=pic -C link-arg=--import-memory
