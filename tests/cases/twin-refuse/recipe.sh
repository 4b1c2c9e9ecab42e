#!/bin/sh
# Pairs that are no twins, or that prove too little. `refuse.json` says why.
. ../tools.sh
B=65536
# small NAME BASE CC_ARGS… [-- LD_ARGS…]
small() {
  small_name=$1 small_base=$2 small_cc=
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    small_cc="$small_cc $1"
    shift
  done
  [ $# -eq 0 ] || shift
  # shellcheck disable=SC2086
  cc $small_cc small.c -o "$OBJ/$small_name.o"
  ld "$small_name" "$OBJ/$small_name.o" --global-base="$small_base" --strip-all "$@"
}
small base $B
small near $((B + NEAR))
small far $((B + FAR))
# Another program, other flags.
small other-function $((B + NEAR)) -DOTHER_FUNCTION
small other-constant $((B + NEAR)) -DOTHER_CONSTANT
small other-constant-far $((B + FAR)) -DOTHER_CONSTANT
small other-byte $((B + NEAR)) -DOTHER_BYTE
small other-byte-far $((B + FAR)) -DOTHER_BYTE
small more $((B + NEAR)) -DMORE
small other-level $((B + NEAR)) -O1
optimise -O3 near optimised
small other-stack $((B + NEAR)) -- -z stack-size=32768
# The same program at a distance that proves nothing.
small half $((B + 0x8000))
small odd $((B + 0x18000))
# What wasm-opt works out of known addresses.
small folded $B -DFOLDED
small folded-mib $((B + 0x100000)) -DFOLDED
small folded-far $((B + FAR + NEAR)) -DFOLDED
for each in shifted scaled added floating compared merged; do
  flag=-D$(echo "$each" | tr a-z A-Z)
  small "$each" $B "$flag"
  small "$each-near" $((B + NEAR)) "$flag"
  optimise -O3 "$each" "$each"
  optimise -O3 "$each-near" "$each-near"
done
small folded-near $((B + NEAR)) -DFOLDED
small bit $B -DBIT
small bit-near $((B + NEAR)) -DBIT
# All bits of page numbers are others than at B. It is never run.
small bit-high $((0x7ffe0000)) -DBIT
small compared-far $((B + FAR)) -DCOMPARED
for each in folded folded-near folded-mib folded-far bit bit-near bit-high compared-far; do optimise -O3 "$each" "$each"; done
small slot $B -DSLOT
small slot-near $((B + NEAR)) -DSLOT -- --table-base=1001
optimise -O3 slot slot
optimise -O3 slot-near slot-near
