#!/bin/sh
# run_tests.sh SET BUILD [NAME]: runs tests and prints a summary. SET is one of
#   check  the C tests and the specs that are not marked slow
#   all    every C test and spec, the installed library, and stock Lua
#   ci     all, then with LIMN_ISA=ref those that depend on the instruction set
#   one    the C test or spec called NAME
#   file   the C test or spec in the file NAME, without a summary; tests run as many at a time as there are processors
#   ref    likewise, with LIMN_ISA=ref
# Times are CPU times. A test has its marks in its first ten lines: "slow: 12 s" (CPU time), "stock: yes" (also runs under lua5.4),
# "isa: yes" (its numbers depend on the instruction set).
# A test that skips a part prints a line "SKIP: reason"; the summary repeats these lines.
# Exit 1 if anything failed or nothing ran.
set -u
set_=$1 build=$2 name=${3:-}
export LIMN_TEST_BUILD="$PWD/$build"
# The limit of CPU time, which does not depend on the load, ends a test that loops; the limit of wall time, generous for
# a loaded machine, ends one that blocks.
cpu_limit=600 wall_limit=1200
case $build in
  *asan) sanitized=asan; export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}" ;;
  *tsan) sanitized=tsan ;;
  *) sanitized= ;;
esac
mkdir -p "$build/log"
skips=$build/log/skips verdicts=$build/log/verdicts
case $set_ in
  file|ref) ;;
  *) : >"$skips"; : >"$verdicts" ;;
esac

# marked MARK [no]: the tests with the mark in their first ten lines; with no, those without it
marked() {
  awk -v mark="(^|[-/* ])$1: " -v no="${2:-}" '
    FNR == 1 { names[++n] = FILENAME }
    FNR <= 10 && $0 ~ mark { has[FILENAME] = 1 }
    END { for (i = 1; i <= n; i++) if ((names[i] in has) == (no == "")) print names[i] }' $tests
}
name_of() { n=${1##*/}; n=${n%.c}; echo "${n%.lua}"; }
# CPU time of the finished children in ms.
trap 'rm -f "$build/log/times.$$"' EXIT
cpu() { # sets ms; in a subshell `times` would count the children of that shell
  times >"$build/log/times.$$"
  ms=$(awk -F '[ms]' 'NR == 2 { print int(1000 * (60 * ($1 + $3) + $2 + $4)) }' "$build/log/times.$$")
}

skip() { # skip NAME REASON
  printf '%-6s %-30s %s\n' skipped "$1" "$2"
  echo "$1: $2" >>"$skips"
}

one() { # one NAME COMMAND...
  label=$1; shift
  log=$build/log/$label.log
  cpu; before=$ms
  (ulimit -S -t $cpu_limit; exec timeout --foreground -k 10 $wall_limit "$@") >"$log" 2>&1 </dev/null
  code=$?
  cpu
  [ $code != 124 ] || echo "stopped: still running after $wall_limit s" >>"$log"
  [ $code != 152 ] || echo "stopped: still running after $cpu_limit s of CPU time" >>"$log"
  verdict=FAILED
  [ $code != 0 ] || verdict=ok
  echo $verdict >>"$verdicts"
  said=$(grep -E 'Synthesis|^Ran |tests? run' "$log" | tail -1 | sed 's/\x1b\[[0-9;]*m//g' | cut -c1-90)
  shown=$(printf '%-6s %-30s %6d ms  %s' $verdict "$label" $((ms - before)) "$said")
  [ $verdict = ok ] || shown=$(echo "$shown"; sed 's/^/    /' "$log" | tail -60)
  printf '%s\n' "$shown"
  sed -n "s/^.*SKIP: /$label: /p" "$log" | sort -u >>"$skips"
}

run() { # run FILE [PREFIX COMMAND...]: one C test or spec, with PREFIX before its label, started by COMMAND
  file=$1; shift
  prefix=${1:-}; [ $# = 0 ] || shift
  case $file in
    *.c) one "$prefix$(name_of "$file")" "$@" "$build/tests/$(name_of "$file")" -j1 ;;
    *) one "$prefix$(name_of "$file")" "$@" "$build/limn" "$file" ;;
  esac
}

tests=$(ls tests/c/*/test_*.c tests/lua/*/*_spec.lua)

stock() { # the specs that the stock interpreter runs too
  [ -z "$sanitized" ] || { skip stock "lua5.4 lacks the run-time library of the sanitizer"; return; }
  for t in $(marked stock); do
    one "stock-$(name_of "$t")" env LUA_CPATH="$build/?.so;;" lua5.4 "$t"
  done
}

nearest() { # the name with the fewest edits to NAME, with or without test_ and _spec
  for t in $tests; do name_of "$t"; done | awk -v want="$1" '
    function edits(a, b, i, j, m, n, d, c) {
      m = length(a); n = length(b)
      for (i = 0; i <= m; i++) d[i, 0] = i
      for (j = 0; j <= n; j++) d[0, j] = j
      for (i = 1; i <= m; i++) for (j = 1; j <= n; j++) {
        c = d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1))
        if (d[i - 1, j] + 1 < c) c = d[i - 1, j] + 1
        if (d[i, j - 1] + 1 < c) c = d[i, j - 1] + 1
        d[i, j] = c
      }
      return d[m, n]
    }
    { short = $1; sub(/^test_/, "", short); sub(/_spec$/, "", short)
      e = edits(want, $1); s = edits(want, short); if (s < e) e = s
      if (!best || e < least) { best = $1; least = e } }
    END { print best }'
}

together() { # together SET: the tests on standard input, as many at a time as there are processors
  xargs -P "$(nproc)" -n 1 "$0" "$1" "$build"
}

case $set_ in
  one)
    found=
    for t in $tests; do
      n=$(name_of "$t")
      if [ "$n" = "$name" ] || [ "$n" = "${name}_spec" ] || [ "$n" = "test_$name" ]; then run "$t"; found=1; fi
    done
    if [ -z "$found" ]; then
      echo "no test is called '$name'; did you mean SPEC=$(nearest "$name")?" >&2
      exit 1
    fi ;;
  file) run "$name"; exit ;;
  ref) run "$name" ref- env LIMN_ISA=ref; exit ;;
  check)
    marked slow no | together file ;;
  all|ci)
    marked slow no | together file
    marked slow | together file
    if [ -n "$sanitized" ]; then skip install "other programs lack the run-time library of the sanitizer"
    else
      one install tests/install_test.sh "$build"
      one embed tests/embed/run.sh "$build"
    fi
    stock
    one arch tests/arch_test.sh
    if [ $set_ = ci ]; then
      marked isa | together ref
    fi
    one cluster tests/cluster/run.sh "$build" optional ;;
  *) echo "run_tests.sh: unknown set '$set_'" >&2; exit 2 ;;
esac

[ ! -s "$skips" ] || { echo "skipped:"; sed 's/^/  /' "$skips"; }
passed=$(grep -c ok "$verdicts") failed=$(grep -c FAILED "$verdicts") skipped=$(grep -c . "$skips")
if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"
else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
