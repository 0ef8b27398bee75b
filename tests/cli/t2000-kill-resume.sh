#!/bin/bash
# t2000-kill-resume.sh - kill -9 at random instants, then resume
#
# Each worker writes what was acknowledged to a log of its own, outside the
# campaign.  After 20 kills (100 with LABSWEEP_LONG) and a last resume, every
# acknowledged line is in the archive as it was, and no cell is ok twice.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
kills=20
[ -z "${LABSWEEP_LONG-}" ] || kills=100
cells=$((kills * 100))
RANDOM=${SEED:=$$}
echo "# SEED=$SEED"
lab_begin 3 127.0.92
export LABSWEEP_WORKER_LOG=$work/acks
mkdir "$LABSWEEP_WORKER_LOG"
campaign=$work/campaign

# All processes that descend from this one, and itself.
family() {
    local child
    echo "$1"
    for child in $(ps -o pid= --ppid "$1"); do family "$child"; done
}

gone() {
    local pid
    for pid; do
        [ ! -e "/proc/$pid" ] ||
            grep -q '^State:.[ZX]' "/proc/$pid/status" 2>/dev/null || return 1
    done
}

acknowledged() { cat "$LABSWEEP_WORKER_LOG"/* 2>/dev/null; }

# New acknowledgements since there were $1, or the job $2 is over.
moved() {
    [ "$(acknowledged | wc -l)" -gt "$1" ] || gone "$2"
}

# One mpirun job, killed as a whole: one in four at any instant from its
# start, the others up to 0.6 s after their first result.
job_and_kill() {
    local before
    before=$(acknowledged | wc -l)
    mpirun -n 3 --oversubscribe labsweep "$@" >job.log 2>&1 </dev/null &
    local job=$! pids
    if [ $((RANDOM % 4)) = 0 ]; then
        sleep "$((RANDOM % 2)).$((RANDOM % 900 + 100))"
    else
        wait_until 60 moved "$before" $job
        sleep "0.$((RANDOM % 500 + 100))"
    fi
    mapfile -t pids < <(family $job)
    gone $job && return 1
    kill -KILL "${pids[@]}" 2>/dev/null
    wait $job 2>/dev/null
    wait_until 20 gone "${pids[@]}"
}

survives_kills() {
    # three boards, at most 100 cells a second: 20 kills cannot finish them
    experiment $cells 'sleep 0.03'
    local hits=0 late=0
    job_and_kill run experiment.json -i "$inventory" -o "$campaign" &&
        hits=1
    while [ $hits -lt $kills ]; do
        if [ ! -e "$campaign/journal" ]; then
            # killed before the campaign was made: begin it again
            rm -rf "$campaign"
            job_and_kill run experiment.json -i "$inventory" -o "$campaign"
        else
            job_and_kill resume "$campaign"
        fi && hits=$((hits + 1)) || late=$((late + 1))
        [ $late -lt 3 ] || {
            cp job.log err
            oops "after $hits kills the sweep ends by itself"
        }
    done
    acknowledged | sort >acked-before
    echo "# $hits kills, $(wc -l <acked-before) of $cells acknowledged"
    [ "$(wc -l <acked-before)" -gt 0 ] || oops "no kill came after a result"
    run mpirun -n 3 --oversubscribe labsweep resume "$campaign"
    expect_code 0
}

every_cell_is_ok() {
    expect_same "cells" "$(cells "$campaign" | wc -l)" $cells
    expect_same "ok cells" "$(cells_that "$campaign" ok)" $cells
}

nothing_acknowledged_is_lost() {
    attempts "$campaign" | sort >kept
    acknowledged | sort -u >acked
    comm -23 acked kept >lost
    [ ! -s lost ] || oops "acknowledged and lost: $(head -5 lost)"
}

acknowledged_cells_were_not_run_again() {
    awk '$3 == "ok" { print $1 }' acked-before | sort >done-before
    comm -13 acked-before <(acknowledged | sort) |
        awk '{ print $1 }' | sort -u >run-after
    comm -12 done-before run-after >again
    [ ! -s again ] || oops "run again: cells $(head -5 again | xargs)"
}

no_cell_is_ok_twice() {
    attempts "$campaign" | awk '$3 == "ok" { print $1 }' | sort | uniq -d >twice
    [ ! -s twice ] || oops "ok twice: cells $(head -5 twice | xargs)"
}

no_attempt_stands_twice() {
    attempts "$campaign" | awk '{ print $1, $2 }' | sort | uniq -d >twice
    [ ! -s twice ] || oops "the same attempt twice: $(head -5 twice)"
}

archive_equals_journal() {
    run labsweep archive verify "$campaign"
    expect_code 0
}

nothing_left_running() {
    local board
    for board in 1 2 3; do
        [ -z "$(lab ps "$work/lab" $board)" ] ||
            oops "board $board still runs $(lab ps "$work/lab" $board)"
    done
}

holds "a sweep survives $kills kills, and resume ends it" survives_kills
holds "every cell is ok in the end" every_cell_is_ok
holds "nothing that was acknowledged is lost" nothing_acknowledged_is_lost
holds "what was acknowledged was not run again" \
    acknowledged_cells_were_not_run_again
holds "no cell is ok twice" no_cell_is_ok_twice
holds "no attempt stands twice" no_attempt_stands_twice
holds "the archive is what the journal says" archive_equals_journal
holds "nothing is left running on the boards" nothing_left_running
done_testing
