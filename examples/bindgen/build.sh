#!/bin/sh
# Builds the C module, and lets `combine` do the rest: cargo, the move, wasm-bindgen.
#
#   sh examples/bindgen/build.sh         replaces checksum.wasm and pkg
#   deno task fixtures examples/bindgen  builds them elsewhere and compares
set -eu
here=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$here} CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wasm-share-fixtures}
mkdir -p "$CACHE"
# shellcheck source=/dev/null
. "$here/../../tests/cases/tools.sh"

"$CLANG" --target=wasm32 -nostdlib -ffreestanding -O2 --no-wasm-opt -fuse-ld="$WASM_LD" \
  -Wl,--no-entry -Wl,--strip-debug -Wl,--emit-relocs "$here/checksum/checksum.c" \
  -o "$OUT/checksum.wasm"
chmod 644 "$OUT/checksum.wasm"

mkdir "$OBJ/bindgen"
for each in Cargo.toml Cargo.lock wasm-share.config.ts markdown gzip; do
  cp -R "$here/$each" "$OBJ/bindgen/"
done
cp "$OUT/checksum.wasm" "$OBJ/bindgen/"
crates_combine "$OBJ/bindgen" wasm-share.config.ts pkg
