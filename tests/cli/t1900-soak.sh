#!/bin/bash
# t1900-soak.sh - faults at random while a sweep goes on
#
# For 40 s (LABSWEEP_LONG: 15 minutes; LABSWEEP_SOAK_S says another time)
# boards are killed, rebooted, frozen, filled and swapped for seconds each,
# and the sweep itself is killed and resumed.  Cells print all sorts of
# things.  Afterwards the archive is whole, nothing acknowledged is lost, no
# remote process and no lease is left, and every cell is accounted for.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
soak_s=40
[ -z "${LABSWEEP_LONG-}" ] || soak_s=900
soak_s=${LABSWEEP_SOAK_S:-$soak_s}
boards=4
RANDOM=${SEED:=$$}
echo "# SEED=$SEED, $soak_s s"
lab_begin $boards 127.0.99
export LABSWEEP_WORKER_LOG=$work/acks
mkdir "$LABSWEEP_WORKER_LOG"
job=0

pick() { echo $((RANDOM % $1)); }
board() { echo $((1 + RANDOM % boards)); }
alive() { [ $job != 0 ] && kill -0 $job 2>/dev/null; }

# Which board this is, as its lab would label it.
label() {
    mkdir -p "lab/boards/$1/home/.config/labsweep"
    echo "$2" >"lab/boards/$1/home/.config/labsweep/serial"
}

start_sweep() {
    if [ -e c/journal ]; then
        labsweep resume c -q >>sweep.out 2>&1 </dev/null &
    else
        rm -rf c
        labsweep run experiment.json -i "$inventory" -o c -q >>sweep.out \
            2>&1 </dev/null &
    fi
    job=$!
}

# One fault, and its end after a while; the others meanwhile work.
fault() {
    local i
    i=$(board)
    case $(pick 7) in
    0) lab kill lab "$i" && lab restart lab "$i" ;;
    1) lab crash lab "$i" && sleep "$(pick 3)" && lab restart lab "$i" ;;
    2) lab freeze lab "$i" && sleep "$((1 + $(pick 4)))" && lab thaw lab "$i" ;;
    3) lab freeze lab "$i" && sleep 0.3 && lab thaw lab "$i" ;;
    4) lab fill lab "$i" && sleep 1 && lab empty lab "$i" ;;
    5) # another board at the address, for a while
        label "$i" other
        lab kill lab "$i" && lab restart lab "$i" && sleep 1
        label "$i" "board-$i" ;;
    6)
        [ "$(pick 2)" = 0 ] || return 0
        kill -KILL $job
        wait $job
        echo "kill -9 of the sweep" >>faults ;;
    esac >>faults 2>&1 || true
}

soak() {
    local i
    for i in $(seq $boards); do label "$i" "board-$i"; done
    jq '.boards[0].identity = { serial: "board-{n}" }' "$inventory" >inv.json
    inventory=inv.json
    experiment $((soak_s * 6)) 'sleep 0.3; echo "{\"lat_comp_s\": 0.25}"' \
        'sleep 1; true' 'exit 3' 'sleep 100 & sleep 101' \
        'head -c 200000 /dev/urandom' 'kill -9 $$'
    # most cells are the first kind; those that hang are few
    jq '.matrix = [
        .matrix[0] + { command: [.matrix[0].command[0]] },
        .matrix[0] + { n: [range(1; 12)], command: .matrix[0].command[1:3] },
        .matrix[0] + { n: [1, 2, 3, 4], command: .matrix[0].command[3:] } ] |
        .measure.total_limit = "3 s" | .measure.max_time = "1 s" |
        .measure.connect_limit = "2 s"' experiment.json >e &&
        mv e experiment.json
    local ends=$((SECONDS + soak_s))
    start_sweep
    while [ $SECONDS -lt $ends ]; do
        sleep "$(pick 2).$(pick 9)"
        alive || start_sweep
        fault
    done
    ! alive || { wait $job || true; }
    for i in $(seq $boards); do
        lab thaw lab "$i" >/dev/null 2>&1 || lab restart lab "$i"
    done
    for _ in 1 2 3 4; do
        run labsweep resume c -q
        [ "$code" != 0 ] || break
        labsweep status c --json | jq -e '.status.cells |
            .unreachable == 0 and .planned == 0 and .running == 0' \
            >/dev/null && break
    done
    [ "$code" = 0 ] || [ "$code" = 1 ] || oops "the last resume: $code"
}

archive_is_whole() {
    run labsweep archive verify c
    expect_code 0
}

# What must fail failed, all the rest is ok, and nothing was run as ok twice.
coverage_adds_up() {
    labsweep status c --json | jq .status.cells >coverage
    local hang=4 dead=8 wrong=11
    expect_same "cells" "$(jq .all coverage)" "$(cells c | wc -l)"
    expect_same "unreachable, left" \
        "$(jq -c '[.unreachable, .planned, .running]' coverage)" "[0,0,0]"
    expect_same "timeouts" "$(jq .timeout coverage)" $hang
    expect_same "failed" "$(jq .failed coverage)" $((wrong + dead / 2))
    expect_same "twice ok" "$(attempts c | awk '$3 == "ok" { print $1 }' |
        sort | uniq -d | wc -l)" 0
}

nothing_acknowledged_is_lost() {
    attempts c | sort >kept
    cat acks/* | sort >acked
    [ -s acked ] || oops "nothing was acknowledged"
    expect_same "acknowledged and lost" "$(comm -13 kept acked | wc -l)" 0
}

no_process_is_left() {
    local i
    for i in $(seq $boards); do
        wait_until 60 eval "[ -z \"\$(lab ps lab $i)\" ]"
    done
}

no_lease_is_left() {
    [ -z "$(find lab/boards/*/home/.lease -mindepth 1 2>/dev/null)" ] ||
        oops "a lease is left: $(find lab/boards/*/home/.lease)"
}

holds "a sweep under faults comes to its end" soak
sort faults | uniq -c | sed 's/^/# /' 2>/dev/null
holds "the archive is whole" archive_is_whole
holds "coverage adds up" coverage_adds_up
holds "nothing acknowledged is lost" nothing_acknowledged_is_lost
holds "no remote process is left" no_process_is_left
holds "no lease is left" no_lease_is_left
done_testing
