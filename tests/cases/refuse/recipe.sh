#!/bin/sh
# Modules that must be refused, as tools make them. `make.ts` and `tests/faults/` make those that no
# tool makes. WASM_BINDGEN may name the wasm-bindgen 0.2.130 to use; without it, and without
# llvm-strip, the files of these tools stay as they are.
. ../tools.sh
O=$OBJ
cc small.c -o "$O/small.o"
ld() { "$WASM_LD" --no-entry "$@"; }
wasm_opt() {
  ${WASM_OPT:-npx -y -p binaryen@132.0.0 wasm-opt} --enable-bulk-memory --enable-sign-ext \
    --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types \
    --enable-multivalue "$@" >/dev/null 2>&1
}

# What `-c` and `-r` make is no finished module.
cp "$O/small.o" "$OUT/object.wasm"
"$WASM_LD" -r "$O/small.o" -o "$OUT/linked-object.wasm"
# The flag was forgotten.
ld "$O/small.o" -o "$OUT/plain.wasm"
ld --emit-relocs --export=numbers "$O/small.o" -o "$O/relocs.wasm"
# Good ones, from which `tests/faults/` makes bad ones; and one that the linker optimised.
cc sites.c -o "$O/sites.o"
ld --emit-relocs --export=numbers "$O/sites.o" -o "$OUT/sites.wasm"
cc -g pointers.c -o "$O/debug.o"
ld --emit-relocs "$O/debug.o" -o "$OUT/debug.wasm"
cc pointers.c -o "$O/pointers.o"
ld --emit-relocs "$O/pointers.o" -o "$OUT/pointers.wasm"
cc page.c -o "$O/page.o"
ld --emit-relocs "$O/page.o" -o "$OUT/page.wasm"
ld --emit-relocs -O2 --export=numbers "$O/small.o" -o "$OUT/link-o2.wasm"
# Optimised after the link.
wasm_opt -O1 "$O/relocs.wasm" -o "$OUT/stale-wasm-opt-o1.wasm"
wasm_opt -O2 "$O/relocs.wasm" -o "$OUT/stale-wasm-opt.wasm"
wasm_opt -Oz "$O/relocs.wasm" -o "$OUT/stale-wasm-opt-oz.wasm"
wasm_opt -O2 "$OUT/sites.wasm" -o "$OUT/stale-wasm-opt-sites.wasm"
wasm_opt -g "$O/relocs.wasm" -o "$OUT/stale-wasm-opt-g.wasm"
wasm_opt --strip-debug "$O/relocs.wasm" -o "$OUT/stale-wasm-opt-strip-debug.wasm"
wasm_opt --strip-producers "$O/relocs.wasm" -o "$OUT/stale-wasm-opt-strip-producers.wasm"
# clang runs a wasm-opt that is on PATH by itself.
cat >"$O/wasm-opt" <<END
#!/bin/sh
exec ${WASM_OPT:-npx -y -p binaryen@132.0.0 wasm-opt} "\$@"
END
chmod +x "$O/wasm-opt"
PATH=$O:$PATH "$CLANG" --target=wasm32-wasi --sysroot=/usr -Wno-deprecated -O2 -nostdlib \
  -fuse-ld="$WASM_LD" -Wl,--no-entry,--emit-relocs,--export=numbers "$O/small.o" \
  -o "$OUT/stale-clang-wasm-opt.wasm" 2>/dev/null
# Operands in code as short as can be.
ld --emit-relocs --compress-relocations --strip-debug --export=numbers "$O/small.o" \
  -o "$OUT/compressed.wasm"
ld --emit-relocs --compress-relocations --strip-all --export=numbers "$O/sites.o" \
  -o "$OUT/compressed-sites.wasm"
# LLVM's own tools.
if llvm=$(deb_files llvm-22); then
  llvm=$llvm/usr/lib/llvm-22/bin
  "$llvm/llvm-strip" "$O/relocs.wasm" -o "$OUT/llvm-strip.wasm"
  "$llvm/llvm-strip" --keep-section=linking "$O/relocs.wasm" -o "$OUT/llvm-strip-keep.wasm"
  "$llvm/llvm-strip" --strip-debug "$O/relocs.wasm" -o "$OUT/llvm-strip-debug.wasm"
  "$llvm/llvm-strip" --strip-debug "$OUT/debug.wasm" -o "$OUT/llvm-strip-debug-info.wasm"
  "$llvm/llvm-objcopy" --remove-section=.debug_info "$OUT/debug.wasm" \
    "$OUT/llvm-objcopy-no-debug-info.wasm"
  "$llvm/llvm-objcopy" "$O/relocs.wasm" "$OUT/llvm-objcopy.wasm"
  "$llvm/llvm-objcopy" --strip-all "$O/relocs.wasm" "$OUT/llvm-objcopy-strip-all.wasm"
  for section in linking reloc.CODE reloc.DATA; do
    "$llvm/llvm-objcopy" --remove-section=$section "$O/relocs.wasm" \
      "$OUT/llvm-objcopy-no-$section.wasm"
  done
fi
# A program in Rust, made ready for JavaScript.
if [ -n "${WASM_BINDGEN:-}" ]; then
  (cd bindgen && LINKS="bindgen=" LINK_OUT=$O OUT=$O rust_build greet -C link-arg=--emit-relocs)
  "$WASM_BINDGEN" --target web --remove-name-section --out-dir "$O/bindgen" "$O/bindgen.wasm"
  cp "$O/bindgen/bindgen_bg.wasm" "$OUT/wasm-bindgen.wasm"
fi
# Threads: passive segments and a function of the linker that copies them.
cc -matomics -mbulk-memory -mthread-model posix small.c -o "$O/threads.o"
ld --emit-relocs --shared-memory --import-memory --max-memory=1048576 "$O/threads.o" \
  -o "$OUT/shared-memory.wasm"
# 64-bit addresses.
"$CLANG" --target=wasm64-unknown-unknown -nostdinc -isystem "$LLVM/lib/clang/22/include" -O2 \
  -ffreestanding -ffile-prefix-map="$PWD"=. -c small.c -o "$O/wide.o"
ld -mwasm64 --emit-relocs "$O/wide.o" -o "$OUT/memory64.wasm"
# Side modules, and a position independent executable.
cc -fPIC small.c -o "$O/pic.o"
ld --experimental-pic -shared "$O/pic.o" -o "$OUT/side-module.wasm"
ld --experimental-pic -pie "$O/pic.o" -o "$OUT/pie.wasm"
# The function table is the second one.
cc -mreference-types tables.c -o "$O/tables.o"
ld --emit-relocs "$O/tables.o" -o "$OUT/second-table.wasm"
# Small pages.
ld --emit-relocs --page-size=1 "$O/small.o" -o "$OUT/small-pages.wasm"

"${DENO:-deno}" run -q -A make.ts "$O/relocs.wasm" "$OUT"
