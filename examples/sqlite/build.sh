#!/bin/sh
# Builds the three modules: each compiled and linked for itself, as for a memory of its own.
#
#   sh examples/sqlite/build.sh         replaces the committed modules
#   deno task fixtures examples/sqlite  builds them elsewhere and compares
#
# SQLite and zlib come from Debian's source packages. What differs from any other build of them is
# one flag of the linker, --emit-relocs: `link` and `rust_build` pass it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$here} CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wasm-share-fixtures}
mkdir -p "$CACHE"
# shellcheck source=/dev/null
. "$here/../../tests/cases/tools.sh"
# shellcheck source=/dev/null
. "$here/../../tests/cases/sqlite/source.sh"
cd "$here"

# SQLite with an allocator and a stack of its own. Without threads, files and extensions.
src=$(sqlite_source)
cc -Os -I "$src" -Wno-unused-function \
  -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_DQS=0 \
  -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL \
  -DSQLITE_OMIT_LOCALTIME -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
  -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_DESERIALIZE \
  "$src/sqlite3.c" -o "$OBJ/sqlite3.o"
cc -Os -I "$src" sqlite/no_files.c -o "$OBJ/no_files.o"
# shellcheck disable=SC2086
link sqlite $REACTOR -z stack-size=262144 @sqlite/exports "$OBJ/sqlite3.o" "$OBJ/no_files.o" \
  $LIBC --strip-debug

# zlib, the same way.
src=$(deb_source zlib 1:1.2.13.dfsg-1)
set --
for each in adler32 compress crc32 deflate inffast inflate inftrees trees uncompr zutil; do
  cc -Os -Wno-deprecated-non-prototype -I "$src" "$src/$each.c" -o "$OBJ/$each.o"
  set -- "$@" "$OBJ/$each.o"
done
# shellcheck disable=SC2086
link zlib $REACTOR @zlib/exports "$@" $LIBC --strip-debug

# The program: Rust with std, a cdylib as Cargo makes it.
cd shop
LINKS="shop=" rust_build shop -C link-arg=--emit-relocs
chmod 644 "$OUT"/*.wasm
