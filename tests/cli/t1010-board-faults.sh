#!/bin/bash
# t1010-board-faults.sh - boards that fail under a sweep, on real sshd
#
# Rows of the failure table: what the board prints, a link that drops, a
# reboot, a frozen sshd, a board that keeps failing, another board at the
# address, keys that change, full disks, a clock that jumps.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 2 127.0.95
trap 'umount -l "$work/small" 2>/dev/null; lab_end' EXIT

reason() { cells "$1" | awk -v s="$2" '$2 == s' | cut -d' ' -f3- | head -1; }

# sweep EXPECTED_CODE: the experiment, as campaign c.
sweep() {
    rm -rf c
    run labsweep run experiment.json -i "$inventory" -o c -q
    expect_code "$1"
    run labsweep archive verify c
    expect_code 0
}

# In the background; its exit code goes to the file 'ended'.
sweep_beside() {
    rm -rf c ended
    {
        labsweep run experiment.json -i "$inventory" -o c -q "$@" \
            >sweep.out 2>&1 </dev/null && echo 0 >ended || echo $? >ended
    } &
}

sweep_ended() { [ -s ended ]; }

runs_on() { lab ps "$work/lab" "$1" | grep "$2" >seen-running; }

nothing_runs() { [ -z "$(lab ps "$work/lab" 1)$(lab ps "$work/lab" 2)" ]; }

# One cell a board, that board's own.
each_board() {
    jq '.boards = "each"' experiment.json >e && mv e experiment.json
}

limits() {
    jq --arg total "$1" --arg silence "$2" '.measure.total_limit = $total |
        .measure.silence_limit = $silence' experiment.json >e &&
        mv e experiment.json
}

# ---- what a board prints

hostile_output() {
    experiment 1 'head -c 1000000000 /dev/zero | tr "\0" "x"' \
        'head -c 300000 /dev/urandom' 'printf "{\"lat_comp_s\": 0.0"' \
        'echo "{\"lat_comp_s\": NaN}"' 'echo "{\"lat_comp_s\": 1e999}"' \
        'yes | head -c 10000000 | tr -d "\n"; echo; echo {}' \
        'echo "{\"lat_comp_s\": 0.25}"'
    limits "60 s" "60 s"
    sweep 1
    cells c >table
    # the flood, half a JSON, NaN, which is none, and infinity fail; noise holds
    # no value, which the command adapter allows; 10 MB are a line
    for row in "0 failed.*printed more than" "1 ok" "2 failed.*no whole JSON" \
        "3 failed.*no readable JSON" "4 failed.*lat_comp_s" "6 ok"; do
        grep -Eq "^$row" table || oops "no '$row' in: $(cut -c1-200 table)"
    done
    /usr/bin/python3 - c/archive.h5 >out <<'END'
import sys, h5py
print([str(v) for v in h5py.File(sys.argv[1])["cells/lat_comp_s"][:]])
END
    expect_same "values" "$(cat out)" \
        "['nan', 'nan', 'nan', 'nan', 'nan', 'nan', '0.25']"
    [ "$(stat -c %s c/journal)" -lt 20000000 ] || oops "the journal swallowed it"
    iconv -f utf-8 -t utf-8 table >/dev/null || oops "a reason that is no text"
    wait_until 20 nothing_runs
}

# ---- links

# transient FAULT: a link that drops while cells run; the attempt is kept as
# unreachable, every cell is ok in the end.
transient() {
    experiment 4 'sleep 1.2; true'
    sweep_beside
    wait_until 30 runs_on 1 'sleep 1.2'
    "$@"
    wait_until 90 sweep_ended
    cp sweep.out err
    expect_same "exit code" "$(cat ended)" 0
    run labsweep archive verify c
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 4
    attempts c >tries
    grep -q 'unreachable$' tries || oops "the attempt is not kept: $(cat tries)"
    expect_same "cells twice ok" \
        "$(awk '$3 == "ok" { print $1 }' tries | sort | uniq -d | wc -l)" 0
    wait_until 20 nothing_runs
}

kill_and_back() { lab kill "$work/lab" 1 && lab restart "$work/lab" 1; }
reboot() { lab crash "$work/lab" 1 && lab restart "$work/lab" 1; }

# A power cut: all that runs is gone, so is what lay in memory; the board comes
# back with another boot id, which the lane takes for what it is.  Nothing
# staged or prepared is counted on.
power_cut() {
    local home=lab/boards/1/home
    mkdir -p $home/bin
    cat >$home/bin/head <<'END'
#!/bin/sh
for file; do :; done
[ "$file" = /proc/sys/kernel/random/boot_id ] && exec cat ~/boot_id
exec /usr/bin/head "$@"
END
    chmod +x $home/bin/head
    echo first-boot >$home/boot_id
    echo weights >weights.bin
    jq '.adapter = "staged" | .stage = [ { name: "weights", file:
            "'"$work"'/weights.bin" } ] |
            .jobs[0].run = "cat <{weights} >>read; {!command}"' \
        "$top/inventory/adapters/command.json" >staged.json
    jq '.boards[0] += { name: "b-1", host: "127.0.95.1", pre: "echo pre >>pre",
        adapter: "./staged.json", stage_dir: "~/in-memory" }' "$inventory" \
        >inv.json
    experiment 2 'sleep 3; true'
    inventory=inv.json sweep_beside
    wait_until 30 runs_on 1 'sleep 3'
    lab crash "$work/lab" 1
    rm -r $home/in-memory $home/.lease
    echo second-boot >$home/boot_id
    lab restart "$work/lab" 1
    wait_until 90 sweep_ended
    expect_same "exit code" "$(cat ended)" 0
    expect_same "ok cells" "$(cells_that c ok)" 2
    attempts c >tries
    expect_same "attempts lost" "$(grep -c 'unreachable$' tries)" 1
    # prepared once a boot, staged again, read by every attempt
    expect_same "pre commands" "$(wc -l <$home/pre)" 2
    expect_same "weights read" "$(wc -l <$home/read)" 3
    [ -n "$(find $home/in-memory -name weights.bin)" ] || oops "not staged again"
    wait_until 20 nothing_runs
    rm -r $home/bin
}

# The same link lost, but no boot: what is there is counted on.
link_lost_without_a_boot() {
    local home=lab/boards/1/home
    rm -f $home/pre
    experiment 1 'sleep 3; true'
    inventory=inv.json sweep_beside
    wait_until 30 runs_on 1 'sleep 3'
    kill_and_back
    wait_until 90 sweep_ended
    expect_same "exit code" "$(cat ended)" 0
    expect_same "pre commands" "$(wc -l <$home/pre)" 1
    wait_until 20 nothing_runs
}

no_rank_is_left() {
    ! pgrep -f "labsweep run .* -o $work/interrupted" >/dev/null
}

# ^C of a plain mpirun, which kills its ranks soon after: they commit and are
# gone; the next contact ends what ran and restores the op mode.
interrupted_mpirun() {
    local home=lab/boards/1/home job
    cat >moded.json <<'END'
{ "adapter": "moded", "op_mode": {
    "read": { "run": "cat mode", "pattern": "(.*)" },
    "set": "echo {mode.id} >mode",
    "verify": { "run": "cat mode", "pattern": "(.*)", "expect": "{mode.id}" },
    "restore": "echo {mode_before} >mode" },
  "jobs": [ { "name": "measure", "run": "{!command}" } ] }
END
    jq '.platforms.shell.op_modes = { fast: {} } |
        .boards[0] += { name: "b-1", host: "127.0.95.1",
            adapter: "./moded.json", op_modes: { fast: { id: "2" } } }' \
        "$inventory" >inv.json
    echo 0 >$home/mode
    experiment 3 'test -e quick || sleep 60'
    jq '.matrix[0].op_mode = ["fast"] | .measure.total_limit = "100 s" |
        .measure.silence_limit = "100 s"' experiment.json >e &&
        mv e experiment.json
    setsid mpirun -n 2 labsweep run experiment.json -i inv.json \
        -o "$work/interrupted" -q >sweep.out 2>&1 </dev/null &
    job=$!
    wait_until 60 runs_on 1 'sleep 60'
    expect_same "mode" "$(cat $home/mode)" 2
    kill -INT $job
    wait $job || true
    wait_until 5 no_rank_is_left
    : >$home/quick
    run labsweep resume interrupted -q
    expect_code 0
    rm $home/quick
    expect_same "ok cells" "$(cells_that interrupted ok)" 3
    expect_same "mode" "$(cat $home/mode)" 0
    run labsweep archive verify interrupted
    expect_code 0
    wait_until 20 nothing_runs
}

# The cell that ran as its link dropped is killed at the next contact: its
# like is not beside the next one.
left_behind_is_killed() {
    experiment 2 'sleep 30 & wait'
    each_board
    limits "10 s" "10 s"
    sweep_beside
    wait_until 30 runs_on 1 'sleep 30'
    local group
    group=$(lab ps "$work/lab" 1 | awk '/sleep 30/ && !n++ { print $1 }')
    kill_and_back
    wait_until 30 test ! -d "/proc/$group"
    wait_until 90 sweep_ended
    wait_until 20 nothing_runs
}

frozen_sshd() {
    experiment 2 'sleep 4; true'
    each_board
    jq '.measure.connect_limit = "2 s"' experiment.json >e &&
        mv e experiment.json
    sweep_beside
    wait_until 30 runs_on 1 'sleep 4'
    lab freeze "$work/lab" 1
    wait_until 120 sweep_ended
    lab thaw "$work/lab" 1
    expect_same "exit code" "$(cat ended)" 1
    expect_same "ok cells" "$(cells_that c ok)" 2
    expect_same "unreachable" "$(cells_that c unreachable)" 2
    run labsweep resume c -q
    expect_code 0
    expect_same "ok cells after the thaw" "$(cells_that c ok)" 4
    wait_until 20 nothing_runs
}

# A board that never comes back: its sister runs all.
sister_takes_over() {
    experiment 4 'sleep 0.5; true'
    sweep_beside
    wait_until 30 runs_on 1 'sleep 0.5'
    lab crash "$work/lab" 1
    wait_until 90 sweep_ended
    lab restart "$work/lab" 1
    expect_same "exit code" "$(cat ended)" 0
    expect_same "ok cells" "$(cells_that c ok)" 4
}

# Its own cells have nowhere to go: quarantined, probed again, unreachable,
# and run by the next resume.
alone_is_unreachable() {
    experiment 2 true
    each_board
    lab crash "$work/lab" 1
    sweep 1
    expect_same "unreachable" "$(cells_that c unreachable)" 2
    reason c unreachable >out
    expect_out '127.0.95.1'
    lab restart "$work/lab" 1
    run labsweep resume c -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 4
}

# ---- who answers

pinned() {
    mkdir -p "lab/boards/1/home/.config/labsweep"
    echo "$1" >lab/boards/1/home/.config/labsweep/serial
    jq '.boards = [ .boards[0] + { name: "b-1", host: "127.0.95.1",
            identity: { serial: "one" } },
        .boards[0] + { name: "b-2", host: "127.0.95.2" } ]' \
        "$inventory" >inv.json
}

another_board_is_refused() {
    pinned two
    experiment 1 true
    each_board
    inventory=inv.json sweep 1
    expect_same "unreachable" "$(cells_that c unreachable)" 1
    reason c unreachable >out
    expect_out "another board answered: serial is 'two', expected 'one'"
    expect_same "ok cells" "$(cells_that c ok)" 1
}

# The board is swapped while its link is down: seen at the next contact.
swapped_under_way() {
    pinned one
    experiment 3 'sleep 3; true'
    each_board
    inventory=inv.json sweep_beside
    wait_until 30 runs_on 1 'sleep 3'
    lab crash "$work/lab" 1
    pinned two
    lab restart "$work/lab" 1
    wait_until 90 sweep_ended
    rm -rf lab/boards/1/home/.config
    expect_same "exit code" "$(cat ended)" 1
    reason c unreachable >out
    expect_out 'another board answered'
    attempts c >tries
    expect_same "board 2's cells" "$(cells_that c ok | head -1)" 3
}

revoked_key() {
    {
        sed 's/^\[127.0.95.2\]/@revoked &/;t;d' lab/known_hosts
        cat lab/known_hosts
    } >revoked-hosts
    jq --arg hosts "$work/revoked-hosts" '.known_hosts = $hosts' \
        "$inventory" >inv.json
    experiment 1 true
    each_board
    inventory=inv.json sweep 1
    reason c unreachable >out
    expect_out 'revoked'
    expect_same "ok cells" "$(cells_that c ok)" 1
}

key_changes_under_way() {
    experiment 3 'sleep 3; true'
    each_board
    sweep_beside
    wait_until 30 runs_on 2 'sleep 3'
    lab crash "$work/lab" 2
    lab rekey "$work/lab" 2
    wait_until 90 sweep_ended
    cp lab/hostkeys/host_* lab/boards/2/
    lab restart "$work/lab" 2
    expect_same "exit code" "$(cat ended)" 1
    reason c unreachable >out
    expect_out 'differs from the one listed'
    expect_same "board 1's cells" "$(cells_that c ok | head -1)" 3
}

# ---- disks and clocks

# The board's disk: what is to be staged does not fit; its words are the
# reason, the other board goes on.
full_board() {
    lab fill "$work/lab" 1 2>fill.log || {
        echo "# skipped: $(cat fill.log)"
        return 0
    }
    head -c 3000000 /dev/urandom >weights.bin
    jq '.adapter = "staged" | .stage = [ { name: "weights", file:
            "'"$work"'/weights.bin" } ] | .jobs[0].run = "wc -c <{weights}"' \
        "$top/inventory/adapters/command.json" >staged.json
    # the lease lies on another disk, else it is the first that has no room
    jq --arg leases "$work/leases-{n}" '.boards[0].adapter = "./staged.json" |
        .boards[0].lease_dir = $leases' "$inventory" >inv.json
    experiment 1 true
    each_board
    inventory=inv.json sweep 1
    lab empty "$work/lab" 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    expect_same "failed cells" "$(cells_that c failed)" 1
    reason c failed >out
    expect_out "^staging 'weights': .*[Nn]o space"
}

# The coordinator's disk: a clear end, and nothing acknowledged is lost.
full_coordinator() {
    mkdir -p small
    mount -t tmpfs -o size=300k,mode=700 labsweep-small small 2>mount.log || {
        echo "# skipped: $(cat mount.log)"
        return 0
    }
    experiment 400 'head -c 2000 /dev/urandom | od -An -tx1 | tr -d "\n"'
    jq '.capture = ["raw_output"]' experiment.json >e && mv e experiment.json
    LABSWEEP_WORKER_LOG=$work/acks
    mkdir -p acks
    export LABSWEEP_WORKER_LOG
    run labsweep run experiment.json -i "$inventory" -o small/c -q
    unset LABSWEEP_WORKER_LOG
    [ "$code" = 1 ] || [ "$code" = 3 ] || [ "$code" = 4 ] ||
        oops "exit code $code"
    expect_err '[Nn]o space'
    cp -r small/c c-full
    umount -l small
    run labsweep archive rebuild c-full
    expect_code 0
    run labsweep archive verify c-full
    expect_code 0
    attempts c-full | awk '{ print $1, $2, $3 }' | sort >kept
    cat acks/* | sort >acked
    [ -s acked ] || oops "nothing was acknowledged before the disk was full"
    expect_same "acknowledged and lost" "$(comm -13 kept acked | wc -l)" 0
    run labsweep resume c-full -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c-full ok)" 400
}

# A clock that leaps by a day and back between and within commands changes
# no duration, no limit and no order.
clock_jumps() {
    local lib
    lib=$(dpkg -L libfaketime 2>/dev/null | grep '/libfaketime.so.1$' || true)
    [ -n "$lib" ] && [ -f lab/boards/1/home/.bashrc ] || {
        echo "# skipped: no libfaketime, or no bash as login shell"
        return 0
    }
    cp lab/boards/1/home/.bashrc bashrc
    cat >>lab/boards/1/home/.bashrc <<END
export LD_PRELOAD=$lib FAKETIME_DONT_FAKE_MONOTONIC=1
export FAKETIME="\$(rm ~/ahead 2>/dev/null && echo +1d ||
    { : >~/ahead; echo -400d; })"
END
    experiment 6 'date +%Y >>years; sleep 0.2; echo "{\"lat_comp_s\": 0.5}"'
    sweep 0
    cp bashrc lab/boards/1/home/.bashrc
    expect_same "ok cells" "$(cells_that c ok)" 6
    [ "$(sort -u lab/boards/1/home/years | wc -l)" -gt 1 ] ||
        oops "the clock did not jump"
    /usr/bin/python3 - c/archive.h5 >out <<'END'
import sys, h5py
a = h5py.File(sys.argv[1])["attempts"]
print(max(a["duration_s"][:]) < 20 and min(a["duration_s"][:]) > 0)
END
    expect_out True
}

holds "1 GB, binary, half a JSON, NaN, 10 MB on a line" hostile_output
holds "a killed sshd is transient" transient kill_and_back
holds "a reboot is transient" transient reboot
holds "a power cut: another boot, and all is set up anew" power_cut
holds "a lost link without a boot counts on what is there" \
    link_lost_without_a_boot
holds "^C of a plain mpirun" interrupted_mpirun
holds "what a lost link left running is killed" left_behind_is_killed
holds "a frozen sshd holds up its board only" frozen_sshd
holds "a dead board's cells move to its sister" sister_takes_over
holds "cells of a dead board end as unreachable" alone_is_unreachable
holds "another board at the address is refused" another_board_is_refused
holds "a board swapped under way is refused" swapped_under_way
holds "a revoked host key is refused" revoked_key
holds "a host key that changes under way is refused" key_changes_under_way
holds "a board's full disk fails its cells only" full_board
holds "the coordinator's full disk loses nothing" full_coordinator
holds "a clock that jumps changes nothing" clock_jumps
done_testing
