#!/bin/sh
# zlib from Debian's source package as a side module, and as a static link with records.
. ../tools.sh
src=$(deb_source zlib 1:1.2.13.dfsg-1)
for kind in '' -fPIC; do
  mkdir -p "$OBJ/o$kind"
  for each in adler32 compress crc32 deflate infback inffast inflate inftrees trees uncompr zutil; do
    cc $kind -mbulk-memory -Wno-deprecated-non-prototype -I "$src" "$src/$each.c" -o "$OBJ/o$kind/$each.o"
  done
  cc $kind -mbulk-memory -I "$src" ../zlib/driver.c -o "$OBJ/o$kind/driver.o"
  cc $kind -mbulk-memory -fno-builtin-malloc libc.c -o "$OBJ/o$kind/libc.o"
done
link static "$OBJ"/o/*.o --strip-debug
side base "$OBJ"/o-fPIC/*.o --strip-debug
