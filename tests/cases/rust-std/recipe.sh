#!/bin/sh
# Rust with std, built as any user would: one extra flag. rustc asks for a stack of 1 MiB below the
# data.
. ../tools.sh
LINKS="base= moved=--global-base=$((0x100000 + D)) slots=--table-base=$SLOT" \
  rust_build rust_std -C link-arg=--emit-relocs
