#!/bin/sh
# C with debug information, in both versions of DWARF that compilers make, with and without
# optimisation, and through LTO. The linker leaves out what nobody calls, so there are tombstones.
. ../tools.sh

# debug NAME ARGS…: both files, linked at the linker's own base and D higher.
debug() {
  debug_name=$1
  debug_moved=${debug_name#base}
  debug_moved=${debug_moved:+$debug_moved-}moved
  shift
  for debug_each in stock total; do
    cc -g "$@" "$debug_each.c" -o "$OBJ/$debug_each.o"
  done
  link "$debug_name" "$OBJ/stock.o" "$OBJ/total.o"
  link "$debug_moved" "$OBJ/stock.o" "$OBJ/total.o" --global-base=$((65536 + D))
}

debug base -gdwarf-5
debug v4 -gdwarf-4
debug o0 -gdwarf-5 -O0 -ffunction-sections -fdata-sections
debug o0v4 -gdwarf-4 -O0
debug lto -gdwarf-5 -flto

"${DENO:-deno}" run -q -A ../source_map.ts "$OUT" base
