#!/bin/sh
# Rust with std, built as any user would: one extra flag.
. ../../../tests/cases/tools.sh
LINKS="parser=" rust_build parser -C link-arg=--emit-relocs
