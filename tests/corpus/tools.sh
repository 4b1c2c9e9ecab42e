# Functions for the recipes of the corpus. Sourced, never run: `. ../tools.sh`, with the functions of
# `../../cases/tools.sh`.
#
# In:  $OUT    an absolute directory: receives a directory for each program
#      $CACHE  an absolute directory for sources and intermediate files
# A program's directory holds several links of the same objects, all with relocation records:
#   a.wasm  where the linker puts everything by itself
#   b.wasm  data and heap $D bytes higher
#   t.wasm  table slots from $SLOT on
#   s.wasm  a stack $S bytes larger, so that stack and data move by different amounts
# and, if the program is to be run, `run.json` (see README.md).
. "$(dirname "$0")/../../cases/tools.sh"

# A multiple of 4 KiB but not of 64 KiB: low bits of addresses change too.
D=$((0x123000))
S=$((0x7000))
SLOT=101

# program NAME DATA_BASE ARGS…: four links of the same objects. DATA_BASE is where the linker puts the
# data by itself (65536, unless --no-stack-first, --global-base or another stack size say otherwise).
# Links that the arguments make impossible are left out: SKIP="t s".
program() {
  program_dir=$OUT/$1
  program_base=$2
  shift 2
  mkdir -p "$program_dir"
  "$WASM_LD" --emit-relocs "$@" -o "$program_dir/a.wasm"
  case " ${SKIP:-} " in *" b "*) ;; *)
    "$WASM_LD" --emit-relocs "$@" --global-base=$((program_base + D)) -o "$program_dir/b.wasm" ;;
  esac
  case " ${SKIP:-} " in *" t "*) ;; *)
    "$WASM_LD" --emit-relocs "$@" --table-base=$SLOT -o "$program_dir/t.wasm" ;;
  esac
  case " ${SKIP:-} " in *" s "*) ;; *)
    "$WASM_LD" --emit-relocs "$@" -z stack-size=$((65536 + S)) -o "$program_dir/s.wasm" ;;
  esac
}
