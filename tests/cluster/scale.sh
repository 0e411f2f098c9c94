#!/bin/sh
# scale.sh BUILD FOLDER PART...: the plan of the documents for 10^6 cells on 1000 tasks, run whole on one machine, and
# the goals for large stores. Not a part of `make test`: all parts take half an hour on two cores, and 6 GB in FOLDER, which
# must be empty at first; parts that follow use the stores of earlier ones.
#   thousand   1000 shards of 1000 cells, one process after another; 20 stores are lost, 20 cut off, 10 of older code; merged
#              with 256 files at most; the 50 computed again and merged; the table of one process, byte for byte
#   stores     export, failed, rerun, status, show of the 10^6 cells
#   arrays     2000 cells of 800 KB: run, run again, exported
#   most       10^7 cells, run and drawn
# Prints each step with its seconds of wall and of CPU time, and the peak memory of its process (not of workers).
set -eu
build=$(cd "$1" && pwd) folder=$2 here=$(cd "$(dirname "$0")" && pwd)
shift 2
limn=$build/limn tasks=${SCALE_TASKS:-1000} reps=${SCALE_REPS:-100}
cells=$((10000 * reps))
mkdir -p "$folder/old"
cd "$folder"
cp "$here/cells.lua" "$here/arrays.lua" .
sed 's/rng:normal()/rng:normal() + 1/' cells.lua >old/cells.lua

now() { cut -d' ' -f1 /proc/uptime; }
fail() { echo "scale: $*" >&2; exit 1; }
cpu_of() { awk -F'[ms ]+' 'NR == 2 { print 60 * $1 + $2 + 60 * $3 + $4 }' "$1"; } # of processes that have ended
# step CODE WHAT COMMAND...: runs it and expects that exit code; the output is in the file `output`.
step() {
  wanted=$1 what=$2 code=0 most=0; shift 2
  begun=$(now)
  times >spent; before=$(cpu_of spent)
  "$@" >output 2>errors &
  pid=$!
  while kill -0 $pid 2>/dev/null; do
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null) && [ -n "$peak" ] && most=$peak
    sleep 0.05
  done
  wait $pid || code=$?
  times >spent
  echo "$begun $(now) $before $(cpu_of spent) $most" | awk -v what="$what" \
    '{ printf "%-52s %8.1f s %8.1f s CPU %6.0f MB\n", what, $2 - $1, $4 - $3, $5 / 1024 }'
  [ $code = "$wanted" ] || { tail -n 3 errors output >&2; fail "$what: exit code $code instead of $wanted"; }
}
shard() { "$limn" "$1" --quiet --no-check --workers 0 --reps "$reps" --shard "$2/$tasks" --out shards; }
each() { # each SCRIPT FIRST LAST
  k=$2
  while [ "$k" -le "$3" ]; do shard "$1" "$k"; k=$((k + 1)); done
}
store() { echo "shards/cells.$1-of-$tasks.db"; }

thousand() {
  lost=$((tasks * 2 / 100)) old=$((tasks / 100))
  sound=$((tasks - 2 * lost - old))
  step 0 "$old shards of older code" each old/cells.lua $((sound + 2 * lost + 1)) "$tasks"
  step 0 "$((tasks - old)) shards, one after another" each cells.lua 1 $((sound + 2 * lost))
  k=$((sound + 1))
  while [ $k -le $((sound + 2 * lost)) ]; do
    if [ $k -le $((sound + lost)) ]; then rm "$(store $k)"; else head -c 20000 "$(store $k)" >torn && cp torn "$(store $k)"; fi
    k=$((k + 1))
  done
  (
    ulimit -n 256
    step 3 "merge: $lost lost, $lost cut off, $old of older code" "$limn" store merge shards/cells.db --shards "$tasks"
    cat output
  )
  rm -f shards/cells.[0-9]*-wal shards/cells.[0-9]*-shm
  k=$((sound + 1))
  while [ $k -le $((sound + 2 * lost)) ]; do rm -f "$(store $k)"; k=$((k + 1)); done
  step 0 "these $((2 * lost + old)) shards again" each cells.lua $((sound + 1)) "$tasks"
  (
    ulimit -n 256
    step 0 "merge of what is new" "$limn" store merge shards/cells.db --shards "$tasks"
    cat output
    step 0 "merge again" "$limn" store merge shards/cells.db --shards "$tasks"
  )
  step 0 "report and figure of the merged store" "$limn" cells.lua --quiet --plot-only --yes --reps "$reps" --store shards/cells.db \
    --out shards
  step 0 "the same cells in one process, two workers" "$limn" cells.lua --quiet --no-check --yes --workers 2 --reps "$reps" --out one
  cmp one/cells.csv shards/cells.csv || fail "the table of the shards differs from that of one process"
  echo "the table of $cells cells is that of one process"
}

stores() {
  file=shards/cells.db
  step 0 "export --csv" "$limn" store export $file --csv
  [ "$(wc -l <output)" = $((cells + 1)) ] || fail "rows are missing"
  step 0 "export --json" "$limn" store export $file --json
  step 0 "export --npz" "$limn" store export $file --npz cells.npz
  step 0 "failed" "$limn" store failed $file
  step 0 "rerun of one cell" "$limn" store rerun $file n=7 k=3 rep=1
  step 0 "ls" "$limn" store ls $file
  step 0 "show" "$limn" store show $file
  step 0 "status of the shards" "$limn" store status shards
}

arrays() {
  step 0 "2000 cells of 800 KB, one worker" "$limn" arrays.lua --quiet --no-check --workers 1 --out arrays
  step 0 "the same command again" "$limn" arrays.lua --quiet --no-check --workers 1 --out arrays
  step 0 "failed" "$limn" store failed arrays/arrays.db
  step 0 "export --json" "$limn" store export arrays/arrays.db --json
  rm -r arrays output
}

most() {
  step 0 "10^7 cells, run and drawn, two workers" "$limn" cells.lua --quiet --yes --workers 2 --grid k=1:100 --out most
  ls -s most
  rm -r most
}

for part in "$@"; do
  case $part in
    thousand|stores|arrays|most) $part ;;
    *) fail "no part $part" ;;
  esac
done
