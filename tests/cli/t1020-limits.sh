#!/bin/bash
# t1020-limits.sh - limits and cancellation, seen on the board
#
# Silence and total limits, a cancellation, and the total limit again where
# the worker is dead or its cable cut: then the board itself ends the job.
# After each no process of the sweep is left there.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 1 127.0.97

nothing_runs() { [ -z "$(lab ps "$work/lab" 1)" ]; }
runs() { lab ps "$work/lab" 1 | grep "$1" >seen-running; }

# limited TOTAL SILENCE COMMAND...
limited() {
    local total=$1 silence=$2
    shift 2
    experiment 1 "$@"
    jq --arg total "$total" --arg silence "$silence" '.measure.max_time = "1 s" |
        .measure.total_limit = $total | .measure.silence_limit = $silence' \
        experiment.json >e && mv e experiment.json
    rm -rf c
}

sweep() { run labsweep run experiment.json -i "$inventory" -o c -q; }

reason() { cells c | awk -v s="$1" '$2 == s' | cut -d' ' -f3- | head -1; }

total_limit() {
    limited "3 s" "60 s" 'while :; do echo x; sleep 0.2; done'
    sweep
    expect_same "timeouts" "$(cells_that c timeout)" 1
    reason timeout >out
    expect_out 'longer than its limit of 3 s'
    wait_until 10 nothing_runs
}

silence_limit() {
    limited "60 s" "2 s" 'echo hello; sleep 500'
    sweep
    expect_same "timeouts" "$(cells_that c timeout)" 1
    reason timeout >out
    expect_out 'said nothing for 2 s: hello'
    wait_until 10 nothing_runs
}

# Who ignores SIGTERM gets SIGKILL; children whose parent has gone at SIGTERM
# are gone as well before the next cell starts.
stubborn() {
    limited "2 s" "60 s" "trap '' TERM; sleep 400 & wait; sleep 400" \
        "(trap '' TERM; sleep 410; sleep 411) & sleep 412" \
        'ps ax | grep -c "[s]leep 4[01]" >>seen; true'
    sweep
    expect_same "timeouts" "$(cells_that c timeout)" 2
    expect_same "ok cells" "$(cells_that c ok)" 1
    # grep -c found none of them beside the cell that came last
    expect_same "beside a later cell" \
        "$(tail -n 1 lab/boards/1/home/seen)" 0
    wait_until 10 nothing_runs
}

connect_limit() {
    limited "10 s" "10 s" true
    jq '.measure.connect_limit = "1 s"' experiment.json >e &&
        mv e experiment.json
    lab freeze "$work/lab" 1
    run timeout 60 labsweep run experiment.json -i "$inventory" -o c -q
    lab thaw "$work/lab" 1
    expect_code 3
    reason unreachable >out
    expect_out 'in time|time'
}

cancelled() {
    limited "300 s" "300 s" 'sleep 200 & sleep 201'
    labsweep run experiment.json -i "$inventory" -o c -q >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 runs 'sleep 201'
    labsweep stop c --cancel
    wait $job || true
    cp sweep.out out
    expect_out '0 ok, 0 failed, 0 na, 1 left'
    wait_until 10 nothing_runs
}

# killed: the worker is gone at once, so nobody but the board is left.
board_ends_it() {
    limited "4 s" "300 s" 'sleep 300 & sleep 301'
    labsweep run experiment.json -i "$inventory" -o c -q >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 runs 'sleep 301'
    kill -KILL $job
    wait $job 2>/dev/null || true
    wait_until 20 eval "! runs 'sleep 30[01]'"
    # the guard itself goes when its connection has gone
    wait_until 40 nothing_runs
    [ -z "$(ls -A lab/boards/1/home | grep guard)" ] ||
        oops "the guard left its FIFO"
}

# A worker that stands still (SIGSTOP) holds its connection: the board ends
# the job all the same.
worker_stands_still() {
    limited "4 s" "300 s" 'sleep 300 & sleep 301'
    labsweep run experiment.json -i "$inventory" -o c -q >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 runs 'sleep 301'
    kill -STOP $job
    wait_until 20 eval "! runs 'sleep 30[01]'"
    kill -CONT $job
    wait $job || true
    expect_same "not ok" "$(cells_that c ok)" 0
    wait_until 20 nothing_runs
}

output_is_capped() {
    limited "60 s" "60 s" 'yes out' 'yes err >&2'
    sweep
    expect_same "failed" "$(cells_that c failed)" 2
    reason failed >out
    expect_out 'printed more than 16 MiB'
    wait_until 10 nothing_runs
}

holds "total limit" total_limit
holds "silence limit" silence_limit
holds "who ignores SIGTERM" stubborn
holds "connect limit" connect_limit
holds "cancellation" cancelled
holds "a dead worker: the board holds the limit" board_ends_it
holds "a worker that stands still: so too" worker_stands_still
holds "output caps" output_is_capped
done_testing
