#!/bin/sh
# A module that exports data and functions, and position independent ones that use them by name: with
# pointers in data and a constructor (user), and without (code).
. ../tools.sh
cc owner.c -o "$OBJ/owner.o"
cc -fPIC user.c -o "$OBJ/user.o"
cc -fPIC code.c -o "$OBJ/code.o"
link owner "$OBJ/owner.o" --export=counter --export=numbers --export=twice --export=thrice \
  --export=read_counter --export=twice_pointer --export=call --export=sum_numbers
link user --unresolved-symbols=import-dynamic "$OBJ/user.o" --export=__wasm_call_ctors
link code --unresolved-symbols=import-dynamic "$OBJ/code.o"
