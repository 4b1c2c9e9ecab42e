#!/bin/sh
# Libraries by others from Debian's source packages, each with a driver of ours that prints what depends
# on its tables, strings and function pointers. Every library is built twice: with -O2, and in another
# way.
# $ONLY, if set: only the library of this name.
. ../tools.sh
. ./libraries.sh

# The other way to build each, in turn: how it is called, compiler flags, linker flags, data base.
ways=7
way() {
  base=262144
  case $1 in
  0) set -- pic "-O2 -fPIC" "" ;;
  1) set -- debug "-O0 -g" "" ;;
  2) set -- lto "-O2 -flto" "" ;;
  3) set -- data-first "-Os" --no-stack-first && base=1024 ;;
  4) set -- mvp "-O1 -mcpu=mvp" "--no-merge-data-segments" ;;
  5) set -- sections "-O3 -msimd128 -mtail-call -ffunction-sections -fdata-sections" "-O2" ;;
  6) set -- exported "-Oz" "--export-all --growable-table" ;;
  esac
  suffix=-$1
  compile=$2
  link=$3
}

# built LINE: the number of a line of the list, which way to build it, its name, package and
# version.
built() {
  set -- $1
  case ${ONLY:-$3} in "$3") ;; *) return ;; esac
  src=$(deb_source "$4" "$5")
  case $2 in
  # Exported, so that its allocator can be made to take its memory before another module grows it.
  plain) compile=-O2 link="--export=malloc --export=free" suffix= base=262144 ;;
  other) way $(($1 % ways)) ;;
  esac
  gen=$OBJ/include
  mkdir -p "$gen"
  name=$3
  driver=$here/$name.c
  [ ! -f "$here/$name.cpp" ] || driver=$here/$name.cpp
  # The exports of a command run all constructors and destructors around the call, and wasi-libc fails
  # at the second time if one called atexit.
  case $name$suffix in pugixml) link= ;; esac
  library "$name"
  libraries="-L/usr/lib/wasm32-wasi -lwasi-emulated-signal $LIBC"
  case $driver in *.cpp) libraries="$LIBCXX $libraries" ;; esac
  program "$name$suffix" "$base" -z stack-size=262144 $link /usr/lib/wasm32-wasi/crt1-command.o "$OBJ"/*.o $libraries
  echo '{ "entry": "_start", "exit": 0 }' >"$OUT/$name$suffix/run.json"
}

here=$PWD include=$PWD/include
debian_packages >"$OBJ/packages"
while read -r name package version; do deb_source "$package" "$version" >/dev/null; done <"$OBJ/packages"
for how in plain other; do
  awk -v how="$how" '{ print NR, how, $0 }' "$OBJ/packages"
done | in_parallel built
