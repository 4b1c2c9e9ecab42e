#!/bin/sh
# Builds the Rust programs, all of them, each in a folder of $OUT and in the forms of `../recipe.sh`. The side module
# has Rust's library in it. $NAMES: the programs.
. ../../../tests/cases/tools.sh

# libraries DIRECTORY RUSTFLAGS…: a static library for each program.
libraries() {
  rust_to=$1
  shift
  rust_src=$("$RUSTC" --print sysroot)/lib/rustlib/src/rust
  RUSTC_BOOTSTRAP=1 RUSTC=$RUSTC CARGO_TARGET_DIR=$rust_to \
    RUSTFLAGS="--remap-path-prefix=$(readlink -f "$rust_src")=/rust $*" \
    "$CARGO" build -q -Z build-std=std,panic_abort --target wasm32-unknown-unknown --release --locked --examples
}

libraries "$CACHE/bench-rust"
libraries "$CACHE/bench-rust-pic" -C relocation-model=pic
for name in $NAMES; do
  made=wasm32-unknown-unknown/release/examples/lib$name.a
  to=$OUT/$name
  mkdir -p "$to/objects/$name"
  cp "$CACHE/bench-rust/$made" "$to/objects/$name/"
  echo "--no-entry --export=run -z stack-size=1048576 --stack-first" >"$to/link"
  "$WASM_LD" --emit-relocs "$to/objects/$name"/*.a $(cat "$to/link") -o "$to/untouched.wasm"
  "$WASM_LD" $(cat "$to/link") "$CACHE/bench-rust-pic/$made" -o "$to/pic.wasm"
  "$WASM_LD" -shared --experimental-pic --export=run "$CACHE/bench-rust-pic/$made" -o "$to/side.wasm"
done
