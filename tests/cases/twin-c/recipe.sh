#!/bin/sh
# The same C program linked at three bases: as it leaves the linker (`base`), optimised after the link
# (`opt`), in the layout of older linkers (`first`), with other table slots as well (`slots`), and with larger
# stacks instead of other bases (`stacks`).
. ../tools.sh
cc twin.c -o "$OBJ/twin.o"
set -- "$OBJ/twin.o" --strip-all
ld_twins base 65536 "$@"
optimise_twins -O3 base opt
ld_twins first 1024 "$@" --no-stack-first -z stack-size=32768
optimise_twins -Oz first first
ld slots "$@" --global-base=65536
ld slots-near "$@" --global-base=$((65536 + NEAR)) --table-base=257
ld slots-far "$@" --global-base=$((65536 + FAR)) --table-base=4097
optimise_twins -O3 slots slots
ld_stacks stacks 65536 "$@"
optimise_twins -O2 stacks stacks
as_delta base base-near base-far
