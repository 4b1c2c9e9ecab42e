#!/bin/sh
# SQLite, one file of all sources, in memory, without threads and files; with wasi-libc, as a reactor.
. ../tools.sh
. ./source.sh
made=$(sqlite_source)
cc -I "$made" -Wno-unused-function \
  -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOCALTIME -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_DEFAULT_MEMSTATUS=0 "$made/sqlite3.c" -o "$OBJ/sqlite3.o"
cc -I "$made" driver.c -o "$OBJ/driver.o"
link_all 65536 $REACTOR "$OBJ"/*.o $LIBC --strip-debug
