#!/bin/sh
# A table of the user's own, which must not be taken for the table that is shared.
. ../tools.sh
cc -mreference-types table.s -o "$OBJ/table.o"
link base "$OBJ/table.o"
