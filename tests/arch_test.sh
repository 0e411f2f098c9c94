#!/bin/sh
# arch_test.sh: src/tools/arch.sh on a copy of the sources finds what is planted there, and nothing before that.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
fail() { echo "FAIL $1" >&2; cat "$work/said" >&2; exit 1; }
fresh() { rm -rf "$work/tree"; mkdir "$work/tree"; cp -r src include lua scripts "$work/tree"; }
check() { "$work/tree/src/tools/arch.sh" --quiet >"$work/said" 2>&1; }
# refused WHAT WORDS...: the check fails, and says all of the words
refused() {
  what=$1; shift
  if check; then fail "$what: not noticed"; fi
  for words; do grep -qF -- "$words" "$work/said" || fail "$what: \"$words\" is not said"; done
  passed=$((passed + 1))
  echo "ok   $what"
}
append() { printf '%s\n' "$2" >>"$work/tree/$1"; } # append FILE LINE
lines() { wc -l <"$work/tree/$1"; }

fresh
check || fail "the sources as they are"

append src/core/array.c '#include "num/linalg/linalg.h"'
refused "an include that points up" "src/core/array.c:$(lines src/core/array.c): core may not use num/linalg"

fresh
append include/limn/theory.h '#include "limn/mlp.h"'
refused "a public header that needs another room's" "include/limn/theory.h:" "num/theory may not use num/mlp"

# Arrows that the table allows and that lead back to where they began.
fresh
sed -i 's/^core  *:/& num\/array/' "$work/tree/src/tools/arch.sh"
append src/core/array.c '#include "num/array/walk.h"'
refused "a cycle in C" "a cycle of rooms:" "core uses num/array: src/core/array.c:" "num/array uses core: "

fresh
sed -i 's/^rng  *: base/& data/' "$work/tree/src/tools/arch.sh"
append lua/limn/rng.lua 'local function later() return require "limn.data" end'
refused "a cycle in Lua, by a require in a function" "a cycle of rooms:" "rng uses data: lua/limn/rng.lua:"

fresh
append lua/limn/base/csv.lua 'local plot = require("limn.plot.figure")'
refused "a require that points up" "lua/limn/base/csv.lua:$(lines lua/limn/base/csv.lua): base may not use plot"

fresh
append scripts/tutorial.lua 'local check = require "limn.base.check"'
refused "a script that uses a private file" "scripts may not use base"

fresh
mkdir "$work/tree/src/num/attic"
append src/num/attic/old.c '#include "core/core.h"'
refused "a folder that is no room" "src/num/attic/old.c:1: the file is in no room"

fresh
append src/num/maps/geometry.c '#include <cblas.h>'
append src/num/theory/moments.c 'void f(void) { printf("x"); }'
append src/sys/clock.h '#include <lua.h>'
refused "what belongs elsewhere" "may include cblas.h and lapacke.h" "must not print" "only bindings and host may include"

# A call behind the back of the includes, seen in the objects.
fresh
append src/core/caller.c 'int limn_up(void); int limn_caller(void); int limn_caller(void) { return limn_up(); }'
append src/num/maps/up.c 'int limn_up(void); int limn_up(void) { return 1; }'
for f in core/caller num/maps/up; do
  mkdir -p "$work/tree/build/release/obj/$(dirname $f)"
  ${CC:-cc} -c "$work/tree/src/$f.c" -o "$work/tree/build/release/obj/$f.o"
done
refused "a call without an include" "src/core/caller.c: core may not use num/maps (limn_up)"
echo "Ran $passed tests"
