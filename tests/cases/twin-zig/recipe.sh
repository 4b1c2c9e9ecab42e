#!/bin/sh
# The program of zig without records: its object linked by wasm-ld and optimised after the link (`base`),
# and as Zig's own driver links it (`driver`).
. ../tools.sh
zig_object ../zig/shapes.zig "$OBJ/shapes.o"
ld_twins base 65536 "$OBJ/shapes.o" --export-dynamic --strip-all
optimise_twins -O3 base base
# zig_exe NAME BASE
zig_exe() {
  "$PYTHON" -m ziglang build-exe ../zig/shapes.zig -target wasm32-freestanding -O ReleaseSmall -fstrip \
    -fno-entry -rdynamic --global-base="$2" --cache-dir "$CACHE/zig" --global-cache-dir "$CACHE/zig" \
    -femit-bin="$OUT/$1.wasm"
}
zig_exe driver 1048576
zig_exe driver-near $((1048576 + NEAR))
zig_exe driver-far $((1048576 + FAR))
