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
  program_link a "$@"
  program_link b "$@" --global-base=$((program_base + D))
  program_link t "$@" --table-base=$SLOT
  program_link s "$@" -z stack-size=$((65536 + S))
}

# program_link LINK ARGS…: one of the links. The name section holds the file's name, so it is the same
# for all of them.
program_link() {
  program_to=$1
  shift
  case " ${SKIP:-} " in *" $program_to "*) return ;; esac
  "$WASM_LD" --emit-relocs "$@" -o "$program_dir/program.wasm"
  mv "$program_dir/program.wasm" "$program_dir/$program_to.wasm"
}

# in_parallel FUNCTION: calls FUNCTION for each line of standard input, as many lines at a time as there
# are processors, each with an object directory $OBJ of its own. Lines for which it fails are listed on
# standard error; then the whole fails. Output of a failed call: $OBJ.log.
in_parallel() {
  parallel_jobs=${JOBS:-$(nproc)}
  parallel_list=$OBJ/list
  cat >"$parallel_list"
  parallel_pids=
  parallel_top=$OBJ
  parallel_at=0
  while [ "$parallel_at" -lt "$parallel_jobs" ]; do
    (
      OBJ=$parallel_top/$parallel_at
      parallel_rc=0
      awk -v at="$parallel_at" -v jobs="$parallel_jobs" 'NR % jobs == at' "$parallel_list" >"$OBJ.list"
      # Not the standard input of FUNCTION.
      while read -r parallel_line <&3; do
        rm -rf "$OBJ"
        mkdir -p "$OBJ"
        # `set -e` has no effect inside a condition, so the function runs outside of one.
        set +e
        (
          set -e
          "$1" "$parallel_line"
        ) >"$OBJ.log" 2>&1
        parallel_one=$?
        set -e
        if [ "$parallel_one" -ne 0 ]; then
          parallel_rc=1
          echo "$parallel_line: $(grep -m1 -E 'error|undefined' "$OBJ.log" || tail -n 1 "$OBJ.log")" >&2
        fi
      done 3<"$OBJ.list"
      exit "$parallel_rc"
    ) &
    parallel_pids="$parallel_pids $!"
    parallel_at=$((parallel_at + 1))
  done
  parallel_failed=0
  for parallel_pid in $parallel_pids; do wait "$parallel_pid" || parallel_failed=1; done
  return "$parallel_failed"
}
