#!/bin/sh
# The self-checking programs of GCC's test suite (gcc.c-torture/execute) from Debian's package
# gcc-12-source. Each is one command; its name decides how it is compiled and linked. skip.txt lists
# those that are left out, and why.
. ../tools.sh

version=12.2.0-14+deb12u1
src=$CACHE/gcc-torture-$version
if [ ! -d "$src" ]; then
  tools=$(deb_files "gcc-12-source=$version")
  rm -rf "$src.new"
  mkdir -p "$src.new"
  tar -xf "$tools/usr/src/gcc-12/gcc-12.2.0-dfsg.tar.xz" -C "$src.new" --strip-components=5 \
    --wildcards '*/gcc/testsuite/gcc.c-torture/execute/*'
  mv "$src.new" "$src"
  # The rest of GCC is not needed.
  rm -rf "$tools" "$CACHE/debs-gcc-12-source=$version"
fi
cd "$src"

OPTIMISE="-O0 -O1 -O2 -O3 -Os -Oz"

# torture FILE: compiles and links one program, as a number made from its name says.
torture() {
  name=$(echo "${1%.c}" | tr / -)
  hash=$(printf '%s' "$name" | cksum)
  hash=${hash%% *}
  set -- "$1" $OPTIMISE
  shift $((hash % 6))
  file=$name.c
  [ -f "$file" ] || file=$(echo "$name" | sed 's/^ieee-/ieee\//').c
  compile=$2
  link=
  base=65536
  how=$((hash / 6 % 26))
  case $how in
  0) compile="$compile -ffunction-sections -fdata-sections" ;;
  1) compile="$compile -flto" ;;
  2) compile="$compile -g" ;;
  3) link=--no-gc-sections ;;
  4) link=--no-stack-first base=1024 ;;
  5) compile="$compile -g" link=--strip-debug ;;
  6) link=--strip-all ;;
  7) compile="$compile -mtail-call" ;;
  8) compile="$compile -msimd128" ;;
  9) compile="$compile -mcpu=mvp" ;;
  10) compile="$compile -mcpu=lime1" ;;
  11) compile="$compile -mmultivalue -Xclang -target-abi -Xclang experimental-mv" ;;
  12) compile="$compile -mreference-types -mbulk-memory" ;;
  13) compile="$compile -fPIC" ;;
  14) compile="$compile -fno-inline" ;;
  15) link=--export-all ;;
  16) link=--no-merge-data-segments ;;
  17) link=--import-memory ;;
  18) link=--import-table ;;
  19) link="--growable-table --export-table" ;;
  20) link=-O2 ;;
  21) link="--initial-memory=8388608 --max-memory=16777216" ;;
  22) link=--global-base=131072 base=131072 ;;
  23) link="-z stack-size=32768" base=32768 ;;
  24) compile="$compile -g -gdwarf-4" link="--no-stack-first --build-id=0x77617368" base=1024 ;;
  25) compile="$compile -flto -g" link=--no-gc-sections ;;
  esac
  # What the program asks for and clang knows.
  asked=$(grep -E 'dg-(additional-)?options' "$file" |
    grep -oE -e '-(fgnu89-inline|finstrument-functions|fwrapv|fno-strict-aliasing|std=gnu[0-9]+)' || true)
  cc -std=gnu17 $asked -w -Wno-implicit-int -Wno-implicit-function-declaration -Wno-int-conversion \
    -Wno-incompatible-pointer-types -Wno-return-mismatch $compile "$file" -o "$OBJ/$name.o"
  program "$name" "$base" $link /usr/lib/wasm32-wasi/crt1-command.o "$OBJ/$name.o" $LIBC
  echo '{ "entry": "_start", "exit": 0 }' >"$OUT/$name/run.json"
}

sed -n 's/^\([^#:]*\): .*/\1/p' "$OLDPWD/skip.txt" >"$OBJ/skip"
find . -maxdepth 2 -name '*.c' ! -path './builtins/*' | sed 's/^\.\///' | LC_ALL=C sort |
  grep -vxFf "$OBJ/skip" | in_parallel torture
