#!/bin/bash
# t3100-hosts.sh - mpirun over several hosts, sites, and what wires do
#
# Hosts are network namespaces with sshd, addresses and names of their own:
# 1 holds the coordinator and boards' worker of site "north", 2 a worker of
# site "south"; 3 and 4 are boards.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
. "$top/tests/cli/netlab.sh" || exit 99
netlab_begin 4 veth

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

holds "a hostfile: ranks on several hosts" hostfile
holds "lanes open where their board is" sites
holds "a site that nobody is at" nobody_there
holds "a cut cable is transient" cut_cable
holds "a cut beyond a jump host is found" cut_beyond_a_jump
holds "loss and a slow link" lossy_and_slow
done_testing
