#!/bin/sh
# run_tests.sh c|lua BUILD: runs every C test program, or every Lua spec, and says one verdict.
# LIMN_ISA etc. are the caller's to set. Exit 1 if anything failed or nothing ran.
set -u
kind=$1 build=$2
ran=0 failed=0
export LIMN_TEST_BUILD="$PWD/$build"
case $build in *asan*) export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}" ;; esac
one() { # one NAME COMMAND...
  name=$1; shift
  log=$build/log/$name.log
  mkdir -p "$build/log"
  start=$(date +%s%N)
  if "$@" >"$log" 2>&1 </dev/null; then verdict=ok; else verdict=FAILED; failed=$((failed + 1)); fi
  ran=$((ran + 1))
  printf '%-6s %-28s %6d ms  %s\n' "$verdict" "$name" $((($(date +%s%N) - start) / 1000000)) "$(grep -E 'Synthesis|^Ran |tests? run' "$log" | tail -1 | sed 's/\x1b\[[0-9;]*m//g' | cut -c1-90)"
  [ $verdict = ok ] || sed 's/^/    /' "$log" | tail -60
}
if [ "$kind" = c ]; then
  for t in "$build"/tests/*; do
    [ -x "$t" ] && [ -f "$t" ] || continue
    one "c-$(basename "$t")" "$t" -j1
  done
else
  for t in tests/lua/*/*_spec.lua; do
    [ -f "$t" ] || continue
    one "lua-$(basename "$t" .lua)" "$build/limn" "$t"
  done
  case $build in
    *asan*|*tsan*) ;; # the libraries need the sanitizer's run time first
    *) one install tests/install_test.sh "$build" ;;
  esac
  case $build in
    *asan*|*tsan*) ;; # the stock interpreter is not built with the sanitizer's run time
    *) for t in tests/lua/*/*_spec.lua; do
         grep -q '^-- stock: yes' "$t" || continue
         one "stock-$(basename "$t" .lua)" env LUA_CPATH="$build/?.so;;" lua5.4 "$t"
       done ;;
  esac
fi
echo "$((ran - failed)) passed, $failed failed"
[ "$failed" = 0 ] && [ "$ran" -gt 0 ]
