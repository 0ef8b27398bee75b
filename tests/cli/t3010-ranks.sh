#!/bin/bash
# t3010-ranks.sh - ranks that die or hang under `labsweep launch`, with real
# mpirun: the sweep goes on, nothing is lost, nothing is left behind
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 3 127.0.94
# the boards' adapter looks how often the network is right, once a board
jq '.accuracy = { job: { run: "echo x >>looked; echo right 97" },
    collect: [ { column: "top1_pct", unit: "percent", pattern: "right (.*)" } ] }
    | .collect |= map(select(.column != "top1_pct")) | del(.["$schema"])
' "$top/inventory/adapters/command.json" >looks.json
jq --arg adapter "$work/looks.json" '.boards[0].adapter = $adapter' \
    "$inventory" >looking.json
inventory=$work/looking.json
export LABSWEEP_WORKER_LOG=$work/acks
mkdir "$LABSWEEP_WORKER_LOG"

# All processes that descend from this one.
family() {
    local child
    for child in $(ps -o pid= --ppid "$1"); do
        echo "$child"
        family "$child"
    done
}

# ranks LAUNCH: its ranks' processes, the coordinator first.
ranks() {
    local pid
    for pid in $(family "$1"); do
        tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
            sed -n "s/^OMPI_COMM_WORLD_RANK=/$pid /p"
    done | sort -k2n | while read -r pid _; do
        # the ranks themselves, not what they started
        [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$BUILD/bin/labsweep")" ] &&
            ! grep -qz publish "/proc/$pid/cmdline" && echo "$pid"
    done
}

gone() {
    local pid
    for pid; do
        [ ! -e "/proc/$pid" ] ||
            grep -q '^State:.[ZX]' "/proc/$pid/status" 2>/dev/null || return 1
    done
}

ended() { jq '.ok + .failed' "$1/progress.json" 2>/dev/null || echo 0; }
ended_at_least() { [ "$(ended "$1")" -ge "$2" ]; }
three_ranks() { [ "$(ranks "$1" | wc -l)" = 3 ]; }

# Cells take a second each until the boards are told to hurry.
hurry() { touch lab/boards/{1,2,3}/home/fast; }
slow_down() { rm -f lab/boards/*/home/fast; }

# begin_with CAMPAIGN MPIRUN...: a sweep of 30 cells in three ranks; sets $job
# and $pids, the ranks.
begin_with() {
    local campaign=$1
    shift
    rm -rf "$campaign" "$LABSWEEP_WORKER_LOG"/* told lab/boards/*/home/looked
    slow_down
    experiment 30 'test -e fast || sleep 1'
    # shellcheck disable=SC2016
    "$@" run experiment.json -i "$inventory" \
        -o "$campaign" --silence '4 s' --events "$campaign.jsonl" \
        --notify 'echo "$LABSWEEP_EVENT $LABSWEEP_TEXT" >>told' \
        >out 2>err </dev/null &
    job=$!
    wait_until 60 ended_at_least "$campaign" 3
    wait_until 20 three_ranks $job
    mapfile -t pids < <(ranks $job)
}

# begin CAMPAIGN OPTION...: the same under launch.
begin() {
    local campaign=$1
    shift
    begin_with "$campaign" labsweep launch -n 3 "$@" --
}

# Wait for the end of what goes on.
finish() {
    code=0
    hurry
    wait $job || code=$?
}

# Every cell is ok once, and what was acknowledged is what the archive has.
whole() {
    expect_same "ok cells" "$(cells_that "$1" ok)" 30
    expect_same "cells ok twice" \
        "$(attempts "$1" | awk '$3 == "ok" { print $1 }' | sort | uniq -d | wc -l)" 0
    attempts "$1" | sort >kept
    cat "$LABSWEEP_WORKER_LOG"/* | sort >acked
    [ -s acked ] || oops "nothing was acknowledged"
    [ -z "$(comm -23 acked kept)" ] || oops "acknowledged and lost: $(comm -23 acked kept | head -3)"
    run labsweep archive verify "$1"
    expect_code 0
    looked_once "$1"
}

# All cells of a board have the accuracy of one attempt, whichever rank drove
# it; only one that was lost with its rank is made again.
looked_once() {
    run labsweep export "$1" --format jsonl
    expect_same "accuracies a board" "$(jq -s -c 'group_by(.board)
        | map(map([.top1_pct, .accuracy_cell, .accuracy_attempt]) | unique
        | length) | unique' out)" '[1]'
    local board
    for board in lab/boards/*/home/looked; do
        [ "$(wc -l <"$board")" -le 2 ] || oops "made again and again"
    done
}

a_killed_worker_does_not_end_the_sweep() {
    begin killed
    kill -KILL "${pids[2]}"
    finish
    [ "$code" = 0 ] || oops "exit code $code"
    expect_err 'worker .*/2 .*silent'
    jq -es 'map(select(.event == "worker lost")) | length == 1' killed.jsonl \
        >/dev/null || oops "no event"
    expect_same "losses told" "$(grep -c '^worker .*silent' told)" 1
    wait_until 10 gone "${pids[@]}"
    whole killed
}

a_stuck_worker_is_named_and_does_not_hold_the_end() {
    begin stuck
    kill -STOP "${pids[1]}"
    finish
    [ "$code" = 0 ] || oops "exit code $code"
    expect_err 'worker .*/1 .*silent'
    wait_until 20 gone "${pids[@]}"
    whole stuck
}

a_worker_that_wakes_is_sent_away() {
    begin woken
    kill -STOP "${pids[1]}"
    wait_until 30 grep -q silent err
    kill -CONT "${pids[1]}"
    wait_until 30 gone "${pids[1]}"
    finish
    [ "$code" = 0 ] || oops "exit code $code"
    expect_err 'is back and is sent away'
    whole woken
}

a_killed_coordinator_is_restarted() {
    begin headless --restarts 2
    kill -KILL "${pids[0]}"
    wait_until 30 gone "${pids[@]}"
    finish
    [ "$code" = 0 ] || oops "exit code $code"
    expect_err 'the coordinator has died'
    expect_err 'restart 1 of 2'
    whole headless
    # the options of run went on to resume
    expect_same "begins" "$(jq -s 'map(select(.event == "begin")) | length' headless.jsonl)" 2
}

without_restarts_a_crash_is_told() {
    begin crashed
    kill -KILL "${pids[0]}"
    finish
    [ "$code" = 4 ] || oops "exit code $code"
    wait_until 30 gone "${pids[@]}"
    run labsweep resume crashed -q
    expect_code 0
    whole crashed
}

no_rank_outlives_mpirun() {
    begin orphans --restarts 1
    local mpirun
    mpirun=$(ps -o pid= --ppid "$job" | tr -d ' ')
    kill -KILL $mpirun
    wait_until 20 gone "${pids[@]}"
    finish
    [ "$code" = 0 ] || oops "exit code $code"
    expect_err 'mpirun was ended by signal 9; restart 1 of 1'
    whole orphans
}

# Nothing acknowledged is lost, no cell is left as running, and resume runs
# the rest.
cut_short() {
    hurry
    run labsweep archive rebuild "$1"
    expect_code 0
    expect_same "running cells" "$(cells_that "$1" running)" 0
    [ "$(cells "$1" | grep -c 'failed cancelled')" -ge 1 ] ||
        oops "no cell is told to be cancelled: $(cells "$1" | tail -5)"
    run labsweep resume "$1" -q
    expect_code 0
    whole "$1"
}

a_signal_to_plain_mpirun_ends_it() {
    local signal
    for signal in INT TERM; do
        begin_with "signal$signal" mpirun -n 3 --oversubscribe labsweep
        kill -$signal $job
        wait_until 20 gone "${pids[@]}"
        finish
        # what docs/exit-codes.md says of mpirun's own code
        [ "$code" != 0 ] || oops "exit code 0"
        cut_short "signal$signal"
    done
}

interrupts_under_launch_finish_then_end() {
    begin once
    kill -INT $job
    finish
    [ "$code" = 1 ] || oops "exit code $code"
    wait_until 20 gone "${pids[@]}"
    expect_file once/archive.h5
    expect_same "cut short" "$(cells_that once running)" 0
    expect_same "failed" "$(cells_that once failed)" 0
    run labsweep resume once -q
    expect_code 0
    whole once
    begin twice
    kill -INT $job
    sleep 0.1 # two at once are one
    kill -INT $job
    finish
    [ "$code" -gt 128 ] || [ "$code" = 1 ] || oops "exit code $code"
    wait_until 20 gone "${pids[@]}"
    run labsweep resume twice -q
    expect_code 0
    whole twice
}

no_rank_outlives_launch() {
    begin beheaded
    local mpirun
    mpirun=$(ps -o pid= --ppid "$job" | tr -d ' ')
    kill -KILL $job
    wait_until 20 gone "$mpirun" "${pids[@]}"
    finish
    cut_short beheaded
}

# A rank that joined MPI and does not greet: named, and not waited for.
a_mute_rank_is_named() {
    rm -rf mute
    experiment 4 true
    run timeout 60 mpirun -n 2 --oversubscribe labsweep run experiment.json \
        -i "$inventory" -o mute --silence '3 s' --events mute.jsonl : \
        -n 1 "$BUILD/tests/mute_rank"
    expect_err 'rank 2 has not greeted within 3 s'
    jq -es 'map(select(.event == "worker lost" and .board == "rank 2")) |
        length == 1' mute.jsonl >/dev/null || oops "no event"
    expect_same "ok cells" "$(cells_that mute ok)" 4
}

holds "a killed worker does not end the sweep" \
    a_killed_worker_does_not_end_the_sweep
holds "a stuck worker is named and does not hold the end" \
    a_stuck_worker_is_named_and_does_not_hold_the_end
holds "a worker that wakes is sent away" a_worker_that_wakes_is_sent_away
holds "a killed coordinator is restarted" a_killed_coordinator_is_restarted
holds "without restarts a crash is told" without_restarts_a_crash_is_told
holds "no rank outlives mpirun" no_rank_outlives_mpirun
holds "a signal to plain mpirun ends it, and nothing is lost" \
    a_signal_to_plain_mpirun_ends_it
holds "interrupts under launch: finish, then end" \
    interrupts_under_launch_finish_then_end
holds "no rank outlives launch" no_rank_outlives_launch
holds "a rank that never greets is named" a_mute_rank_is_named
done_testing
