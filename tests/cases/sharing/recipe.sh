#!/bin/sh
# The modules of docs/sharing.md: one record in four languages, callbacks, trait objects, virtual functions.
. ../tools.sh
HEAP="--export=malloc --export=free --strip-debug"
cc c.c -o "$OBJ/c.o"
link c $REACTOR "$OBJ/c.o" $LIBC $HEAP
cxx -std=c++20 shim.cpp -o "$OBJ/shim.o"
cxx -std=c++20 cxx.cpp -o "$OBJ/cxx.o"
link cxx $REACTOR "$OBJ/cxx.o" "$OBJ/shim.o" $LIBCXX $LIBC $HEAP
for each in cxx-maker cxx-user; do
  cxx -std=c++20 -frtti $each.cpp -o "$OBJ/$each.o"
  link $each $REACTOR "$OBJ/$each.o" "$OBJ/shim.o" $LIBCXX $LIBC $HEAP
done
# As nobody should build it: the linker takes the classes that it sees for all there are.
cxx -std=c++20 -frtti -flto -fwhole-program-vtables -fvisibility=hidden cxx-user.cpp -o "$OBJ/whole.o"
link cxx-whole-program $REACTOR "$OBJ/whole.o" "$OBJ/shim.o" $LIBCXX $LIBC $HEAP
zig_object zig.zig "$OBJ/zig.o"
link zig "$OBJ/zig.o" --export-dynamic
cc host.c -o "$OBJ/host.o"
link host "$OBJ/host.o" --strip-debug
cc -mexception-handling exception.s -o "$OBJ/exception.o"
link exception "$OBJ/exception.o"

# Modules that import from one called "store".
cc import.c -o "$OBJ/import.o"
link import-c "$OBJ/import.o" --strip-debug
cxx -std=c++20 import.cpp -o "$OBJ/import-cxx.o"
link import-cxx "$OBJ/import-cxx.o" --strip-debug
zig_object import.zig "$OBJ/import-zig.o"
link import-zig "$OBJ/import-zig.o" --export-dynamic

cd rust
CARGO_ARGS="-p sharing_core" LINKS="core=--strip-debug" BUILD_STD=core \
  rust_build sharing_core -C link-arg=--emit-relocs
CARGO_ARGS="-p sharing_import" LINKS="import-rust=--strip-debug" BUILD_STD=core \
  rust_build sharing_import -C link-arg=--emit-relocs
CARGO_ARGS="-p sharing_std" LINKS="rust=--strip-debug" \
  rust_build sharing_std -C link-arg=--emit-relocs
# Trait objects need the same crate in both: one workspace, one compiler, one set of flags.
for each in maker user; do
  CARGO_ARGS="-p sharing_$each" LINKS="rust-$each=--strip-debug" \
    rust_build sharing_$each -C link-arg=--emit-relocs
done
