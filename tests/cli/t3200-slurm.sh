#!/bin/bash
# t3200-slurm.sh - docs/examples/sweep.sbatch under a real Slurm of one node
#
# munged, slurmctld and slurmd of this test's own, with ports, keys and
# folders of their own; nothing of the machine's Slurm is touched.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
[ "$(id -u)" = 0 ] || skip_all "slurmd needs root"
for program in munged slurmctld slurmd sbatch scontrol squeue; do
    command -v $program >/dev/null || [ -x /usr/sbin/$program ] ||
        skip_all "no $program: install slurm-wlm and munge"
done
PATH=$PATH:/usr/sbin
lab_begin 2 127.0.94

host=$(hostname -s)
base=$((40000 + $$ % 20000))
daemons=()
slurm_end() {
    [ ${#daemons[@]} = 0 ] || kill -KILL "${daemons[@]}" 2>/dev/null
    lab_end
}
trap slurm_end EXIT
before_end=slurm_end

mkdir -p munge state spool
chmod 755 munge
head -c 128 /dev/urandom >munge/key
chmod 400 munge/key
munged --foreground --force --socket="$work/munge/socket" \
    --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" \
    >munge/out 2>&1 &
daemons+=($!)

cat >slurm.conf <<END
ClusterName=labsweep$$
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$base
SlurmdPort=$((base + 1))
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=500 State=UNKNOWN
PartitionName=lab Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$work/slurm.conf

node_idle() { sinfo -h -o %T 2>/dev/null | grep -x idle >state.out; }
started() {
    local ends=$((SECONDS + 40))
    until [ -S munge/socket ]; do
        [ $SECONDS -lt $ends ] || return 1
        sleep 0.1
    done
    slurmctld -D -f "$SLURM_CONF" >slurmctld.out 2>&1 </dev/null &
    daemons+=($!)
    slurmd -D -f "$SLURM_CONF" -N "$host" >slurmd.out 2>&1 </dev/null &
    daemons+=($!)
    until node_idle; do
        [ $SECONDS -lt $ends ] || return 1
        sleep 0.2
    done
}
started || skip_all "Slurm does not start here: $(tail -qn 2 slurmctld.log \
    slurmd.log munge/out 2>/dev/null | tr '\n' ' ')"

# submit CAMPAIGN: sets $id.
submit() {
    sbatch --parsable --chdir="$work" --output="$work/job.out" \
        "$top/docs/examples/sweep.sbatch" experiment.json "$inventory" "$1" \
        >id 2>err || oops "sbatch"
    id=$(cat id)
}

job_over() { [ -z "$(squeue -h -j "$id" 2>/dev/null)" ]; }

# The exit code of job $id, once it is over.
job_code() {
    wait_until 120 job_over
    scontrol show job "$id" >job.txt
    sed -n 's/.*ExitCode=\([0-9]*\):.*/\1/p' job.txt
}

runs_and_resumes() {
    # every board runs each cell, so that both ranks have work for certain
    experiment 3 'test -e flag' true
    jq '.boards = "each"' experiment.json >each.json
    mv each.json experiment.json
    submit c
    expect_same "exit code" "$(job_code)" 1
    cp job.out out
    expect_same "failed" "$(cells_that c failed)" 6
    touch lab/boards/{1,2}/home/flag
    submit c
    expect_same "exit code of the resume" "$(job_code)" 0
    expect_same "ok cells" "$(cells_that c ok)" 12
    # two ranks of the three drive boards
    expect_same "ranks that drove boards" \
        "$("$top/tests/cli/archive.py" column c/archive.h5 attempts worker |
            sort -u | sed 's,.*/,,' | tr '\n' ' ')" '1 2 '
}

# The warning before the time is up: cells end, the archive is published.
time_is_up() {
    experiment 40 'sleep 1; true'
    submit d
    wait_until 60 eval '[ "$(labsweep status d --json 2>/dev/null |
        jq .status.cells.ok)" -ge 2 ] 2>/dev/null'
    scancel --batch --signal=USR1 "$id"
    job_code >code.out
    run labsweep archive verify d
    expect_code 0
    local ok
    ok=$(cells_that d ok)
    [ "$ok" -ge 2 ] && [ "$ok" -lt 40 ] || oops "$ok cells are ok"
    expect_same "failed" "$(cells_that d failed)" 0
}

holds "sbatch runs a campaign, and resumes it" runs_and_resumes
holds "USR1 before the limit ends it in order" time_is_up
done_testing
