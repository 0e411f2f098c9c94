#!/bin/sh
# run.sh BUILD: installs limn into a staged folder, builds the hosts of this folder against it with pkg-config, and runs
# them from elsewhere: the build tree, PREFIX and the environment do not help them.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
prefix=$stage/prefix
passed=0
ok() { passed=$((passed + 1)); echo "ok   $1"; }
fail() { echo "FAIL $1" >&2; exit 1; }

version=$(sed -n 's/^#define LIMN_VERSION "\(.*\)"$/\1/p' include/limn/status.h)
src/tools/install.sh "$build" "$version" "" "$prefix" >/dev/null
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib LIMN_PLACE=$prefix
mkdir "$stage/work"
cd "$stage/work"

for name in host threads; do
  ${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror "$here/$name.c" -o "$stage/$name" $(pkg-config --cflags --libs limn-lua) -lpthread
  "$stage/$name" >"$stage/said" 2>&1 </dev/null || fail "$name: $(cat "$stage/said")"
  ok "$name"
done

# One file: the archive with the Lua files; limn.so and the Lua files are gone.
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror "$here/onefile.c" -o "$stage/onefile" $(pkg-config --cflags --libs limn-full)
mv "$prefix/share" "$stage/away_share"
mv "$prefix/lib/lua" "$stage/away_lua"
env -u LIMN_PLACE "$stage/onefile" >"$stage/said" 2>&1 </dev/null || fail "onefile: $(cat "$stage/said")"
mv "$stage/away_share" "$prefix/share"
mv "$stage/away_lua" "$prefix/lib/lua"
strip -o "$stage/stripped" "$stage/onefile"
ok "a program in one file ($(($(wc -c <"$stage/stripped") / 1024)) KiB stripped, with $(find "$prefix/share/lua" -name '*.lua' | wc -l) Lua files)"

${CC:-cc} -std=c11 -Wall -Wextra -Werror "$here/experiment.c" -o "$stage/experiment" $(pkg-config --cflags --libs limn) -lm
got=$("$stage/experiment")
[ "$got" = "$(cat "$here/experiment.txt")" ] || fail "experiment: $got"
ok "the main experiment in C, without Lua"

if command -v g++ >/dev/null 2>&1; then
  g++ -std=c++17 -Wall -Wextra -Werror "$here/host.cc" -o "$stage/host_cc" $(pkg-config --cflags --libs limn limn-lua)
  "$stage/host_cc" >"$stage/said" 2>&1 || fail "C++: $(cat "$stage/said")"
  ok "C++17"
else echo "SKIP: C++17: no g++"; fi

if command -v python3 >/dev/null 2>&1; then
  python3 "$here/host.py" "$prefix/lib/liblimn.so" >"$stage/said" 2>&1 || fail "Python: $(cat "$stage/said")"
  ok "Python by ctypes"
else echo "SKIP: Python: not installed"; fi
echo "Ran $passed tests"
