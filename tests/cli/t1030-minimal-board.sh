#!/bin/bash
# t1030-minimal-board.sh - a board as embedded images are: dropbear, busybox
#
# No bash, no sftp, no sha256sum, a clock at 1970, a read-only root, a home in
# memory: cells run, files are staged and verified, limits hold.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99

minimal() { "$top/tests/lab/minimal" "$@"; }
minimal_end() { minimal stop "$work/board" >/dev/null 2>&1; }

trap minimal_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
before_end=minimal_end
port=$((22000 + $$ % 10000))
ssh-keygen -q -t ed25519 -N '' -f key
code=0
minimal start board 127.0.98.1 $port key.pub 2>minimal.log || code=$?
[ $code != 77 ] || skip_all "$(cat minimal.log)"
[ $code = 0 ] || { cat minimal.log; exit 1; }

board=$(jq -n --argjson port $port '{ name: "tiny", platform: "shell",
    transport: "ssh", host: "127.0.98.1", port: $port, user: "root",
    key: "key", adapter: "./adapter.json", lease_dir: "~/.lease" }')
jq -n --argjson board "$board" '{ lab: "minimal",
    known_hosts: "board/known_hosts",
    platforms: { shell: { type: "CPU", engine: "per_image" } },
    boards: [$board] }' >inventory.json
inventory=inventory.json
cp "$top/inventory/adapters/command.json" adapter.json

nothing_runs() { [ -z "$(minimal ps board)" ]; }
sweep() { rm -rf c; run labsweep run experiment.json -i $inventory -o c -q; }

cells_run() {
    experiment 5 'echo "{\"lat_comp_s\": 0.25}"' 'exit 3' 'date +%Y >>years'
    sweep
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 10
    expect_same "failed cells" "$(cells_that c failed)" 5
    wait_until 20 nothing_runs
}

# The runner, uploaded first, is its own sha256sum.
staged() {
    head -c 300000 /dev/urandom >weights.bin
    jq --arg bin "$BUILD/bin/labrunner-$(uname -m)" --arg w "$work/weights.bin" \
        '.stage = [ { name: "labrunner", file: $bin, role: "runner",
            mode: "0755" }, { name: "weights", file: $w } ] |
        .jobs[0].run = "h=$({labrunner} sha256 {weights} | cut -c1-64); case {weights} in */$h/*) ;; *) exit 9 ;; esac"' \
        "$top/inventory/adapters/command.json" >adapter.json
    experiment 2 -
    sweep
    cp "$top/inventory/adapters/command.json" adapter.json
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 2
    wait_until 20 nothing_runs
}

limits_hold() {
    experiment 1 'sleep 300 & sleep 301' 'yes'
    jq '.measure.max_time = "1 s" | .measure.total_limit = "3 s"' \
        experiment.json >e && mv e experiment.json
    sweep
    expect_same "timeouts" "$(cells_that c timeout)" 1
    expect_same "not ok" "$(cells_that c ok)" 0
    wait_until 20 nothing_runs
}

# Nobody but the board is left to end it.
board_ends_it() {
    experiment 1 'sleep 300 & sleep 301'
    jq '.measure.max_time = "1 s" | .measure.total_limit = "3 s"' \
        experiment.json >e && mv e experiment.json
    rm -rf c
    labsweep run experiment.json -i $inventory -o c -q >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 eval 'minimal ps board | grep "sleep 301" >seen-running'
    kill -KILL $job
    wait $job 2>/dev/null || true
    wait_until 60 nothing_runs
}

# A power cut: the home in memory is empty again, the host key stands.
power_cut() {
    experiment 3 'sleep 2; true'
    rm -rf c
    labsweep run experiment.json -i $inventory -o c -q >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 eval 'minimal ps board | grep "sleep 2" >seen-running'
    minimal stop board
    minimal again board 127.0.98.1 $port
    code=0
    wait $job || code=$?
    cp sweep.out err
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 3
}

holds "cells run" cells_run
holds "files are staged and verified without sha256sum" staged
holds "limits hold" limits_hold
holds "the board holds its limit by itself" board_ends_it
holds "a power cut is transient" power_cut
done_testing
