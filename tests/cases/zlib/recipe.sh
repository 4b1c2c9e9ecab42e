#!/bin/sh
# zlib from Debian's source package, with wasi-libc, as a reactor.
. ../tools.sh
src=$(deb_source zlib 1:1.2.13.dfsg-1)
for each in adler32 compress crc32 deflate infback inffast inflate inftrees trees uncompr zutil; do
  cc -Wno-deprecated-non-prototype -I "$src" "$src/$each.c" -o "$OBJ/$each.o"
done
cc -I "$src" driver.c -o "$OBJ/driver.o"
link_all 65536 $REACTOR "$OBJ"/*.o $LIBC --strip-debug
