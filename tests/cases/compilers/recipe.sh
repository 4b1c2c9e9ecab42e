#!/bin/sh
# The recipes of docs/compilers.md, as they are there: what is between `# [name]` and `# [/name]` is a
# code block of that page. The page says what a user types; what this machine needs besides comes from
# the programs in $BIN and from the environment.
. ../tools.sh
HERE=$PWD
BIN=$OBJ/bin
mkdir "$BIN"
# put PROGRAM COMMAND…: a program that runs the command.
put() {
  put_name=$1
  shift
  printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$BIN/$put_name"
  chmod +x "$BIN/$put_name"
}
put clang-22 "$(command -v "$CLANG")"
put clang++-22 "$(command -v "$CLANGXX")"
put wasm-ld-22 "$WASM_LD"
# As LLVM calls it: what build.zig runs.
put wasm-ld "$WASM_LD"
put zig "$PYTHON" -m ziglang
put cargo "$CARGO"
export PATH="$BIN:$PATH"
# Lets every build of Zig write to one place.
export ZIG_GLOBAL_CACHE_DIR="$CACHE/zig" ZIG_LOCAL_CACHE_DIR="$CACHE/zig"

# work NAME: a folder with the sources, for one recipe.
work() {
  mkdir "$OBJ/$1"
  cp -R "$HERE"/*.c "$HERE"/*.cpp "$HERE"/Makefile "$HERE"/CMakeLists.txt "$HERE"/*.cmake \
    "$HERE"/rust "$HERE"/zig "$OBJ/$1"
  cd "$OBJ/$1"
}
# keep FILE NAME: a module to be committed.
keep() { mv "$1" "$OUT/$2.wasm"; }

work c
# [c]
clang-22 --target=wasm32-wasi --sysroot=/usr -O2 --no-wasm-opt -mexec-model=reactor \
  -fuse-ld=/usr/bin/wasm-ld-22 -Wl,--export=malloc,--export=free,--strip-debug \
  -Wl,--emit-relocs text.c -o text.wasm
# [/c]
keep text.wasm c

# The same by other builders: the same bytes.
work make
# [run-make]
make -B
# [/run-make]
cmp text.wasm "$OUT/c.wasm"
work cmake
# [run-cmake]
cmake -B build -D CMAKE_TOOLCHAIN_FILE=wasm32-wasi.cmake
cmake --build build
# [/run-cmake]
cmp build/text.wasm "$OUT/c.wasm"

work plain
# [plain]
clang-22 --target=wasm32 -nostdlib -ffreestanding -O2 --no-wasm-opt \
  -fuse-ld=/usr/bin/wasm-ld-22 -Wl,--no-entry -Wl,--export=counter -Wl,--emit-relocs \
  plain.c -o plain.wasm
# [/plain]
keep plain.wasm plain

work cpp
# [cpp]
clang++-22 --target=wasm32-wasi --sysroot=/usr -O2 -fno-exceptions --no-wasm-opt \
  -mexec-model=reactor -fuse-ld=/usr/bin/wasm-ld-22 -Wl,--export=malloc,--export=free,--strip-debug \
  -Wl,--emit-relocs text.cpp -o text.wasm
# [/cpp]
keep text.wasm cpp

work pic
# [pic]
clang-22 --target=wasm32 -nostdlib -ffreestanding -fPIC -O2 --no-wasm-opt \
  -fuse-ld=/usr/bin/wasm-ld-22 -Wl,--no-entry -Wl,--unresolved-symbols=import-dynamic \
  -Wl,--emit-relocs pic.c -o pic.wasm
# [/pic]
keep pic.wasm pic

work zig
cd zig
# [zig]
zig build-obj text.zig -target wasm32-freestanding -O ReleaseSmall -fstrip -fcompiler-rt \
  -femit-bin=text.o
wasm-ld --no-entry --export-dynamic --emit-relocs text.o -o text.wasm
# [/zig]
keep text.wasm zig
# [run-zig]
zig build
# [/run-zig]
cmp zig-out/bin/text.wasm "$OUT/zig.wasm"
# What Zig's own driver makes: it takes the flag and drops it.
zig build-exe text.zig -target wasm32-freestanding -O ReleaseSmall -fstrip -fno-entry -rdynamic \
  --emit-relocs -femit-bin=driver.wasm
keep driver.wasm zig-driver

# No flag makes records in AssemblyScript, so it takes twins.
put asc "${ASC:-npx -y -p assemblyscript@0.28.20 asc}"
work asc
# Its sources end in .ts.
cp "$HERE/text.as" text.ts
# [asc]
asc text.ts -O3 --exportRuntime --memoryBase 65536 -o text.wasm
asc text.ts -O3 --exportRuntime --memoryBase 131072 -o text.near.wasm     # 64 KiB higher
asc text.ts -O3 --exportRuntime --memoryBase 2147352576 -o text.far.wasm  # 0x7ffe0000
# [/asc]
keep text.wasm assemblyscript
keep text.near.wasm assemblyscript-near
keep text.far.wasm assemblyscript-far

# After wasm-opt there are no records either.
put wasm-opt "${WASM_OPT:-npx -y -p binaryen@132.0.0 wasm-opt}"
work c-opt
# [c-opt]
for base in 65536 131072 2147352576; do
  clang-22 --target=wasm32-wasi --sysroot=/usr -O2 --no-wasm-opt -mexec-model=reactor \
    -fuse-ld=/usr/bin/wasm-ld-22 -Wl,--export=malloc,--export=free \
    -Wl,--global-base=$base text.c -o text.$base.wasm
  wasm-opt -O3 -g --strip-dwarf text.$base.wasm -o text.$base.wasm
done
# [/c-opt]
keep text.65536.wasm c-opt
keep text.131072.wasm c-opt-near
keep text.2147352576.wasm c-opt-far

# Emscripten, not installed: see twin-emscripten.
# shellcheck source=/dev/null
. "$HERE/../twin-emscripten/emscripten.sh"
emcc() { emscripten emcc "$@"; }
work emcc
# [emcc]
for base in 65536 131072 2145386496; do
  emcc -O2 -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sTOTAL_STACK=65536 \
    -sGLOBAL_BASE=$base -sINITIAL_MEMORY=$((base + 1048576)) text.c -o text.$base.wasm
done
# [/emcc]
keep text.65536.wasm emscripten
keep text.131072.wasm emscripten-near
keep text.2145386496.wasm emscripten-far
# [emcc-side]
emcc -O2 -sSIDE_MODULE=2 plain.c -o plain.wasm
# [/emcc-side]
keep plain.wasm emscripten-side

work side
# [side]
clang-22 --target=wasm32 -nostdlib -ffreestanding -fPIC -fvisibility=default -O2 --no-wasm-opt \
  -fuse-ld=/usr/bin/wasm-ld-22 -shared -Wl,--no-entry \
  -Wl,--unresolved-symbols=import-dynamic pic.c -o pic.wasm
# [/side]
keep pic.wasm side

# A toolchain of rustup has the libraries of both targets. Here they are built from source, and the
# second one takes its libc and start file from wasi-libc.
work rust
cd rust
rust_src=$("$RUSTC" --print sysroot)/lib/rustlib/src/rust
rust_target=$CACHE/rust-recipes
mkdir -p "$rust_target"
# Always at one place: cargo builds everything anew for another linker.
cat >"$rust_target/wasi-ld" <<END
#!/bin/sh
exec "$WASM_LD" "\$@" $REACTOR -L/usr/lib/wasm32-wasi -lc
END
export RUSTC RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort CARGO_TARGET_DIR="$rust_target"
# First, so that the folders of its crates have names to be replaced: no absolute paths in the result.
cargo fetch -q --target wasm32-unknown-unknown
{
  echo '#!/bin/sh'
  echo 'case " $* " in *" wasm32-wasip1 "*)'
  echo '  set -- "$@" -C link-self-contained=no -L /usr/lib/wasm32-wasi ;;'
  echo 'esac'
  printf 'exec "$@" --remap-path-prefix=%s=/rust --remap-path-prefix=%s=/rust' \
    "$(readlink -f "$rust_src")" "$rust_src"
  for each in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    printf ' --remap-path-prefix=%s=/crates' "$each"
  done
  echo
} >"$BIN/rustc-wrapper"
cat >"$rust_target/ld" <<END
#!/bin/sh
[ -z "\${WITHOUT_RECORDS-}" ] || for each; do
  shift
  [ "\$each" = --emit-relocs ] || set -- "\$@" "\$each"
done
exec "$WASM_LD" "\$@"
END
chmod +x "$rust_target/wasi-ld" "$rust_target/ld" "$BIN/rustc-wrapper"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$rust_target/ld"
export CARGO_TARGET_WASM32_WASIP1_LINKER="$rust_target/wasi-ld" RUSTC_WRAPPER="$BIN/rustc-wrapper"
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
rm -f "$rust_target"/wasm32-*/release/deps/text*
# [rust]
cargo build --release --target wasm32-unknown-unknown
# [/rust]
keep "$rust_target/wasm32-unknown-unknown/release/text.wasm" rust
# [wasip1]
cargo build --release --target wasm32-wasip1
# [/wasip1]
keep "$rust_target/wasm32-wasip1/release/text.wasm" rust-wasip1
# Without the flag of the file above, and still with the library that was built with it.
export WITHOUT_RECORDS=1
mkdir -p target
ln -s "$rust_target/wasm32-unknown-unknown" target
# [rust-opt]
for base in 1048576 1114112 2146369536; do
  cargo rustc --release --target wasm32-unknown-unknown -- -C link-arg=--global-base=$base
  wasm-opt -O3 -g target/wasm32-unknown-unknown/release/text.wasm -o text.$base.wasm
done
# [/rust-opt]
keep text.1048576.wasm rust-opt
keep text.1114112.wasm rust-opt-near
keep text.2146369536.wasm rust-opt-far

# What built them.
{
  "$CLANG" --version | sed -n 's/.*clang version \([0-9.]*\).*/clang \1/p'
  "$WASM_LD" --version | sed -n 's/.*LLD \([0-9.]*\).*/wasm-ld \1/p'
  "$RUSTC" --version | sed -n 's/^rustc \([0-9.]*\).*/rustc \1/p'
  echo "zig $("$PYTHON" -m ziglang version)"
  echo "asc $(asc --version | sed 's/^Version //')"
  echo "wasm-opt $(wasm-opt --version | sed -n 's/.*version \([0-9]*\).*/\1/p')"
  echo "emcc $(emcc --version | sed -n 's/^emcc.* \([0-9.]*\)[~ ].*/\1/p')"
} >"$OUT/versions.txt"
