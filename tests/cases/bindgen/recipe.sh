#!/bin/sh
# Crates that wasm-bindgen binds, as `combine` builds them: one beside itself, with other features and not
# optimised and with its stack checked, and a crate without wasm-bindgen. Then the same with one table, one
# allocator and one stack for all, and with checked frees.
. ../tools.sh
crates_combine "$PWD" wasm-share.config.json pkg
crates_combine "$PWD" shared.config.json shared

# The same by hand: what is between `# [name]` and `# [/name]` is a code block of docs/wasm-bindgen.md.
# The page says what a user types; what this machine needs besides comes from programs in $BIN.
BIN=$OBJ/bin
mkdir "$BIN"
printf '#!/bin/sh\nexec %s run --quiet --allow-all %s/../../src/bin.ts "$@"\n' "${DENO:-deno}" "$TOOLS" \
  >"$BIN/wasm-share"
printf '#!/bin/sh\nexec %s "$@"\n' "$CARGO" >"$BIN/cargo"
chmod +x "$BIN/wasm-share" "$BIN/cargo"
export PATH="$BIN:$CACHE/crates:$PATH" RUSTC_WRAPPER="$CACHE/crates/rustc-wrapper"
cd "$CACHE/crates-src/bindgen"
ln -s "$CACHE/crates" target

# [cargo]
RUSTFLAGS="-C link-arg=--emit-relocs" cargo build --release --target wasm32-unknown-unknown \
  -p writer -p reader
# [/cargo]
# [combine]
wasm-share combine --config by-hand.config.json
# [/combine]
# [bindgen]
wasm-bindgen --target web --out-dir web moved/writer.wasm
wasm-bindgen --target web --out-dir web moved/reader.wasm
# [/bindgen]
# [opt]
wasm-opt -O2 web/writer_bg.wasm -o web/writer_bg.wasm
wasm-opt -O2 web/reader_bg.wasm -o web/reader_bg.wasm
# [/opt]
rm target
mkdir "$OUT/web" "$OUT/moved"
cp web/*.js web/*.d.ts web/*_bg.wasm "$OUT/web"
cp moved/wasm-share.json "$OUT/moved"
