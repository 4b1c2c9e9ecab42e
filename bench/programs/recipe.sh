#!/bin/sh
# Builds the C programs. `./recipe.sh fetch` gets the sources of others, `./recipe.sh libc` makes the C library
# that side modules share, `./recipe.sh NAME` makes one program in its forms:
#   untouched.wasm  as a user links it, with relocation records: what is moved
#   pic.wasm        position independent code, linked statically, without records
#   side.wasm       position independent code as a shared library; the C library is a module of its own
#   objects/        what `untouched.wasm` was linked of, and `link`: how
# Each program exports `run_NAME`. `./recipe.sh together NAME…` links the objects of several programs, which were made
# before, into one module; `./recipe.sh large NAME…` the same with debug information.
. ../../tests/cases/tools.sh
. ../../tests/corpus/debian/libraries.sh
. ../../tests/cases/sqlite/source.sh

include=$PWD/../../tests/corpus/debian/include
BUILTINS=$LLVM/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a
STATIC="-L/usr/lib/wasm32-wasi -lwasi-emulated-signal $LIBC"

# compiled NAME FLAGS…: the objects of a program, in $OBJ.
compiled() {
  driver=$PWD/$1/program.c
  gen=$OBJ/include
  mkdir -p "$gen"
  compile="-I $PWD -DRUN=run_$1"
  compiled_name=$1
  shift
  compile="$compile $*"
  case $compiled_name in
  sqlite)
    src=$(sqlite_source)
    objects -I"$src" -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION \
      -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOCALTIME -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
      -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_DEFAULT_MEMSTATUS=0 -- "$src/sqlite3.c" "$driver"
    ;;
  dispatch | matrix | sort)
    src=
    objects -- "$driver"
    ;;
  *)
    line=$(debian_packages | awk -v name="$compiled_name" '$1 == name { print $2, $3 }')
    src=$(deb_source ${line% *} ${line#* })
    library "$compiled_name"
    ;;
  esac
}

# kept TO: moves the objects into a folder, under short names in a fixed order.
kept() {
  mkdir -p "$1"
  kept_at=100
  for kept_each in "$OBJ"/*.o; do
    mv "$kept_each" "$1/$kept_at.o"
    kept_at=$((kept_at + 1))
  done
}

# The C library as a module: whoever is linked dynamically gets its functions from here. It imports a memory that is
# as large as the host likes.
libc() {
  "$WASM_LD" --entry _initialize /usr/lib/wasm32-wasi/crt1-reactor.o --whole-archive /usr/lib/wasm32-wasi/libc.a \
    /usr/lib/wasm32-wasi/libwasi-emulated-signal.a --no-whole-archive "$BUILTINS" --export-all --growable-table --export-table \
    --import-memory --allow-undefined \
    -z stack-size=1048576 -o "$OUT/libc.wasm"
}

case $1 in
fetch)
  while read -r name package version; do
    [ ! -d "$name" ] || deb_source "$package" "$version" >/dev/null
  done <<EOL
$(debian_packages)
EOL
  sqlite_source >/dev/null
  ;;
libc) libc ;;
together | large)
  # All objects of the programs, unused functions too: those that were made for each, or others with debug information.
  how=$1
  shift
  exports=
  mkdir -p "$OUT/objects"
  for name in "$@"; do
    case $how in
    together) cp -R "$OUT/../$name/objects/$name" "$OUT/objects/" ;;
    large)
      compiled "$name" -g
      kept "$OUT/objects/$name"
      ;;
    esac
    exports="$exports --export=run_$name"
  done
  echo "--no-gc-sections --export=malloc --export=free $exports -z stack-size=1048576 $REACTOR $STATIC" >"$OUT/link"
  "$WASM_LD" --emit-relocs "$OUT"/objects/*/*.o $(cat "$OUT/link") -o "$OUT/untouched.wasm"
  ;;
*)
  compiled "$1"
  kept "$OUT/objects/$1"
  echo "--export=run_$1 --export=malloc --export=free -z stack-size=1048576 $REACTOR $STATIC" >"$OUT/link"
  "$WASM_LD" --emit-relocs "$OUT/objects/$1"/*.o $(cat "$OUT/link") -o "$OUT/untouched.wasm"
  compiled "$1" -fPIC
  kept "$OBJ/pic"
  "$WASM_LD" --export=run_$1 "$OBJ"/pic/*.o -z stack-size=1048576 $REACTOR $STATIC -o "$OUT/pic.wasm"
  "$WASM_LD" -shared --experimental-pic --unresolved-symbols=import-dynamic --export=run_$1 "$OBJ"/pic/*.o "$BUILTINS" -o "$OUT/side.wasm"
  ;;
esac
