#!/bin/sh
# AssemblyScript, whose twins are compilations with other memory bases: with the garbage collecting
# runtime (`base`), the same with an imported memory and other slots (`imported`), and with the two
# smaller runtimes (`minimal`, `stub`).
. ../tools.sh
# Its sources end in .ts, like those of another language.
cp words.as "$OBJ/words.ts"
cd "$OBJ"
# asc_one NAME BASE ARGS…
asc_one() {
  asc_out=$OUT/$1.wasm asc_base=$2
  shift 2
  "${ASC:-$(npm_bin assemblyscript 0.28.20 asc)}" words.ts --outFile "$asc_out" \
    --memoryBase "$asc_base" "$@"
}
# asc_twins NAME ARGS…
asc_twins() {
  asc_name=$1
  shift
  asc_one "$asc_name" 65536 "$@"
  asc_one "$asc_name-near" $((65536 + NEAR)) "$@"
  asc_one "$asc_name-far" $((65536 + FAR)) "$@"
}
asc_twins base -O3 --runtime incremental --exportRuntime
asc_one imported 65536 -O3 --runtime incremental --importMemory
asc_one imported-near $((65536 + NEAR)) -O3 --runtime incremental --importMemory --tableBase 1001
asc_one imported-far $((65536 + FAR)) -O3 --runtime incremental --importMemory --tableBase 5001
asc_twins minimal -O3 --runtime minimal --exportRuntime
asc_twins stub -O3 --runtime stub
for each in base imported minimal stub; do as_delta "$each" "$each-near" "$each-far"; done
