#!/bin/sh
# SQLite with the flags of the case sqlite, whose module is the static link, as a side module (`base`); and
# the part of wasi-libc that it calls, linked statically with records (`libc`).
. ../tools.sh
. ../sqlite/source.sh
made=$(sqlite_source)
cc -fPIC -I "$made" -Wno-unused-function \
  -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOCALTIME -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_DEFAULT_MEMSTATUS=0 "$made/sqlite3.c" -o "$OBJ/sqlite3.o"
cc -fPIC -I "$made" ../sqlite/driver.c -o "$OBJ/driver.o"
side base "$OBJ/sqlite3.o" "$OBJ/driver.o" --strip-debug
set --
for each in memcmp strcmp strlen strncmp strcspn strrchr malloc free realloc \
  acos acosh asin asinh atan atan2 atanh cos cosh exp fmod log pow sin sinh sqrt tan tanh trunc \
  __extenddftf2 __trunctfdf2 __multf3 __addtf3 __gttf2 __getf2 __divtf3 __lttf2 __fixtfsi __floatsitf \
  __subtf3 __floatditf; do
  set -- "$@" "--export=$each"
done
# shellcheck disable=SC2086
link libc $REACTOR $LIBC "$@" --strip-debug
