# Emscripten without installing it. Sourced after `tools.sh`.

# emscripten TOOL ARGS…: runs one of its tools. Its own libraries are used as Debian has built them.
emscripten() {
  em_root=$(deb_files emscripten binaryen clang-14 lld-14 llvm-14 libclang-cpp14 libllvm14 \
    libclang-common-14-dev node-acorn node-xtend)
  em_lib=$(dirname "$(find "$em_root" -name 'libLLVM-14.so.1' | head -n 1)")
  cat >"$OBJ/emscripten.config" <<END
EMSCRIPTEN_ROOT = '$em_root/usr/share/emscripten'
LLVM_ROOT = '$em_root/usr/lib/llvm-14/bin'
BINARYEN_ROOT = '$em_root/usr'
NODE_JS = '$(command -v node)'
CACHE = '$em_root/usr/share/emscripten/cache'
END
  em_tool=$1
  shift
  EM_CONFIG="$OBJ/emscripten.config" LD_LIBRARY_PATH="$em_lib:$em_root/usr/lib/llvm-14/lib" \
    NODE_PATH="$em_root/usr/share/nodejs" PATH="$em_root/usr/bin:$PATH" \
    /usr/bin/python3 "$em_root/usr/share/emscripten/$em_tool.py" "$@"
}
