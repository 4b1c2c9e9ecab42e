#!/bin/sh
# The program of rust-std as the original system asks for it: position independent, with its library,
# and an imported memory; no records, and not optimised after the link.
. ../tools.sh
cd ../pic-rust
BUILD_STD=core,std,alloc,panic_abort
base=$((0x100000))
LINKS="base= base-near=--global-base=$((base + NEAR)) base-far=--global-base=$((base + FAR))" \
  rust_build pic_rust -C relocation-model=pic -C link-arg=--import-memory
as_delta base base-near base-far
