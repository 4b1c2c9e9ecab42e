#!/bin/sh
# The program of cpp (libc++, virtual functions, constructors), without records, optimised after the
# link, with other table slots in the near and far one.
. ../tools.sh
cxx ../cpp/animals.cpp -o "$OBJ/animals.o"
cxx ../cpp/shim.cpp -o "$OBJ/shim.o"
# shellcheck disable=SC2086
set -- $REACTOR "$OBJ"/*.o $LIBCXX $LIBC --strip-all
ld base "$@" --global-base=65536
ld base-near "$@" --global-base=$((65536 + NEAR)) --table-base=1001
ld base-far "$@" --global-base=$((65536 + FAR)) --table-base=5001
optimise_twins -O3 base base
as_delta base base-near base-far
