#!/bin/sh
# install.sh BUILD VERSION DESTDIR PREFIX: installs the build under DESTDIR/PREFIX.
# install.sh --remove DESTDIR PREFIX: removes the installed files.
set -eu
if [ "$1" = --remove ]; then
  root=$2$3
  rm -f "$root"/bin/limn "$root"/lib/liblimn.so* "$root"/lib/liblimn.a "$root"/lib/liblimn-lua.a \
    "$root"/lib/lua/5.4/limn.so "$root"/lib/pkgconfig/limn.pc "$root"/lib/pkgconfig/limn-lua.pc \
    "$root"/share/man/man1/limn.1 "$root"/share/bash-completion/completions/limn \
    "$root"/share/zsh/site-functions/_limn
  rm -rf "$root"/share/lua/5.4/limn "$root"/include/limn "$root"/share/limn
  exit 0
fi
build=$1 version=$2 root=$3$4 prefix=$4
soname=liblimn.so.${version%.*}
install -d "$root"/bin "$root"/lib/lua/5.4 "$root"/lib/pkgconfig "$root"/include/limn "$root"/share/lua/5.4 "$root"/share/limn/scripts/figures
install -m 755 "$build"/limn "$root"/bin/limn
install -m 755 "$build"/liblimn.so."$version" "$root"/lib/
ln -sf liblimn.so."$version" "$root"/lib/$soname
ln -sf "$soname" "$root"/lib/liblimn.so
install -m 644 "$build"/liblimn.a "$build"/liblimn-lua.a "$root"/lib/
install -m 755 "$build"/limn.so "$root"/lib/lua/5.4/limn.so
install -m 644 include/limn/*.h "$root"/include/limn/
for f in scripts/*.lua scripts/README.md; do [ -f "$f" ] && install -m 644 "$f" "$root"/share/limn/scripts/; done
for f in scripts/figures/*.png; do [ -f "$f" ] && install -m 644 "$f" "$root"/share/limn/scripts/figures/; done
find lua/limn -type f | while read -r f; do
  install -d "$root/share/lua/5.4/$(dirname "${f#lua/}")"
  install -m 644 "$f" "$root/share/lua/5.4/${f#lua/}"
done
cat >"$root"/lib/pkgconfig/limn.pc <<END
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: limn
Description: Numerics of ensemble priors: features, minimum-norm rules, nets, infinite-width kernels
Version: $version
Requires.private: openblas lapacke libzip zlib
Libs: -L\${libdir} -llimn
Libs.private: -lm -pthread
Cflags: -I\${includedir}
END
cat >"$root"/lib/pkgconfig/limn-lua.pc <<END
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: limn-lua
Description: limn for the Lua 5.4 state of a C program
Version: $version
Requires: lua5.4
Libs: -L\${libdir} -llimn-lua -lm
Cflags: -I\${includedir}
END
[ -f "$build"/limn.1 ] && install -D -m 644 "$build"/limn.1 "$root"/share/man/man1/limn.1
[ -f src/tools/limn.bash ] && install -D -m 644 src/tools/limn.bash "$root"/share/bash-completion/completions/limn
[ -f src/tools/limn.zsh ] && install -D -m 644 src/tools/limn.zsh "$root"/share/zsh/site-functions/_limn
exit 0
