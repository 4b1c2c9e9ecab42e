# Where SQLite comes from. Sourced after `tools.sh`, by this recipe and that of `examples/sqlite`.

# sqlite_source: SQLite from Debian's source package, all of it in one file, which its own tools (Tcl)
# make. Prints the directory.
sqlite_source() {
  sqlite_made=$CACHE/sqlite-amalgamation-3.40.1
  if [ ! -f "$sqlite_made/sqlite3.c" ]; then
    sqlite_src=$(deb_source sqlite3 3.40.1-2+deb12u2)
    rm -rf "$sqlite_made.new"
    mkdir "$sqlite_made.new"
    sqlite_tcl=$(deb_files libtcl8.6 tcl8.6)
    sqlite_lib=$(dirname "$(find "$sqlite_tcl" -name 'libtcl8.6.so*' | head -n 1)")
    (
      cd "$sqlite_made.new"
      export LD_LIBRARY_PATH="$sqlite_lib" TCL_LIBRARY="$sqlite_tcl/usr/share/tcltk/tcl8.6"
      "$sqlite_src/configure" --disable-tcl --disable-readline --disable-load-extension
      make sqlite3.c TCLSH_CMD="$sqlite_tcl/usr/bin/tclsh8.6"
    ) >&2
    mv "$sqlite_made.new" "$sqlite_made"
  fi
  echo "$sqlite_made"
}
