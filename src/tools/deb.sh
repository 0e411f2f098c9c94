#!/bin/sh
# deb.sh BUILD VERSION TARBALL: Debian packages of a release tarball, in BUILD/deb. Needs debhelper and the packages that
# src/tools/debian/control lists.
set -eu
build=$1 version=$2 tarball=$3
command -v dh >/dev/null 2>&1 || { echo "make deb needs debhelper: apt-get install debhelper dpkg-dev" >&2; exit 1; }
rm -rf "$build/deb"
mkdir -p "$build/deb"
tar -xzf "$tarball" -C "$build/deb"
cd "$build/deb/limn-$version"
cp -r src/tools/debian debian
mkdir debian/source
mv debian/source.format debian/source/format
{
  echo "limn ($version) unstable; urgency=medium"
  echo
  echo "  * Release $version."
  echo
  echo " -- the limn authors <limn@localhost>  $(LC_ALL=C date -u -R -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y Makefile)}")"
} >debian/changelog
{
  echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
  echo "Upstream-Name: limn"
  echo
  echo "Files: *"
  echo "Copyright: the limn authors"
  echo "License: $(sed -n '1s/ License.*//p' LICENSE | sed 's/^MIT$/Expat/')"
  sed 's/^$/./; s/^/ /' LICENSE
} >debian/copyright
dpkg-buildpackage -us -uc -b
cd ..
ls -1 ./*.deb
