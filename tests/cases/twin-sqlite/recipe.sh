#!/bin/sh
# SQLite, a megabyte, optimised after the link. The twins are kept as what differs.
. ../tools.sh
. ../sqlite/source.sh
made=$(sqlite_source)
cc -I "$made" -Wno-unused-function \
  -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOCALTIME -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_DEFAULT_MEMSTATUS=0 "$made/sqlite3.c" -o "$OBJ/sqlite3.o"
cc -I "$made" ../sqlite/driver.c -o "$OBJ/driver.o"
# shellcheck disable=SC2086
ld_twins base 65536 $REACTOR "$OBJ"/*.o $LIBC --export=malloc --export=free --strip-all
optimise_twins -O3 base base
as_delta base base-near base-far
