#!/bin/bash
# t3100-hosts.sh - mpirun over several hosts, sites, and what wires do
#
# Hosts are network namespaces with sshd, addresses and names of their own:
# 1 holds the coordinator and boards' worker of site "north", 2 a worker of
# site "south"; 3 and 4 are boards.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
. "$top/tests/cli/netlab.sh" || exit 99
netlab_begin 4 wan veth

# Boards b-3 (north) and b-4 (south) only.
jq '.boards = [ .boards[0] + { name: "b-3", host: "192.0.2.3", site: "north" },
    .boards[0] + { name: "b-4", host: "192.0.2.4", site: "south" } ]' \
    "$inventory" >sites.json

jq 'del(.boards[].site)' sites.json >anywhere.json

# The ranks of one sweep: coordinator and a northern worker on host 1, a
# southern one on host 2.  Words of the sweep follow.
over_hosts() {
    local hosts=(--hostfile "$work/hosts" -wdir "$work")
    mpirun "${hosts[@]}" -n 2 --host 192.0.2.1:2 "$BUILD/bin/labsweep" "$@" --site north : \
        -n 1 --host 192.0.2.2:1 -wdir "$work" "$BUILD/bin/labsweep" "$@" \
        --site south
}

each_board() {
    jq '.boards = "each"' experiment.json >e && mv e experiment.json
}

# "board worker" of each attempt.
drivers() {
    /usr/bin/python3 - "$1/archive.h5" <<'END'
import sys, h5py
a = h5py.File(sys.argv[1])
def text(name):
    c = a["attempts/" + name]
    return [a[c.attrs["labels"]].asstr()[v] for v in c[:]]
for row in sorted(set(zip(text("board"), text("worker")))):
    print(*row)
END
}

# Each board is driven from its own site, over hosts.
sites() {
    experiment 4 true
    each_board
    rm -rf c
    run over_hosts run experiment.json -i sites.json -o c -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 8
    drivers c >out
    expect_out '^b-3 board1/1'
    expect_out '^b-4 board2/2'
    expect_same "drivers" "$(wc -l <out)" 2
}

# Nobody at a board's site: its cells say so, the others run.
nobody_there() {
    experiment 2 true
    each_board
    rm -rf c
    run labsweep run experiment.json -i sites.json -o c -q --site north
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 2
    expect_same "unreachable" "$(cells_that c unreachable)" 2
    cells c | grep unreachable >out
    expect_out "no worker is at its site 'south'.*--site"
    # and a worker announces its host's name if it says nothing
    jq '.boards[].site = "board4"' sites.json >named.json
    rm -rf c
    run ssh -F lab/ssh_config 192.0.2.4 "cd $work && PATH=$PATH labsweep run \
        experiment.json -i named.json -o c -q"
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 4
}

# A hostfile, as in docs/hosts.md; boards of no site go to any worker.
hostfile() {
    experiment 6 'sleep 0.2; true'
    each_board
    rm -rf c
    run mpirun --hostfile hosts --map-by node -n 3 -wdir "$work" \
        "$BUILD/bin/labsweep" run experiment.json -i anywhere.json -o c -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 12
    drivers c >out
    expect_same "drivers" "$(cut -d' ' -f2 out | sort -u | wc -l)" 2
}

# sweep_under FAULT...: cells on both boards, all ok in the end.
sweep_beside() {
    rm -rf c ended
    {
        labsweep run experiment.json -i anywhere.json -o c -q >sweep.out 2>&1 \
            </dev/null && echo 0 >ended || echo $? >ended
    } &
}
sweep_ended() { [ -s ended ]; }
runs_on() { lab ps "$work/lab" "$1" | grep "$2" >seen-running; }

cut_cable() {
    experiment 3 'sleep 5; true'
    each_board
    sweep_beside
    wait_until 30 runs_on 3 'sleep 5'
    netlab cut "$net" 3
    sleep 1
    # found by TCP's own limits, in some 15 s, while the other board goes on
    wait_until 90 eval '[ "$(labsweep status c --json | jq .status.cells.ok)" -ge 3 ]'
    netlab mend "$net" 3
    wait_until 120 sweep_ended
    expect_same "exit code" "$(cat ended)" 0
    expect_same "ok cells" "$(cells_that c ok)" 6
    attempts c | grep unreachable >out || oops "the cut is not in the attempts"
    wait_until 40 eval '[ -z "$(lab ps lab 3; lab ps lab 4)" ]'
}

# The cable of a board beyond a jump host: nothing of ours is connected to
# it, and it is found all the same.
cut_beyond_a_jump() {
    jq '.boards |= [ .[0] + { jump: "192.0.2.2:2222" } ]' anywhere.json \
        >jump.json
    experiment 1 'sleep 60; true'
    jq '.measure.total_limit = "100 s" | .measure.silence_limit = "100 s"' \
        experiment.json >e && mv e experiment.json
    rm -rf c
    labsweep run experiment.json -i jump.json -o c >sweep.out 2>&1 \
        </dev/null &
    local job=$!
    wait_until 30 runs_on 3 'sleep 60'
    local cut_at=$SECONDS
    netlab cut "$net" 3
    wait_until 60 grep -qE 'lost|unreachable|cannot|answer' sweep.out
    netlab mend "$net" 3
    kill -TERM $job
    wait $job || true
    [ $((SECONDS - cut_at)) -lt 60 ] || oops "only the command's limit saw it"
    cp sweep.out out
    wait_until 150 eval '[ -z "$(lab ps lab 3)" ]'
}

lossy_and_slow() {
    netlab loss "$net" 3 10 2>loss.log || echo "# no loss: $(cat loss.log)"
    netlab rate "$net" 4 2mbit 2>rate.log || echo "# no rate: $(cat rate.log)"
    experiment 3 'head -c 200000 /dev/zero | tr "\0" x; true'
    each_board
    jq '.measure.total_limit = "60 s" | .measure.silence_limit = "60 s"' \
        experiment.json >e && mv e experiment.json
    rm -rf c
    run labsweep run experiment.json -i anywhere.json -o c -q
    netlab loss "$net" 3 0 2>/dev/null || true
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 6
}

# A board that is far: 40 ms a round trip.  A second board at home goes on
# meanwhile; what is staged arrives whole.
far_away() {
    [ "$kind" = wan ] || {
        echo "# skipped: no latency without the switch (/dev/net/tun)"
        return 0
    }
    local sum i
    netlab delay "$net" 3 20
    head -c 2000000 /dev/urandom >weights.bin
    sum=$(sha256sum <weights.bin)
    jq --arg file "$work/weights.bin" '.adapter = "staged" |
        .stage = [ { name: "weights", file: $file } ] |
        .jobs[0].run = "sha256sum <{weights} >>sums; {!command}"' \
        "$top/inventory/adapters/command.json" >staged.json
    jq '.boards[].adapter = "./staged.json"' anywhere.json >staged-inv.json
    experiment 10 'head -c 20000 /dev/zero | tr "\0" x; true'
    each_board
    rm -rf c
    run labsweep run experiment.json -i staged-inv.json -o c -q
    netlab delay "$net" 3 0
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 20
    expect_same "attempts" "$(attempts c | wc -l)" 20
    for i in 3 4; do
        expect_same "weights of board $i" "$(sort -u lab/boards/$i/home/sums)" \
            "$sum"
    done
    # it was far: each of its cells took a round trip at least
    "$top/tests/cli/archive.py" column c/archive.h5 attempts board >boards
    "$top/tests/cli/archive.py" numbers c/archive.h5 attempts duration_s |
        paste -d' ' boards - >durations
    [ "$(awk '$1 == "b-3" && $2 < 0.04' durations | wc -l)" = 0 ] ||
        oops "board 3 was not far: $(cat durations)"
}

# ended_at_least N: cells of campaign c that are over.
ended_at_least() {
    [ "$(jq '.ok + .failed' c/progress.json 2>/dev/null || echo 0)" -ge "$1" ]
}

# The coordinator dies, workers are left on both hosts: the job ends
# everywhere, and launch goes on where the journal ends.
coordinator_lost() {
    local job code=0 pids pid coordinator
    experiment 16 'sleep 0.3; true'
    each_board
    rm -rf c acks
    mkdir acks
    LABSWEEP_WORKER_LOG=$work/acks labsweep launch --hostfile hosts -n 6 \
        --restarts 2 -- run experiment.json -i anywhere.json -o c \
        --silence '4 s' >sweep.out 2>&1 </dev/null &
    job=$!
    wait_until 60 ended_at_least 6
    mapfile -t pids < <(ranks)
    coordinator=$(rank_0 "${pids[@]}")
    [ "$coordinator" ] || oops "no coordinator among ${pids[*]}"
    kill -KILL "$coordinator"
    wait $job || code=$?
    cp sweep.out err
    expect_same "exit code" "$code" 0
    expect_err 'restart 1 of 2'
    expect_same "ok cells" "$(cells_that c ok)" 32
    expect_same "cells ok twice" "$(attempts c | awk '$3 == "ok" { print $1 }' |
        sort | uniq -d | wc -l)" 0
    attempts c | sort >kept
    cat acks/* | sort >acked
    [ -s acked ] || oops "nothing was acknowledged"
    expect_same "acknowledged and lost" "$(comm -13 kept acked | wc -l)" 0
    for pid in "${pids[@]}"; do
        [ ! -e "/proc/$pid" ] || oops "rank $pid is left"
    done
    wait_until 40 eval '[ -z "$(lab ps lab 3; lab ps lab 4)" ]'
}

# The processes that are ranks of campaign c, on any host.
ranks() {
    local pid
    for pid in $(pgrep -f 'labsweep (run|resume) '); do
        [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$BUILD/bin/labsweep")" ] &&
            grep -qz '^OMPI_COMM_WORLD_RANK=' "/proc/$pid/environ" && echo "$pid"
    done 2>/dev/null
}
rank_0() {
    local pid
    for pid; do
        ! grep -qzx OMPI_COMM_WORLD_RANK=0 "/proc/$pid/environ" || echo "$pid"
    done
}

# Campaigns of two hosts, each driving a board of its own, and both boards on
# one hub: held where both see it, on board 4.
one_hub_of_two_hosts() {
    jq '.lease_host = (.boards[1] | { host, port, key }) + {
            lease_dir: "~/.shared" } |
        .boards[].exclusive = ["hub"]' anywhere.json >hub.json
    jq 'del(.boards[1])' hub.json >hub-3.json
    jq 'del(.boards[0])' hub.json >hub-4.json
    experiment 1 'sleep 4; true'
    rm -rf one two three
    host 1 hub-3.json one >one.log 2>&1 &
    local job=$! campaign
    wait_until 40 runs_on 3 'sleep 4'
    run host 2 hub-4.json two --lease fail
    expect_code 2
    expect_err 'b-4.* is held by .*@board1 .*/one, quick'
    ! runs_on 4 'sleep 4' || oops "both measure"
    run host 2 hub-4.json three # waits
    expect_code 0
    wait $job || oops "the first did not end well: $(cat one.log)"
    # the second began when the first had ended
    for campaign in one three; do
        "$top/tests/cli/archive.py" numbers $campaign/archive.h5 attempts \
            start_unix_ns
    done | tr '\n' ' ' >starts
    awk '{ exit !($2 - $1 >= 4e9) }' starts || oops "both measured: $(cat starts)"
}

# host I INVENTORY CAMPAIGN OPTION...: a sweep run on host I.
host() {
    local i=$1 inventory=$2 campaign=$3
    shift 3
    ssh -F lab/ssh_config "192.0.2.$i" "cd $work && PATH=$PATH \
        LABSWEEP_LEASE_DIR=$work/leases-of-host-$i labsweep run \
        experiment.json -i $inventory -o $campaign -q $*"
}

holds "a hostfile: ranks on several hosts" hostfile
holds "lanes open where their board is" sites
holds "a site that nobody is at" nobody_there
holds "a cut cable is transient" cut_cable
holds "a cut beyond a jump host is found" cut_beyond_a_jump
holds "loss and a slow link" lossy_and_slow
holds "a board that is far" far_away
holds "a lost coordinator, over hosts" coordinator_lost
holds "one hub of two hosts' campaigns" one_hub_of_two_hosts
done_testing
