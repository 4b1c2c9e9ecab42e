#!/bin/sh
# Programs that check themselves from the test suite of Rust (src/test/ui, run-pass), from Debian's source
# package of rustc 1.63. They need no other crate, thread, process or unstable feature. The Rust library
# for them, built from source, and the linker script are those of the set `own`.
. ../tools.sh

version=1.63.0+dfsg1-2
src=$CACHE/rust-ui-$version
if [ ! -d "$src" ]; then
  deb_tarball "$CACHE/rust-ui.tar" rustc "$version"
  rm -rf "$src.new"
  mkdir -p "$src.new"
  tar -xf "$CACHE"/rust-ui.tar/rustc_*.orig.tar.xz -C "$src.new" --wildcards --strip-components=4 '*/src/test/ui/*.rs'
  mv "$src.new" "$src"
  rm -rf "$CACHE/rust-ui.tar"
fi

RUST_STD=$CACHE/own/sysroot
[ -d "$RUST_STD" ] || (cd ../own && ONLY=rust-none OUT=$OBJ/own CACHE=$CACHE sh ./recipe.sh)
RUST_LD=$(cd ../own && pwd)/rust-ld
here=$PWD

# ui FILE: one program, compiled as a number made from its name says.
ui() {
  name=$(echo "${1%.rs}" | tr / -)
  hash=$(printf '%s' "$name" | cksum)
  hash=${hash%% *}
  file=$1
  set -- 0 1 2 3 s z
  shift $((hash % 6))
  flags="-C opt-level=$1"
  case $((hash / 6 % 6)) in
  0) flags="$flags -g" ;;
  1) flags="$flags -C lto=fat" ;;
  2) flags="$flags -C strip=symbols" ;;
  3) flags="$flags -C codegen-units=16 -C target-feature=+simd128" ;;
  4) flags="$flags -C link-arg=--no-merge-data-segments -C strip=debuginfo" ;;
  5) flags="$flags -C relocation-model=pic -C strip=debuginfo" ;;
  esac
  edition=$(sed -n 's/^\/\/ *edition: *//p' "$file")
  mkdir -p "$OUT/$name"
  LINK_OUT=$OUT/$name LINKS="a= b=--global-base=$((0x100000 + D)) t=--table-base=$SLOT s=-z,stack-size=$((0x100000 + S))" \
    RUSTC_BOOTSTRAP=1 "$RUSTC" --sysroot "$RUST_STD" --target wasm32-unknown-unknown --edition "${edition:-2015}" \
    --crate-type bin --crate-name program -A warnings -C panic=abort -C debug-assertions=on -C linker="$RUST_LD" \
    -C link-arg=--emit-relocs --remap-path-prefix="$src"=. $flags "$file" -o "$OBJ/program.wasm"
  echo '{ "calls": [{ "export": "main", "args": [0, 0], "expect": 0 }] }' >"$OUT/$name/run.json"
}

cd "$src"
in_parallel ui <"$here/programs.txt"
