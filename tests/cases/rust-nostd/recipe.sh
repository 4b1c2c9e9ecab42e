#!/bin/sh
# Rust without std.
. ../tools.sh
LINKS="base= moved=--global-base=$((0x100000 + D)) slots=--table-base=$SLOT" \
  rust_build rust_nostd -C link-arg=--emit-relocs
