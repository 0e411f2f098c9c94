#!/bin/sh
# fuzz.sh BUILD RUNS [TARGET]: random inputs for each target of tests/fuzz, RUNS of them, beginning with those in
# tests/fuzz/corpus. A finding is left in BUILD/findings. Exit 1 if there is one.
set -u
build=$1 runs=$2 only=${3:-} bad=0
targets="npy idx npz checkpoint message csv json values store notebook options quote prompt"
mkdir -p "$build/findings"
for target in ${only:-$targets}; do
  seeds=tests/fuzz/corpus/$target grown=$build/corpus/$target
  mkdir -p "$grown"
  [ -d "$seeds" ] || seeds=
  log=$build/$target.log
  if LIMN_FUZZ=$target OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS="allocator_may_return_null=1:detect_leaks=0:${ASAN_OPTIONS:-}" \
    nice "$build/fuzz" -runs="$runs" -max_len=4096 -rss_limit_mb=3000 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target-" "$grown" $seeds >"$log" 2>&1; then
    printf 'ok     %-12s %s runs\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  else
    printf 'FAILED %-12s %s\n' "$target" "$log"
    tail -30 "$log" | sed 's/^/    /'
    bad=1
  fi
done
exit $bad
