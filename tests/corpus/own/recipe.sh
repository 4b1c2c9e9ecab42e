#!/bin/sh
# Programs of ours, one feature each. The first comment lines of a source say how it is built and run:
#
#   // what: one line
#   // build [SUFFIX]: COMPILER FLAGS | LINKER FLAGS | DATA BASE | LINKS TO LEAVE OUT
#   // with: another source in parts/, and its flags
#   // libs: none, reactor, command or cxx (a reactor with libc++)
#   // run: export arguments = result
#   // init: export that is called first
#
# Every line `build` is a program of its own, named after the directory, the source and the suffix.
# $ONLY, if set: only programs whose name begins so.
. ../tools.sh
RUST_STD=$CACHE/own/sysroot

# said KEY: the values of a key in $source.
said() { sed -n "1,60s|^// $1: *||p" "$source"; }

# The calls as JSON.
run_json() {
  case $libs in
    command) echo '{ "entry": "_start" }' && return ;;
    reactor | cxx) init=_initialize ;;
    *) init=$(said init) ;;
  esac
  said run | awk -v init="$init" '
    BEGIN { printf "{%s \"calls\": [", init ? " \"init\": \"" init "\"," : "" }
    {
      args = ""; expect = ""
      for (i = 2; i <= NF; i++)
        if ($i == "=") expect = $(i + 1)
        else if (expect == "") args = args (args == "" ? "" : ", ") $i
      printf "%s\n  { \"export\": \"%s\", \"args\": [%s]%s }", (NR > 1 ? "," : ""), $1, args,
        (expect == "" || expect == "trap" ? "" : ", \"expect\": " expect)
    }
    END { print "\n] }" }'
}

# compile SOURCE OBJECT FLAGS…
compile() {
  compile_from=$1
  compile_to=$2
  shift 2
  case $compile_from in
    *.c | *.s) cc -Wno-unused-command-line-argument "$@" "$compile_from" -o "$compile_to" ;;
    *.cpp) cxx "$@" "$compile_from" -o "$compile_to" ;;
    *.zig) zig_object "$compile_from" "$compile_to" "$@" ;;
  esac
}

# rust NAME FLAGS… -- LINKER FLAGS…: four links of one crate; std from rust_std.
rust() {
  rust_program=$1
  shift
  rust_flags=
  while [ "$1" != -- ]; do rust_flags="$rust_flags $1" && shift; done
  shift
  for each in "$@"; do rust_flags="$rust_flags -C link-arg=$each"; done
  mkdir -p "$OUT/$rust_program"
  # rustc asks for a stack of 1 MiB.
  LINK_OUT=$OUT/$rust_program \
    LINKS="a= b=--global-base=$((0x100000 + D)) t=--table-base=$SLOT s=-z,stack-size=$((0x100000 + S))" \
    RUSTC_BOOTSTRAP=1 "$RUSTC" --sysroot "$RUST_STD" --target wasm32-unknown-unknown --edition 2024 \
    --crate-type cdylib --crate-name own -C panic=abort -C linker="$PWD/rust-ld" -C opt-level=2 \
    -C codegen-units=1 -C link-arg=--emit-relocs --remap-path-prefix="$PWD"=. $rust_flags "$source" \
    -o "$OBJ/$rust_program.wasm"
}

# rust_std: builds the Rust library from its source, as one that rustc itself finds.
rust_std() {
  (cd std && CACHE=$CACHE/own LINKS=' ' rust_build own -C embed-bitcode=yes)
  rust_lib=$RUST_STD/lib/rustlib/wasm32-unknown-unknown/lib
  rm -rf "$rust_lib"
  mkdir -p "$rust_lib"
  find "$CACHE/own/rust/wasm32-unknown-unknown/release/deps" -name 'lib*.rlib' \
    -exec cp {} "$rust_lib" ';'
}

# built SOURCE: all programs of one source.
built() {
  source=$1
  set -f
  source_name=$(basename "${source%.*}")
  source_kind=$(dirname "$source")
  libs=$(said libs)
  sed -n '1,60s|^// build *\(.*\)$|\1|p' "$source" >"$OBJ/$source_name.builds"
  while IFS='|' read -r compiled linked base skip; do
    suffix=${compiled%%:*}
    base=$(echo $base)
    name=$source_kind-$source_name${suffix:+-$suffix}
    case $name in ${ONLY:-}*) ;; *) continue ;; esac
    flags=${compiled#*:}
    if [ "$source_kind" = rust ]; then
      rust "$name" $flags -- $linked
    else
      compile "$source" "$OBJ/$name.o" $flags
      objects=$OBJ/$name.o
      said with >"$OBJ/$name.with"
      while read -r part part_flags; do
        compile "parts/$part" "$OBJ/$name-${part%.*}.o" $part_flags
        objects="$objects $OBJ/$name-${part%.*}.o"
      done <"$OBJ/$name.with"
      case $libs in
        reactor) libraries="$REACTOR $LIBC" ;;
        command) libraries="/usr/lib/wasm32-wasi/crt1-command.o $LIBC" ;;
        cxx) libraries="$REACTOR $LIBCXX $LIBC" ;;
        *) libraries=--no-entry ;;
      esac
      SKIP=$skip program "$name" "$((${base:-65536}))" $objects $linked $libraries
    fi
    # What no engine here can run is compared only.
    [ "$libs" != command ] && [ -z "$(said run)" ] || run_json >"$OUT/$name/run.json"
  done <"$OBJ/$source_name.builds"
}

# The sources of C, C++, assembler and Zig while the library for the Rust ones is built.
case ${ONLY:-rust} in rust*) rust_std >"$OBJ/std.log" 2>&1 & ;; esac
ls c/*.c cxx/*.cpp asm/*.s zig/*.zig | in_parallel built
wait
ls rust/*.rs | in_parallel built
