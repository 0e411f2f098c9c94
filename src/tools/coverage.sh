#!/bin/sh
# coverage.sh BUILD SET [NAMES]: runs a set of tests (see run_tests.sh; "one": those of NAMES) in a build with counters
# (MODE=cover), then prints which lines and branches of the C sources and which lines of the Lua files have run, in total and
# of the least covered files. The figures of all files are in BUILD/coverage.txt.
set -u
build=$1 set_=$2 names=${3:-}
find "$build" -name '*.gcda' -delete
LIMN_COVERAGE=$PWD/$build/lua_lines
export LIMN_COVERAGE
: >"$LIMN_COVERAGE"
export LUA_INIT="@$PWD/src/tools/coverage.lua"
if [ "$set_" = one ]; then for n in $names; do src/tools/run_tests.sh one "$build" "$n"; done
else src/tools/run_tests.sh "$set_" "$build"; fi
unset LUA_INIT LIMN_COVERAGE
sort -u -o "$build/lua_lines" "$build/lua_lines"

# Each object once; headers are counted with the file that includes them first.
find "$build/obj" -name '*.gcno' | sort | while read -r note; do
  gcov -b -n -o "$(dirname "$note")" "$note" 2>/dev/null
done | awk '
  /^File / { file = $2; gsub(/\x27/, "", file); keep = file ~ /^src\// && !(file in seen) && file ~ /\.c$/; if (keep) seen[file] = 1 }
  keep && /^Lines executed:/ { split($0, p, /[:% ]+/); lines[file] = p[5]; ran[file] = p[3] * p[5] / 100 }
  keep && /^Taken at least once:/ { split($0, p, /[:% ]+/); ways[file] = p[7]; taken[file] = p[5] * p[7] / 100 }
  END {
    for (f in lines) {
      n += lines[f]; r += ran[f]; w += ways[f]; t += taken[f]
      printf "%5.1f %% of %4d lines, %5.1f %% of %4d branches  %s\n", 100 * ran[f] / lines[f], lines[f],
        ways[f] ? 100 * taken[f] / ways[f] : 100, ways[f], f
    }
    if (n) printf "C: %.1f %% of %d lines, %.1f %% of %d branches\n", 100 * r / n, n, w ? 100 * t / w : 100, w
  }' >"$build/coverage.c"
grep '^C:' "$build/coverage.c" >"$build/coverage.txt"
grep -v '^C:' "$build/coverage.c" | sort -n >>"$build/coverage.txt"
rm -f "$build/coverage.c"
head -16 "$build/coverage.txt"
lua5.4 src/tools/coverage.lua report "$build/lua_lines" | tee -a "$build/coverage.txt"
