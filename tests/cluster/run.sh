#!/bin/sh
# run.sh BUILD [optional]: sweeps on a real Slurm (three nodes on this machine) and under mpirun; the tables must be those
# of one process, byte for byte, also after tasks were killed, ran out of time, or lost their node or their store. Starts
# its own munged, slurmctld and slurmd in a temporary folder, on free ports, and ends only these processes. Installs missing
# packages. optional: where the test cannot run, prints the reason and exits with 0. It takes four minutes.
set -eu
# `timeout` signals the whole process group, so that a daemon that hangs ends with this test.
[ -n "${LIMN_CLUSTER_TIMED:-}" ] || LIMN_CLUSTER_TIMED=1 exec timeout -k 20 1200 "$0" "$@"
build=$(cd "$1" && pwd) optional=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
limn=$build/limn script=$here/sweep.lua
PATH=$PATH:/usr/sbin:/sbin

cannot() {
  echo "SKIP: Slurm and MPI: $1"
  [ "$optional" = optional ] && exit 0
  exit 1
}
[ "$(id -u)" = 0 ] || cannot "slurmd needs root"
timeout -k 20 240 "$here/../../src/tools/deps.sh" install cluster || cannot "its packages cannot be installed"
for tool in munged mungekey slurmctld slurmd sbatch mpirun; do
  command -v $tool >/dev/null 2>&1 || cannot "$tool is missing"
done

T=$(mktemp -d) pids=
finish() {
  code=$?
  trap - EXIT
  for pid in $pids; do kill "$pid" 2>/dev/null || :; done
  for pid in $pids; do wait "$pid" 2>/dev/null || :; done
  if [ $code != 0 ]; then
    echo "cluster test: FAILED"
    for log in "$T"/*.log "$T"/work/slurm-*.out; do
      [ -f "$log" ] && { echo "---- $log"; tail -15 "$log"; }
    done
  fi
  rm -rf "$T"
  exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM
say() { echo "cluster test: $*"; }
fail() { say "$*"; exit 1; }
# until_true SECONDS WHAT COMMAND...
until_true() {
  left=$(($1 * 5)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || { squeue 2>/dev/null || :; fail "waited in vain: $what"; }
    sleep 0.2
  done
}
chmod 755 "$T"
mkdir "$T/state" "$T/spool" "$T/work" "$T/etc"
cd "$T/work"

# ---- the table of one process -------------------------------------------------------------------
"$limn" "$script" --quiet --workers all --out one >one.txt
same() { # same FOLDER: its merged table is that of one process
  "$limn" store export "$1/sweep.db" --json >"$1.json"
  "$limn" store export one/sweep.db --json >one.json
  cmp one.json "$1.json" || fail "$1: the merged store differs from one process"
  [ "$(wc -l <"$1.json")" = 48 ] || fail "$1: not 48 cells"
}

# ---- Open MPI ---------------------------------------------------------------------------------------
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout 90 mpirun --oversubscribe -n 2 \
  "$limn" "$script" --quiet --workers 1 --out mpi >mpi.log 2>&1 || { cat mpi.log; fail "mpirun failed"; }
"$limn" store merge mpi/sweep.db mpi/sweep.1-of-2.db mpi/sweep.2-of-2.db
same mpi
say "mpirun -n 2: the same table"

# ---- Slurm's daemons ----------------------------------------------------------------------------------
grep -q ' /sys/fs/cgroup' /proc/self/mounts || cannot "slurmd needs a cgroup file system at /sys/fs/cgroup"
port=$((20000 + $$ % 20000))
busy() { ss -ltn 2>/dev/null | grep -q ":$1 " || (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
while busy $port || busy $((port + 1)) || busy $((port + 2)) || busy $((port + 3)); do port=$((port + 4)); done
host=$(hostname -s)
mungekey --create --keyfile="$T/etc/munge.key" >/dev/null
munged --foreground --force --num-threads=2 --key-file="$T/etc/munge.key" --socket="$T/etc/munge.socket" \
  --pid-file="$T/etc/munged.pid" --log-file="$T/munged.log" --seed-file="$T/etc/munge.seed" 2>"$T/munged-err.log" &
pids="$pids $!"
export SLURM_CONF="$T/etc/slurm.conf"
cat >"$SLURM_CONF" <<END
ClusterName=limn
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# cred_expire: a requeued task waits that long before it starts again.
AuthInfo=socket=$T/etc/munge.socket,cred_expire=5
SlurmctldPort=$port
SlurmctldPidFile=$T/etc/slurmctld.pid
SlurmdPidFile=$T/etc/slurmd-%n.pid
StateSaveLocation=$T/state
SlurmdSpoolDir=$T/spool/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,sched_min_interval=100000,batch_sched_delay=0,bf_interval=2
NodeName=n[1-3] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 3))] CPUs=2 State=UNKNOWN
PartitionName=all Nodes=n[1-3] Default=YES MaxTime=INFINITE State=UP
END
until_true 20 "munged" munge --no-input --socket="$T/etc/munge.socket"
slurmctld -D -c >"$T/slurmctld.log" 2>&1 &
pids="$! $pids"
until_true 30 "slurmctld" scontrol ping
for node in n1 n2 n3; do
  mkdir -p "$T/spool/$node"
  slurmd -D -N $node >"$T/slurmd-$node.log" 2>&1 &
  pids="$! $pids"
done
idle() { [ "$(sinfo -h -N -o %T | grep -c '^idle$')" = 3 ]; }
until_true 60 "the nodes register" idle
say "Slurm $(slurmctld -V | cut -d' ' -f2) is up"

# ---- an array: a task runs out of time, a task is killed, a task is requeued from outside, the rest merges ------
"$limn" slurm "$script" --tasks 3 --time 1m --limn "$limn" --out array --time-limit 3s >job.sh
job=$(sbatch --parsable job.sh)
state() { squeue -h -r -j "$1" -t all -o '%T %r' 2>/dev/null; }
started() { [ -f "array/sweep.$1-of-3.db" ]; }
until_true 30 "task 2 starts" started 2
until_true 30 "task 3 starts" started 3
sleep 0.7
victim=$(sed -n 's/.*process \([0-9]*\);.*/\1/p' <<REFUSED
$("$limn" "$script" --quiet --store array/sweep.2-of-3.db 2>&1 || :)
REFUSED
)
[ -n "$victim" ] || fail "task 2 writes no store"
kill -9 "$victim"
scontrol requeue "${job}_3"
gone() { [ -z "$(squeue -h)" ]; }
until_true 90 "the array and its merge end" gone
cat slurm-*.out >"$T/jobs.log"
grep -q "stopped at its time limit" "$T/jobs.log" || fail "no task met its time limit"
same array
cmp one/sweep.csv array/sweep.csv || fail "the merged CSV differs"
grep -qx "48 cells" "$T/jobs.log" || fail "the merge job made no report"
say "an array of 3, out of time, one killed, one requeued: the same table"

# ---- a node goes down, a store is cut off: what is missing is listed, and submitted again -----------------------------
"$limn" slurm "$script" --tasks 6 --time 1m --limn "$limn" --out lost --throttle 4 >lost.sh
job=$(sbatch --parsable lost.sh)
on_n2() { squeue -h -r -j "$job" -t running -w n2 | grep -q .; }
until_true 60 "a task runs on n2" on_n2
scontrol update NodeName=n2 State=DOWN Reason=test
# What ran there is requeued by Slurm, and runs elsewhere.
until_true 180 "the array without n2 and its merge end" gone
scontrol update NodeName=n2 State=RESUME 2>/dev/null || : # it may be back by itself
same lost
for k in 2 5; do
  head -c 9000 "lost/sweep.$k-of-6.db" >torn && cat torn >"lost/sweep.$k-of-6.db"
  rm -f "lost/sweep.$k-of-6.db-wal" "lost/sweep.$k-of-6.db-shm"
done
rm -f lost/sweep.4-of-6.db lost/sweep.db lost/sweep.db-*
code=0
"$limn" store merge lost/sweep.db --shards 6 >merged.txt || code=$?
[ $code = 3 ] || fail "the merge of damaged stores ended with $code"
grep -q "2 stores damaged" merged.txt && grep -q "1 store missing" merged.txt || fail "the merge lists something else"
code=0
"$limn" store status lost >status.txt || code=$?
[ $code = 3 ] && grep -q "6 shards: 3 done, 2 damaged, 1 missing" status.txt || fail "status: $(cat status.txt)"
"$limn" slurm "$script" --tasks 6 --time 1m --limn "$limn" --out lost --resubmit >again.sh
grep -q "array=2,4-5" again.sh || fail "other tasks are submitted again"
scontrol update NodeName=n3 State=DRAIN Reason=test
sbatch again.sh >/dev/null
until_true 180 "the tasks that were submitted again end" gone
scontrol update NodeName=n3 State=RESUME
same lost
cmp one/sweep.csv lost/sweep.csv || fail "the CSV of the tasks that were submitted again differs"
say "a node down, one drained, two stores cut off, one lost: listed, submitted again, the same table"

# ---- cells that take longer than the limit of a task: one that saves goes on, one that does not is named -----------------
"$limn" slurm "$here/long.lua" --tasks 1 --time 1m --limn "$limn" --out saves --reps 1 >saves.sh
"$limn" slurm "$here/long.lua" --tasks 1 --time 1m --limn "$limn" --out plain --saves false >plain.sh
saves=$(sbatch --parsable saves.sh) plain=$(sbatch --parsable plain.sh)
until_true 420 "the long cells end" gone
cat slurm-"$saves"_*.out slurm-"$plain"_*.out >>"$T/jobs.log"
LONG_SECONDS=0 "$limn" "$here/long.lua" --quiet --workers 0 --out short
"$limn" store export saves/long.db --json >saves.json
"$limn" store export short/long.db --json >short.json
cmp saves.json short.json || fail "a cell in parts differs from one that was not interrupted"
[ "$(grep -c "stopped at its time limit\|stopped by a signal" slurm-"$saves"_1.out)" -ge 1 ] || fail "the long cell was not requeued"
named=$(grep -c "long: stopped: .*saves=false" slurm-"$plain"_1.out) || :
[ "$named" = 1 ] || fail "the cell that is too long was named $named times"
say "a cell of 75 s in tasks of 60 s: in parts, the same bits; one that does not save is named"

# ---- as many tasks as measured cells ask for -----------------------------------------------------------------------------
"$limn" slurm "$script" --time 1m --pack 4s --costs one/sweep.db --limn "$limn" --out packed >packed.sh 2>packed.txt
grep -q "costs '\[{" packed.sh || fail "the job does not hold the costs: $(cat packed.txt)"
sbatch packed.sh >/dev/null
until_true 180 "the packed tasks end" gone
same packed
say "$(sed 's/.*: //' packed.txt), by the seconds of measured cells: the same table"

# ---- srun: two tasks of one step ---------------------------------------------------------------------------
timeout 90 srun -n 2 "$limn" "$script" --quiet --workers 1 --out step
"$limn" store merge step/sweep.db step/sweep.1-of-2.db step/sweep.2-of-2.db
same step
say "srun -n 2: the same table"
