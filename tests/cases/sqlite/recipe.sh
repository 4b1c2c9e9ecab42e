#!/bin/sh
# SQLite from Debian's source package, one file in memory, without threads and files; with wasi-libc,
# as a reactor. Its own tools (Tcl) make the one file of all sources.
. ../tools.sh
src=$(deb_source sqlite3 3.40.1-2+deb12u2)
made=$CACHE/sqlite-amalgamation-3.40.1
if [ ! -f "$made/sqlite3.c" ]; then
  rm -rf "$made.new"
  mkdir "$made.new"
  tcl=$(deb_files libtcl8.6 tcl8.6)
  lib=$(dirname "$(find "$tcl" -name 'libtcl8.6.so*' | head -n 1)")
  (
    cd "$made.new"
    export LD_LIBRARY_PATH="$lib" TCL_LIBRARY="$tcl/usr/share/tcltk/tcl8.6"
    "$src/configure" --disable-tcl --disable-readline --disable-load-extension
    make sqlite3.c TCLSH_CMD="$tcl/usr/bin/tclsh8.6"
  ) >&2
  mv "$made.new" "$made"
fi
cc -I "$made" -Wno-unused-function \
  -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOCALTIME -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_DEFAULT_MEMSTATUS=0 "$made/sqlite3.c" -o "$OBJ/sqlite3.o"
cc -I "$made" driver.c -o "$OBJ/driver.o"
link_all 65536 $REACTOR "$OBJ"/*.o $LIBC --strip-debug
