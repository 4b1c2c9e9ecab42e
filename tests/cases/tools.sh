# Functions for the recipes. Sourced, never run: `. ../tools.sh`.
#
# In:  $OUT    an absolute directory that receives the built files
#      $CACHE  an absolute directory for sources and intermediate files
# CLANG, CLANGXX, WASM_LD, CARGO, RUSTC, PYTHON and WASM_OPT may name other tools than the pinned
# ones.
set -eu

: "${OUT:?Cannot build a case: OUT is not set}"
: "${CACHE:?Cannot build a case: CACHE is not set}"
CLANG=${CLANG:-clang-22}
CLANGXX=${CLANGXX:-clang++-22}
WASM_LD=${WASM_LD:-/usr/bin/wasm-ld-22}
CARGO=${CARGO:-/usr/bin/cargo}
RUSTC=${RUSTC:-/usr/bin/rustc}
PYTHON=${PYTHON:-python3}
LLVM=${LLVM:-/usr/lib/llvm-22}
# For the linker: a reactor with wasi-libc, and libc++.
REACTOR="/usr/lib/wasm32-wasi/crt1-reactor.o --entry _initialize"
LIBC="-L/usr/lib/wasm32-wasi -lc $LLVM/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a"
LIBCXX="$LLVM/lib/wasm32-wasi/libc++.a $LLVM/lib/wasm32-wasi/libc++abi.a"
TOOLS=$(cd "$(dirname "$0")" && pwd)
while [ ! -f "$TOOLS/tests/cases/tools.sh" ]; do TOOLS=$(dirname "$TOOLS"); done
TOOLS=$TOOLS/tests/cases
export WASM_LD

# How far `moved.wasm` is from `base.wasm`, and at which table slot `slots.wasm` starts.
D=$((0x100000))
SLOT=101

# Objects, made anew each time.
OBJ=$OUT/.obj
rm -rf "$OBJ"
mkdir -p "$OUT" "$OBJ"
trap 'rm -rf "$OBJ"' EXIT

# cc ARGS…: compiles C (one object) without absolute paths in the result.
cc() {
  "$CLANG" --target=wasm32-wasi --sysroot=/usr -Wno-deprecated -O2 -ffile-prefix-map="$PWD"=. \
    -ffile-prefix-map="$CACHE"=. -c "$@"
}

# cxx ARGS…: the same for C++ without exceptions.
cxx() {
  "$CLANGXX" --target=wasm32-wasi --sysroot=/usr -nostdinc++ \
    -isystem "$LLVM/include/wasm32-wasi/c++/v1" -Wno-deprecated -O2 -fno-exceptions \
    -fno-rtti -ffile-prefix-map="$PWD"=. -c "$@"
}

# zig_object SOURCE OBJECT: compiles Zig for a freestanding wasm32, without debug information.
zig_object() {
  "$PYTHON" -m ziglang build-obj "$1" -target wasm32-freestanding -O ReleaseSmall -fstrip \
    --cache-dir "$CACHE/zig" --global-cache-dir "$CACHE/zig" -femit-bin="$2"
}

# link NAME ARGS…: one link, with relocation records.
link() {
  link_name=$1
  shift
  "$WASM_LD" --no-entry --emit-relocs "$@" -o "$OUT/$link_name.wasm"
}

# link_all BASE ARGS…: the same objects at BASE (where the linker puts them by itself), at BASE + D,
# and with other table slots.
link_all() {
  link_base=$1
  shift
  link base "$@"
  link moved "$@" --global-base=$((link_base + D))
  link slots "$@" --table-base=$SLOT
}

# side NAME ARGS…: links a side module (`dylink.0`). What no object defines, others will have.
side() {
  side_name=$1
  shift
  "$WASM_LD" -shared --unresolved-symbols=import-dynamic "$@" -o "$OUT/$side_name.wasm" 2>"$OBJ/warnings" ||
    { cat "$OBJ/warnings" >&2 && return 1; }
}

# Twins: the same program at another base. The near one is 64 KiB away, the far one 17 MiB.
NEAR=$((0x10000))
FAR=$((0x1100000))

# ld NAME ARGS…: one link, without relocation records.
ld() {
  ld_name=$1
  shift
  "$WASM_LD" --no-entry "$@" -o "$OUT/$ld_name.wasm"
}

# ld_twins NAME BASE ARGS…: the same objects at BASE (NAME.wasm), and at their twins' bases
# (NAME-near.wasm and NAME-far.wasm).
ld_twins() {
  twins_name=$1 twins_base=$2
  shift 2
  ld "$twins_name" "$@" --global-base="$twins_base"
  ld "$twins_name-near" "$@" --global-base=$((twins_base + NEAR))
  ld "$twins_name-far" "$@" --global-base=$((twins_base + FAR))
}

# ld_stacks NAME SIZE ARGS…: twins with larger stacks instead of other bases: everything above moves.
ld_stacks() {
  stacks_name=$1 stacks_size=$2
  shift 2
  ld "$stacks_name" "$@" --stack-first -z stack-size="$stacks_size"
  ld "$stacks_name-near" "$@" --stack-first -z stack-size=$((stacks_size + NEAR))
  ld "$stacks_name-far" "$@" --stack-first -z stack-size=$((stacks_size + FAR))
}

# npm_bin PACKAGE VERSION PROGRAM: a program of npm, installed in $CACHE: npx takes a second each time.
# Prints its path.
npm_bin() {
  npm_dir=$CACHE/npm-$1-$2
  if [ ! -d "$npm_dir" ]; then
    rm -rf "$npm_dir.new"
    npm install --silent --no-audit --no-fund --prefix "$npm_dir.new" "$1@$2" >&2
    mv "$npm_dir.new" "$npm_dir"
  fi
  echo "$npm_dir/node_modules/.bin/$3"
}

# optimise LEVEL FROM TO: optimises a built module after the link, with features that Node 20 can read.
optimise() {
  "${WASM_OPT:-$(npm_bin binaryen 132.0.0 wasm-opt)}" --enable-bulk-memory --enable-sign-ext \
    --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types \
    --enable-multivalue "$1" "$OUT/$2.wasm" -o "$OUT/$3.wasm"
}

# optimise_twins LEVEL FROM TO: the same for twins.
optimise_twins() {
  for each in '' -near -far; do optimise "$1" "$2$each" "$3$each"; done
}

# as_delta BASE NAME…: keeps of each NAME.wasm only what differs from BASE.wasm. See `delta.ts`.
as_delta() {
  delta_base=$OUT/$1.wasm
  shift
  for each in "$@"; do
    "${DENO:-deno}" run --no-lock --no-config --allow-read --allow-write "$TOOLS/delta.ts" \
      "$delta_base" "$OUT/$each.wasm" "$OUT/$each.delta"
    rm "$OUT/$each.wasm"
  done
}

# rust_build NAME [RUSTFLAGS…]: builds the crate in this directory, with std from source. The linker
# script makes every link that $LINKS names: `name=extra,linker,arguments`, separated by spaces. What
# $CARGO_ARGS holds (`-p member` in a workspace) is given to cargo.
rust_build() {
  rust_name=$1
  shift
  rust_src=$("$RUSTC" --print sysroot)/lib/rustlib/src/rust
  rust_target=$CACHE/rust
  case " $* " in *relocation-model=pic*) rust_target=$CACHE/rust-pic ;; esac
  # The library's own dependencies: fetched first, so that their folder has a name to be replaced.
  set -- "--remap-path-prefix=$(readlink -f "$rust_src")=/rust" "--remap-path-prefix=$rust_src=/rust" "$@"
  RUSTC_BOOTSTRAP=1 RUSTC=$RUSTC "$CARGO" fetch -q -Z build-std --target wasm32-unknown-unknown --locked
  for rust_crates in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    set -- "--remap-path-prefix=$rust_crates=/crates" "$@"
  done
  # Cargo links again only if its output is gone.
  rm -f "$rust_target"/wasm32-unknown-unknown/release/deps/"$rust_name"*.wasm
  LINK_OUT=$OUT LINKS=${LINKS:-base=} RUSTC_BOOTSTRAP=1 RUSTC=$RUSTC CARGO_TARGET_DIR=$rust_target \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$TOOLS/wasm-ld \
    RUSTFLAGS="$*" \
    "$CARGO" build -q -Z build-std="${BUILD_STD:-std,panic_abort}" --target wasm32-unknown-unknown \
    --release --locked ${CARGO_ARGS-}
}

# deb_tarball DIRECTORY PACKAGE VERSION: fetches the tarball of a Debian source package, without unpacking
# it, with a private apt configuration: the machine's own Debian sources, as source packages. Debian's own
# part is not needed, and a mirror may lack it.
deb_tarball() {
  deb_apt=$CACHE/apt
  deb_from=${APT_SOURCES:-/etc/apt}
  mkdir -p "$1" "$deb_apt/lists/partial" "$deb_apt/parts" "$deb_apt/archives/partial"
  sed -n 's/^deb /deb-src /p' "$deb_from/sources.list" >"$deb_apt/sources.list" 2>/dev/null || true
  sed 's/^Types:.*/Types: deb-src/' "$deb_from/sources.list.d/debian.sources" \
    >"$deb_apt/parts/debian.sources" 2>/dev/null || true
  deb_apt_get() {
    apt-get -q -o "Dir::Etc::sourcelist=$deb_apt/sources.list" \
      -o "Dir::Etc::sourceparts=$deb_apt/parts" -o "Dir::State::lists=$deb_apt/lists" \
      -o "Dir::Cache=$deb_apt" -o APT::Sandbox::User=root "$@" >&2
  }
  deb_apt_get update
  (cd "$1" && deb_apt_get source --download-only --tar-only "$2=$3")
}

# deb_source PACKAGE VERSION: the same, unpacked in $CACHE. Prints the directory.
deb_source() {
  deb_dir=$CACHE/$1-$(echo "$2" | tr -c 'a-z0-9.\n' -)
  if [ ! -d "$deb_dir" ]; then
    rm -rf "$deb_dir.tar" "$deb_dir.new"
    mkdir -p "$deb_dir.new"
    deb_tarball "$deb_dir.tar" "$1" "$2"
    for deb_each in "$deb_dir.tar"/*.tar.*; do
      case $deb_each in *.asc) ;; *) tar -xf "$deb_each" -C "$deb_dir.new" --strip-components=1 ;; esac
    done
    rm -rf "$deb_dir.tar"
    mv "$deb_dir.new" "$deb_dir"
  fi
  echo "$deb_dir"
}

# deb_files PACKAGE…: unpacks binary packages into $CACHE without installing them. Prints the
# directory.
deb_files() {
  deb_tools=$CACHE/tools-$1
  if [ ! -d "$deb_tools" ]; then
    mkdir -p "$CACHE/debs-$1"
    (cd "$CACHE/debs-$1" && apt-get -q -o APT::Sandbox::User=root download "$@" >&2)
    for deb_each in "$CACHE/debs-$1"/*.deb; do dpkg -x "$deb_each" "$deb_tools.new"; done
    mv "$deb_tools.new" "$deb_tools"
  fi
  echo "$deb_tools"
}

# crates_combine FOLDER CONFIG TO: copies a folder with crates to $CACHE, and combines them there with this
# repository's own program, into $OUT/TO. Needs the `wasm-bindgen` command in the version of the lock file.
crates_combine() {
  crates_at=$CACHE/crates-src/$(basename "$1")
  crates_target=$CACHE/crates
  mkdir -p "$crates_at" "$crates_target"
  # Not the folder itself: paths of the repository are in nobody's way there.
  rm -rf "$crates_at"
  cp -R "$1" "$crates_at"
  rm -rf "$crates_at/$3"
  export CARGO RUSTC RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort
  export CARGO_TARGET_DIR="$crates_target" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$WASM_LD"
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  # First, so that the folders of all crates have names to be replaced: no absolute paths in the result.
  (cd "$crates_at" && "$CARGO" fetch -q --locked --target wasm32-unknown-unknown)
  crates_rust=$("$RUSTC" --print sysroot)/lib/rustlib/src/rust
  {
    printf '#!/bin/sh\nexec "$@" --remap-path-prefix=%s=/rust --remap-path-prefix=%s=/rust' \
      "$(readlink -f "$crates_rust")" "$crates_rust"
    for crates_each in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
      printf ' --remap-path-prefix=%s=/crates' "$crates_each"
    done
    echo
  } >"$crates_target/rustc-wrapper"
  printf '#!/bin/sh\nexec %s "$@"\n' "${WASM_OPT:-npx -y -p binaryen@132.0.0 wasm-opt}" \
    >"$crates_target/wasm-opt"
  chmod +x "$crates_target/rustc-wrapper" "$crates_target/wasm-opt"
  RUSTC_WRAPPER=$crates_target/rustc-wrapper WASM_OPT=$crates_target/wasm-opt \
    "${DENO:-deno}" run --quiet --allow-all "$TOOLS/../../src/bin.ts" combine \
    --config "$crates_at/$2" -o "$OUT/$3" >&2
}
