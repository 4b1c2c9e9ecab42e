#!/bin/sh
# The program of rust-std (Rust with std) without records, optimised after the link, with other table
# slots in the near and far one.
. ../tools.sh
cd ../rust-std
base=$((0x100000))
LINKS="base=no-records base-near=no-records,--global-base=$((base + NEAR)),--table-base=1001
  base-far=no-records,--global-base=$((base + FAR)),--table-base=5001" \
  rust_build rust_std -C link-arg=--emit-relocs
optimise_twins -O3 base base
as_delta base base-near base-far
