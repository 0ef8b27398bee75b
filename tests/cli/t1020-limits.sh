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

sweep_beside() {
    labsweep run experiment.json -i "$inventory" -o c -q >sweep.out 2>&1 \
        </dev/null &
    job=$!
}

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
    sweep_beside
    wait_until 30 runs 'sleep 201'
    labsweep stop c --cancel
    wait $job || true
    cp sweep.out out
    expect_out '0 ok, 1 failed, 0 na, 0 left'
    reason failed >out
    expect_out '^cancelled'
    wait_until 10 nothing_runs
}

# ---- nobody but the board is left

# SIGKILL: the worker is gone at once.
kill_worker() {
    kill -KILL $job
    wait $job 2>/dev/null || true
}

# The processes of the board that are its lease's keeper.
keepers() {
    local p
    for p in $(lab ps "$work/lab" 1 | sed -n 's/^\([0-9][0-9]*\) .*/\1/p'); do
        ! tr '\0' ' ' <"/proc/$p/cmdline" | grep -q lease_token= || echo "$p"
    done 2>/dev/null
}

# The lease's keeper ends what a dead worker ran, long before its limit.
keeper_ends_it() {
    limited "300 s" "300 s" 'sleep 300 & sleep 301'
    sweep_beside
    wait_until 30 runs 'sleep 301'
    # what runs longer than a blink stands in the lease
    wait_until 30 grep -q ' group ' lab/boards/1/home/.lease/b-1/lease
    kill_worker
    wait_until 20 eval "! runs 'sleep 30[01]'"
    wait_until 40 nothing_runs
}

# Without the keeper the job outlives its worker, until the guard ends it at
# the limit.
guard_ends_it() {
    limited "6 s" "300 s" 'sleep 300 & sleep 301'
    sweep_beside
    wait_until 30 runs 'sleep 301'
    outlives_then_ends
}

# outlives_then_ends: what runs is alive after the worker and the keeper have
# died, and gone after its limit.
outlives_then_ends() {
    # shellcheck disable=SC2046
    kill -KILL $(keepers)
    kill_worker
    wait_until 10 eval '[ -z "$(keepers)" ]'
    runs 'sleep 300' && runs 'sleep 301' ||
        oops "the job ended with its worker: not by the guard"
    wait_until 30 eval "! runs 'sleep 30[01]'"
    # the guard itself goes when its connection has gone
    wait_until 40 nothing_runs
    [ -z "$(ls -A lab/boards/1/home | grep guard)" ] ||
        oops "the guard left its FIFO"
}

# A served process: a line in, a line out, deaf to its end while it works.
cat >served.json <<'END'
{ "adapter": "served",
  "serve": { "run": "while read -r l; do echo $$ >>served; case $l in *hang*) sleep 300 & sleep 301 ;; *slow*) sleep 1.5 ;; esac; echo '{{\"ok\": true}}'; done" },
  "jobs": [ { "name": "first", "request": { "what": "{command}" } },
            { "name": "pause", "run": "sleep {param.pause}" },
            { "name": "last", "request": { "what": "quick" } } ] }
END
served() { # PAUSE: the served adapter in inv.json
    jq --arg pause "$1" '.boards[0] += { adapter: "./served.json",
        parameters: { pause: $pause } }' "$inventory" >inv.json
    rm -f lab/boards/1/home/served
}

served_timeout() {
    limited "2 s" "60 s" hang slow
    served 0
    inventory=inv.json sweep
    expect_same "timeouts" "$(cells_that c timeout)" 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    reason timeout >out
    expect_out 'longer than its limit of 2 s'
    runs 'sleep 30[01]' && oops "what it served still runs"
    wait_until 10 nothing_runs
}

guard_ends_a_request() {
    limited "6 s" "300 s" hang
    served 0
    inventory=inv.json sweep_beside
    wait_until 30 runs 'sleep 301'
    wait_until 20 told_of_served
    outlives_then_ends
}

# The lease names what runs longer than a blink; the guard hears of it over
# the same process, right before.
told_of_served() {
    local group
    group=$(tail -n 1 lab/boards/1/home/served)
    grep -q " group $group " lab/boards/1/home/.lease/b-1/lease
}

# An answered process is not counted on: it stays, though its limit passes.
answered_in_time_stays() {
    limited "3 s" "300 s" slow
    served 2.9
    jq '.jobs = [ .jobs[0], .jobs[1], .jobs[1], .jobs[1], .jobs[2] ] |
        .jobs |= [ to_entries[] | .value + { name: "job\(.key)" } ]' \
        served.json >stays.json
    jq '.boards[0].adapter = "./stays.json"' inv.json >i && mv i inv.json
    inventory=inv.json sweep
    expect_same "ok cells" "$(cells_that c ok)" 1
    expect_same "requests" "$(wc -l <lab/boards/1/home/served)" 2
    expect_same "processes" "$(sort -u lab/boards/1/home/served | wc -l)" 1
}

# A worker that stands still (SIGSTOP) holds its connection: the board ends
# the job all the same.
worker_stands_still() {
    limited "4 s" "300 s" 'sleep 300 & sleep 301'
    sweep_beside
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
holds "a dead worker: the lease's keeper ends the job at once" keeper_ends_it
holds "a dead worker and keeper: the board holds the limit" guard_ends_it
holds "a worker that stands still: so too" worker_stands_still
holds "a request that takes too long" served_timeout
holds "a request of a dead worker: the board holds the limit" \
    guard_ends_a_request
holds "a process that answered in time stays" answered_in_time_stays
holds "output caps" output_is_capped
done_testing
