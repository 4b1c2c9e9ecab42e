# Libraries by others from Debian's source packages: which there are, and how to compile each. Sourced after
# `tools.sh`, by the recipe of this set and by that of the bench.

# debian_packages: NAME PACKAGE VERSION, a line each.
debian_packages() {
  cat <<EOL
brotli brotli 1.0.9-2
bzip2 bzip2 1.0.8-5
cjson cjson 1.7.15-1+deb12u4
cmark cmark 0.30.2-6
duktape duktape 2.7.0-2
expat expat 2.5.0-1+deb12u2
fmt fmtlib 9.1.0+ds1-2
jansson jansson 2.14-2
libyaml libyaml 0.2.5-1
lua lua5.4 5.4.4-3+deb12u1
lz4 lz4 1.9.4-1
md4c md4c 0.4.8-1
mujs mujs 1.3.2-1
picojson picojson 1.3.0+git20210118.111c9be-2
pugixml pugixml 1.13-0.2
snappy snappy 1.1.9-3
tinyxml2 tinyxml2 9.0.0+dfsg-3.1
tomcrypt libtomcrypt 1.18.2-6
tommath libtommath 1.2.0-6+deb12u1
utf8proc utf8proc 2.8.0-1
xz xz-utils 5.4.1-1+deb12u1
yajl yajl 2.1.0-3+deb12u2
zlib zlib 1:1.2.13.dfsg-1
zstd libzstd 1.5.4+dfsg2-5
EOL
}

# objects FLAGS… -- FILES…: compiles files of the library into $OBJ, with the flags of $compile. $include has
# headers for all of them.
objects() {
  flags=
  while [ "$1" != -- ]; do flags="$flags $1" && shift; done
  shift
  for file in "$@"; do
    object=$OBJ/$(echo "${file#"$src"}" | tr / _).o
    case $file in
    *.c) cc -w -D_WASI_EMULATED_SIGNAL -I "$include" $flags $compile "$file" -o "$object" ;;
    *) cxx -w -I "$include" $flags $compile "$file" -o "$object" ;;
    esac
  done
}

# library NAME: compiles a library and its driver, the file $driver. $src: its source; $gen: a directory for
# headers made here.
library() {
  case $1 in
  brotli) objects -I"$src/c/include" -- "$src"/c/common/*.c "$src"/c/dec/*.c "$src"/c/enc/*.c "$driver" ;;
  bzip2) objects -I"$src" -DBZ_NO_STDIO -- "$src"/blocksort.c "$src"/bzlib.c "$src"/compress.c "$src"/crctable.c \
    "$src"/decompress.c "$src"/huffman.c "$src"/randtable.c "$driver" ;;
  cjson) objects -I"$src" -- "$src"/cJSON.c "$src"/cJSON_Utils.c "$driver" ;;
  cmark)
    grep -v cmakedefine "$src/src/config.h.in" | sed 's/CMARK_ATTRIBUTE(list)$/CMARK_ATTRIBUTE(list)/' >"$gen/config.h"
    sed 's/@[A-Za-z_]*@/0/g' "$src/src/cmark_version.h.in" >"$gen/cmark_version.h"
    printf '#define CMARK_EXPORT\n#define CMARK_NO_EXPORT\n' >"$gen/cmark_export.h"
    set -- "$src"/src/*.c
    for each in "$src"/src/*.c; do
      shift
      case $each in */main.c) ;; *) set -- "$@" "$each" ;; esac
    done
    objects -I"$gen" -I"$src/src" -DHAVE_STDBOOL_H -- "$@" "$driver"
    ;;
  duktape) objects -I"$src/src" -- "$src/src/duktape.c" "$driver" ;;
  expat)
    src=$src/expat/lib
    printf 'void arc4random_buf(void *, __SIZE_TYPE__);\n' >"$gen/expat_config.h"
    objects -I"$gen" -I"$src" -DHAVE_ARC4RANDOM_BUF -DXML_CONTEXT_BYTES=1024 -DXML_DTD -DXML_NS \
      -- "$src"/xmlparse.c "$src"/xmlrole.c "$src"/xmltok.c "$driver"
    ;;
  fmt) objects -I"$src/include" -std=c++17 -DFMT_EXCEPTIONS=0 -DFMT_USE_FULL_CACHE_DRAGONBOX=1 -- "$src/src/format.cc" \
    "$driver" ;;
  jansson)
    : >"$gen/jansson_private_config.h"
    objects -I"$gen" -I"$src/android" -I"$src/src" -DHAVE_STDINT_H -- "$src"/src/[!h]*.c "$src/src/hashtable.c" \
      "$src/src/hashtable_seed.c" "$driver"
    ;;
  libyaml) objects -I"$src/include" -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 \
    '-DYAML_VERSION_STRING="0.2.5"' -- "$src"/src/*.c "$driver" ;;
  lua)
    set --
    for each in lapi lauxlib lbaselib lcode lcorolib lctype ldebug ldo ldump lfunc lgc llex lmathlib lmem lobject \
      lopcodes lparser lstate lstring lstrlib ltable ltablib ltm lundump lutf8lib lvm lzio; do
      set -- "$@" "$src/src/$each.c"
    done
    # Nothing may depend on an address or on the time.
    objects -I"$src/src" '-Dluai_makeseed(state)=42' '-Dl_randomizePivot()=0' -- "$@" "$driver"
    ;;
  lz4) objects -I"$src/lib" -- "$src"/lib/lz4.c "$src"/lib/lz4frame.c "$src"/lib/lz4hc.c "$src"/lib/xxhash.c "$driver" ;;
  md4c) objects -I"$src/src" -- "$src"/src/*.c "$driver" ;;
  mujs) objects -I"$src" -- "$src/one.c" "$driver" ;;
  # It throws, and exceptions are off; the driver gives no cause.
  picojson) objects -I"$src" '-Dthrow=(void)' -- "$driver" ;;
  pugixml) objects -I"$src/src" -DPUGIXML_NO_EXCEPTIONS -- "$src/src/pugixml.cpp" "$driver" ;;
  snappy)
    sed 's/\${[A-Z_0-9]*}/0/' "$src/snappy-stubs-public.h.in" >"$gen/snappy-stubs-public.h"
    objects -I"$gen" -I"$src" -- "$src"/snappy.cc "$src"/snappy-c.cc "$src"/snappy-sinksource.cc \
      "$src"/snappy-stubs-internal.cc "$driver"
    ;;
  tinyxml2) objects -I"$src" -- "$src/tinyxml2.cpp" "$driver" ;;
  tomcrypt)
    src=$src/src
    objects -I"$src/headers" -DLTC_SOURCE -DLTC_NO_TEST -DLTC_NO_FILE -- "$src/ciphers/aes/aes.c" "$src/ciphers/blowfish.c" \
      "$src/ciphers/twofish/twofish.c" "$src/hashes/md5.c" "$src/hashes/sha1.c" "$src/hashes/sha2/sha256.c" \
      "$src/hashes/sha2/sha512.c" "$src"/hashes/helper/hash_memory.c "$src"/mac/hmac/hmac_[dimp]*.c "$src"/modes/cbc/cbc_[des]*.c \
      "$src"/misc/error_to_string.c "$src"/misc/zeromem.c "$src"/misc/burn_stack.c "$src"/misc/crypt/crypt_*.c "$driver"
    ;;
  tommath) objects -I"$src" -- "$src"/bn_*.c "$driver" ;;
  utf8proc) objects -I"$src" -- "$src/utf8proc.c" "$driver" ;;
  xz)
    src=$src/src
    liblzma=$src/liblzma
    set -- DECODERS ENCODERS DECODER_LZMA1 DECODER_LZMA2 ENCODER_LZMA1 ENCODER_LZMA2 MF_HC3 MF_HC4 MF_BT2 MF_BT3 MF_BT4 \
      CHECK_CRC32 CHECK_CRC64 CHECK_SHA256 STDBOOL_H STDINT_H INTTYPES_H LIMITS_H STRING_H __BUILTIN_BSWAPXX
    for each in "$@"; do echo "#define HAVE_$each 1"; done >"$gen/config.h"
    printf '#define SIZEOF_SIZE_T 4\n#define TUKLIB_SYMBOL_PREFIX lzma_\n#define ASSUME_RAM 128\n' >>"$gen/config.h"
    printf 'typedef int sigset_t;\n#define sigprocmask(how, set, old) 0\n' >>"$gen/config.h"
    set --
    for each in "$liblzma"/common/*.c "$liblzma"/check/*.c "$liblzma"/lz/*.c "$liblzma"/lzma/*.c "$liblzma"/rangecoder/*.c \
      "$src"/common/tuklib_physmem.c; do
      case $each in
      *_mt.c | *outqueue.c | *hardware_cputhreads.c | *tablegen.c | *_small.c | */file_info.c | *price_tablegen.c) ;;
      *) set -- "$@" "$each" ;;
      esac
    done
    objects -DHAVE_CONFIG_H -I"$gen" -I"$liblzma/api" -I"$liblzma/common" -I"$liblzma/check" -I"$liblzma/lz" \
      -I"$liblzma/lzma" -I"$liblzma/rangecoder" -I"$liblzma/delta" -I"$liblzma/simple" -I"$src/common" -- "$@" "$driver"
    ;;
  yajl)
    ln -sfn "$src/src/api" "$gen/yajl"
    objects -I"$gen" -I"$src/src" -- "$src"/src/yajl.c "$src"/src/yajl_[abegltp]*.c "$driver"
    ;;
  zlib)
    set --
    for each in adler32 compress crc32 deflate inffast inflate inftrees trees uncompr zutil; do set -- "$@" "$src/$each.c"; done
    objects -I"$src" -Wno-deprecated-non-prototype -- "$@" "$driver"
    ;;
  zstd) objects -I"$src/lib" -DZSTD_DISABLE_ASM -DXXH_NAMESPACE=ZSTD_ -- "$src"/lib/common/*.c "$src"/lib/compress/*.c \
    "$src"/lib/decompress/*.c "$driver" ;;
  esac
}
