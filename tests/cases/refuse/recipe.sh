#!/bin/sh
# Modules that must be refused. `make.ts` makes those that no tool makes.
. ../tools.sh
O=$OBJ
cc small.c -o "$O/small.o"
ld() { "$WASM_LD" --no-entry "$@"; }

# What `-c` and `-r` make is no finished module.
cp "$O/small.o" "$OUT/object.wasm"
"$WASM_LD" -r "$O/small.o" -o "$OUT/linked-object.wasm"
# The flag was forgotten.
ld "$O/small.o" -o "$OUT/plain.wasm"
# Optimised after the link.
ld --emit-relocs --export=numbers "$O/small.o" -o "$O/relocs.wasm"
${WASM_OPT:-npx -y -p binaryen@132.0.0 wasm-opt} -O2 --enable-bulk-memory --enable-sign-ext \
  --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types \
  --enable-multivalue "$O/relocs.wasm" -o "$OUT/stale-wasm-opt.wasm" >/dev/null 2>&1
# Threads: passive segments and a function of the linker that copies them.
cc -matomics -mbulk-memory -mthread-model posix small.c -o "$O/threads.o"
ld --emit-relocs --shared-memory --import-memory --max-memory=1048576 "$O/threads.o" \
  -o "$OUT/shared-memory.wasm"
# 64-bit addresses.
"$CLANG" --target=wasm64-unknown-unknown -nostdinc -isystem "$LLVM/lib/clang/22/include" -O2 \
  -ffreestanding -ffile-prefix-map="$PWD"=. -c small.c -o "$O/wide.o"
ld -mwasm64 --emit-relocs "$O/wide.o" -o "$OUT/memory64.wasm"
# A side module.
cc -fPIC small.c -o "$O/pic.o"
ld --experimental-pic -shared "$O/pic.o" -o "$OUT/side-module.wasm"
# The function table is the second one.
cc -mreference-types tables.c -o "$O/tables.o"
ld --emit-relocs "$O/tables.o" -o "$OUT/second-table.wasm"

"${DENO:-deno}" run -q -A make.ts "$O/relocs.wasm" "$OUT"
