#!/bin/sh
# C that prints through WASI: two reactors, and a command.
. ../tools.sh
for each in one two; do
  cc -DNAME="\"$each\"" print.c -o "$OBJ/$each.o"
  link $each $REACTOR "$OBJ/$each.o" $LIBC --export=malloc --export=free --strip-debug
done
cc command.c -o "$OBJ/command.o"
link command /usr/lib/wasm32-wasi/crt1-command.o --entry _start "$OBJ/command.o" $LIBC \
  --export=malloc --export=free --strip-debug
