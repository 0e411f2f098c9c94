#!/bin/sh
# install.sh BUILD VERSION DESTDIR PREFIX [LIBDIR]: installs the build under DESTDIR/PREFIX, libraries and the module
# under DESTDIR/LIBDIR (default PREFIX/lib).
# The files are stripped by $STRIP (default strip; STRIP=: keeps debug information).
# install.sh --remove DESTDIR PREFIX: removes what the manifest, PREFIX/share/limn/manifest, lists, and nothing else: a line
# for each file, and one with a slash at its end for each folder that was made.
set -eu
if [ "$1" = --remove ]; then
  manifest=$2$3/share/limn/manifest
  [ -f "$manifest" ] || { echo "install.sh: no manifest $manifest: limn is not installed there" >&2; exit 1; }
  list=$(mktemp)
  cp "$manifest" "$list"
  grep -v '/$' "$list" | while IFS= read -r path; do rm -f "$2$path"; done
  rm -f "$manifest"
  grep '/$' "$list" | sort -r | while IFS= read -r path; do rmdir "$2$path" 2>/dev/null || :; done
  rm -f "$list"
  exit 0
fi
build=$1 version=$2 destdir=$3 prefix=$4
libdir=${5:-$prefix/lib}
soname=liblimn.so.${version%.*}
manifest=$destdir$prefix/share/limn/manifest

# Makes a folder, its parents too, and writes those that are new to the manifest.
listed=
folder() {
  [ ! -d "$destdir$1" ] || return 0
  folder "${1%/*}"
  mkdir "$destdir$1"
  chmod 755 "$destdir$1"
  listed="$listed$1/
"
}
# put MODE FILE PATH: installs one file
put() {
  folder "${3%/*}"
  install -m "$1" "$2" "$destdir$3"
  listed="$listed$3
"
}
link() { # link TARGET PATH
  ln -sf "$1" "$destdir$2"
  listed="$listed$2
"
}
text() { # text PATH: standard input
  folder "${1%/*}"
  cat >"$destdir$1"
  chmod 644 "$destdir$1"
  listed="$listed$1
"
}

mkdir -p "$destdir$prefix" # of the host system
put 755 "$build/limn" "$prefix/bin/limn"
put 755 "$build/liblimn.so.$version" "$libdir/liblimn.so.$version"
link "liblimn.so.$version" "$libdir/$soname"
link "$soname" "$libdir/liblimn.so"
put 644 "$build/liblimn.a" "$libdir/liblimn.a"
put 644 "$build/liblimn-lua.a" "$libdir/liblimn-lua.a"
put 644 "$build/liblimn-full.a" "$libdir/liblimn-full.a"
put 755 "$build/limn.so" "$libdir/lua/5.4/limn.so"
${STRIP:-strip} --strip-unneeded "$destdir$prefix/bin/limn" "$destdir$libdir/liblimn.so.$version" "$destdir$libdir/lua/5.4/limn.so"
${STRIP:-strip} --strip-debug --enable-deterministic-archives "$destdir$libdir/liblimn.a" "$destdir$libdir/liblimn-lua.a" "$destdir$libdir/liblimn-full.a"
for f in include/limn/*.h; do put 644 "$f" "$prefix/include/limn/${f##*/}"; done
for f in scripts/*.lua scripts/README.md scripts/figures/*.png; do
  [ ! -f "$f" ] || put 644 "$f" "$prefix/share/limn/$f"
done
for f in $(find lua/limn -type f | sort); do put 644 "$f" "$prefix/share/lua/5.4/${f#lua/}"; done
put 644 LICENSE "$prefix/share/limn/LICENSE"
text "$libdir/pkgconfig/limn.pc" <<END
prefix=$prefix
libdir=$libdir
includedir=\${prefix}/include

Name: limn
Description: Numerics of ensemble priors: features, minimum-norm rules, nets, infinite-width kernels
Version: $version
Requires.private: openblas lapacke libzip zlib
Libs: -L\${libdir} -llimn
Libs.private: -lm -pthread
Cflags: -I\${includedir}
END
text "$libdir/pkgconfig/limn-lua.pc" <<END
prefix=$prefix
libdir=$libdir
includedir=\${prefix}/include

Name: limn-lua
Description: limn for the Lua 5.4 state of a C program
Version: $version
Requires: lua5.4
Libs: -L\${libdir} -llimn-lua -lm
Cflags: -I\${includedir}
END
text "$libdir/pkgconfig/limn-full.pc" <<END
prefix=$prefix
libdir=$libdir
includedir=\${prefix}/include

Name: limn-full
Description: limn with its Lua files in one archive, for programs that need no file of limn beside them
Version: $version
Requires: lua5.4 openblas lapacke libzip zlib sqlite3 jansson
Libs: -L\${libdir} -llimn-full -ldl -lm -pthread
Cflags: -I\${includedir}
END
[ ! -f "$build/limn.1" ] || put 644 "$build/limn.1" "$prefix/share/man/man1/limn.1"
put 644 src/tools/limn.bash "$prefix/share/bash-completion/completions/limn"
put 644 src/tools/limn.zsh "$prefix/share/zsh/site-functions/_limn"
# Files and folders of an earlier installation stay on the list.
{ [ ! -f "$manifest" ] || cat "$manifest"; printf '%s' "$listed"; } | sort -u >"$manifest.new"
mv "$manifest.new" "$manifest"
