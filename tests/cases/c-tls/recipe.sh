#!/bin/sh
# The linker makes an internal global `__tls_base`, and the sites of thread-local data count from it.
. ../tools.sh
cc -matomics -mbulk-memory tls.c -o "$OBJ/tls.o"
link_all 65536 "$OBJ/tls.o"
