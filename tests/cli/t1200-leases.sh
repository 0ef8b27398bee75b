#!/bin/bash
# t1200-leases.sh - two campaigns, one board: who holds it, who clears up
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 2 127.0.93
leases=$work/lab/boards/1/home/.lease
jq '.boards[0] += { name: "b-1", host: "127.0.93.1" }' "$inventory" >one.json
jq '.boards[0] += { op_modes: { fast: { id: 2 } }, adapter: "./moded.json",
    exclusive: ["hub"], parameters: { mode: $mode } }' \
    --arg mode "$work/mode" one.json |
    jq '.platforms.shell.op_modes = { fast: {} }' >moded-inventory.json
cat >moded.json <<'END'
{ "adapter": "moded", "op_mode": {
    "read": { "run": "cat {param.mode}", "pattern": "(.*)" },
    "set": "echo {mode.id} > {param.mode}",
    "verify": { "run": "cat {param.mode}", "pattern": "(.*)", "expect": "{mode.id}" },
    "restore": "echo {mode_before} > {param.mode}" },
  "jobs": [ { "name": "measure", "run": "{!command}" } ] }
END
echo 0 >mode

check_reads_the_op_mode() {
    echo 2 >mode
    run labsweep boards check -i moded-inventory.json --json
    expect_code 0
    jq -e '.boards[0].facts | .op_mode == "2" and .op_mode_is == "fast"' out \
        >/dev/null || oops "op mode"
    [ ! -e "$leases" ] || oops "check took a lease"
    mv mode gone
    run labsweep boards check -i moded-inventory.json
    mv gone mode
    expect_code 1
    expect_out "DOWN .*reading the op mode"
    echo 0 >mode
}

# A sweep whose cell sleeps in another op mode, killed.
crash() {
    experiment 1 'exec sleep 1001'
    jq '.matrix[0].op_mode = ["fast"] | .measure.total_limit = "300 s" |
        .measure.silence_limit = "300 s"' experiment.json >sleeping.json
    labsweep run sleeping.json -i moded-inventory.json -o crashed \
        >crashed.log 2>&1 &
    echo $! >victim
    wait_until 30 grep -qs ' group ' "$leases/b-1/lease"
}

# SIGKILL, and gone (it may be another test's child).
end_victim() {
    kill -KILL "$(cat victim)"
    wait_until 20 is_gone "$(cat victim)"
}
is_gone() {
    [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status"
}

asleep() { pgrep -x -f 'sleep 1001' >/dev/null; }
awake() { ! asleep; }

held_boards_are_shown_and_refused() {
    crash
    experiment 1 true
    run labsweep boards leases -i moded-inventory.json --json
    expect_code 0
    jq -e '.boards[] | select(.place == "b-1") | .held and .mode_changed and
        .mode_before == "0" and .board == "b-1" and
        (.campaign | endswith("/crashed"))' out >/dev/null || oops "leases"
    jq -e '.boards[] | select(.place == "this machine") | .held' out >/dev/null ||
        oops "the hub is not leased on this machine"
    run labsweep run experiment.json -i moded-inventory.json -o second \
        --lease fail
    expect_code 2
    expect_err "b-1.* is held by .*/crashed, quick"
    run labsweep run experiment.json -i moded-inventory.json -o third \
        --lease skip
    [ "$code" != 0 ] || oops "it ran"
    grep -q 'is held by' third/journal || oops "no reason in the journal"
    run labsweep boards restore -i moded-inventory.json
    expect_code 1
    expect_out "NOT .*is held by"
    run labsweep boards restore -i moded-inventory.json --force
    expect_code 2
}

forced_release_ends_and_restores() {
    run labsweep boards restore -i moded-inventory.json b-1 --force
    expect_code 0
    expect_out "was taken by force; op mode '0' restored"
    expect_same "mode" "$(cat mode)" 0
    wait_until 20 awake
    end_victim
}

a_crash_is_cleared_up_by_hand() {
    rm -rf crashed
    crash
    expect_same "mode" "$(cat mode)" 2
    end_victim
    wait_until 20 awake # the keeper on the board ends it
    free() { labsweep boards restore -i moded-inventory.json >out 2>err; }
    wait_until 60 free
    expect_out "who is gone, was taken over; op mode '0' restored"
    expect_same "mode" "$(cat mode)" 0
    run labsweep boards leases -i moded-inventory.json --json
    expect_same "leases" "$(jq '.boards | map(select(.place == "b-1")) | length' out)" 0
    run labsweep boards restore -i moded-inventory.json
    expect_out "nothing was left there"
}

the_next_campaign_says_whom_it_follows() {
    rm -rf crashed
    crash
    end_victim
    mkdir "$leases/.new.of-a-keeper-that-was-rebooted"
    experiment 1 true
    run labsweep run experiment.json -i moded-inventory.json -o next
    expect_code 0
    [ -z "$(find "$leases" -mindepth 1)" ] || oops "left: $(find "$leases")"
    expect_same "mode" "$(cat mode)" 0
    grep -q 'who is gone, was taken over' next/journal || oops "not journalled"
}

# A hub of two boards, leased on board 1 as the lab's lease host: seen by
# campaigns of any machine (each has leases of its own), whatever they drive.
what_is_shared_is_leased_on_the_lease_host() {
    jq '.lease_host = (.boards[0] | { host, port, key }) + {
            lease_dir: "~/.shared" } |
        .boards[0] += { exclusive: ["hub"] }' one.json >hub-1.json
    jq '.boards[0] += { name: "b-2", host: "127.0.93.2" }' hub-1.json >hub-2.json
    experiment 1 'sleep 1002'
    jq '.measure.total_limit = "300 s" | .measure.silence_limit = "300 s"' \
        experiment.json >sleeping.json
    LABSWEEP_LEASE_DIR=$work/machine-1 labsweep run sleeping.json -i hub-1.json \
        -o holder >holder.log 2>&1 &
    local job=$!
    wait_until 30 grep -qs 'for group.hub' \
        lab/boards/1/home/.shared/shared.b-1/lease
    wait_until 30 test -s "$leases/b-1/lease"
    experiment 1 true
    export LABSWEEP_LEASE_DIR=$work/machine-2
    run labsweep boards leases -i hub-2.json --json
    expect_code 0
    jq -e '.boards[] | select(.place == "lease host") | .held and
        .board == "b-1" and (.campaign | endswith("/holder"))' out \
        >/dev/null || oops "the lease host is not shown"
    run labsweep run experiment.json -i hub-2.json -o refused --lease fail
    expect_code 2
    expect_err 'b-2.* is held by .*/holder, quick'
    kill -TERM $job
    wait $job || true
    run labsweep run experiment.json -i hub-2.json -o after
    expect_code 0
    [ ! -e machine-1 ] && [ ! -e machine-2 ] || oops "leased on a machine"
    [ -z "$(ls lab/boards/1/home/.shared)" ] || oops "a lease is left"
    # a host like any: its key is shown, and refused if it is another
    run labsweep boards trust -i hub-2.json
    expect_code 0
    expect_out '^lease host .*known'
    jq --arg none "$work/no-hosts" '.known_hosts = $none' hub-2.json >strange.json
    : >no-hosts
    run labsweep boards leases -i strange.json
    expect_code 1
    expect_err 'lease host: .*host key'
}

holds "boards check reads the op mode" check_reads_the_op_mode
holds "who holds a board is shown; fail and skip" \
    held_boards_are_shown_and_refused
holds "a lease taken by force ends and restores" \
    forced_release_ends_and_restores
holds "boards restore clears up after a crash" a_crash_is_cleared_up_by_hand
holds "the next campaign clears up, and says so" \
    the_next_campaign_says_whom_it_follows
holds "what boards share is leased on the lease host" \
    what_is_shared_is_leased_on_the_lease_host
done_testing
