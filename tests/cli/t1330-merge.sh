#!/bin/bash
# t1330-merge.sh - several campaigns as one: nothing mixed, nothing lost
. "$(dirname "$0")/lib.sh"

# lab_of NAME PEAK: one local board.
lab_of() {
    jq -n --arg lab "$1" --arg peak "$2" --arg adapter \
        "$top/inventory/adapters/command.json" '{
        lab: $lab, platforms: { one: { type: "CPU", engine: "per_image",
            op_modes: { default: {
                peak: { INT8: { value: $peak, source: "a test",
                                kind: "measured" } },
                bandwidth: { value: "10 GB/s", source: "a test",
                             kind: "measured" } } }
        } },
        boards: [ { name: ("b-" + $lab), platform: "one", transport: "local",
            adapter: $adapter, meters: [ { name: "wave", driver: "fake",
                scope: "wall", period: "5 ms", idle: "0.05 s",
                optional: true } ] } ] }'
}

# experiment_of N...: cells n; n = 2 fails.
experiment_of() {
    jq -n '{
        experiment: "part", title: "A part", authors: ["Ada Lovelace"],
        axes: [ { name: "n", type: "integer" },
                { name: "command", type: "text" } ],
        include: ($ARGS.positional | map(tonumber | { platform: "one",
            precision: "INT8", n: .,
            command: (if . == 2 then "false" else "echo " + tostring end) })),
        capture: ["power", "raw_output"],
        measure: { warmup: "0.01 s", min_time: "0.01 s", max_time: "5 s",
                   total_limit: "10 s", silence_limit: "10 s",
                   connect_limit: "5 s", attempts: 1 }
    }' --args "$@"
}

rows() {
    labsweep export "$1" --format jsonl |
        jq -c '[.n, .lab, .campaign, .status, .reason, .duration_s, .board]'
}

# The same rows with lab and campaign put in by hand.
rows_of() {
    local uuid
    uuid=$(labsweep status "$1" --json | jq -r .status.campaign)
    labsweep export "$1" --format jsonl | jq -c --arg lab "$2" \
        --arg uuid "$uuid" \
        '[.n, $lab, $uuid, .status, .reason, .duration_s, .board]'
}

campaigns() {
    lab_of north '1 TOP/s' >north.json
    lab_of south '1 TOP/s' >south.json
    lab_of other '2 TOP/s' >other.json
    experiment_of 1 2 3 >e1.json
    experiment_of 3 4 >e2.json
    experiment_of 1 3 >e3.json
    run labsweep run e1.json -i north.json -o a --quiet
    expect_code 1
    run labsweep run e2.json -i south.json -o b --quiet
    expect_code 0
    run labsweep run e1.json -i other.json -o d --quiet
    expect_code 1
    # something retired, something withdrawn
    run labsweep resume a -e e3.json --quiet
    run labsweep invalidate b --where n=4 --reason 'too warm'
    expect_code 0
}

merges() {
    run labsweep archive merge a b -o m
    expect_code 0
    rows_of a north >wanted
    rows_of b south >>wanted
    rows m | diff wanted - >differs || oops "$(cat differs)"
    expect_same "retired" "$(labsweep status m --json |
        jq .status.cells.retired)" 1
    expect_same "cells with n = 3, one each" \
        "$(rows m | grep -c '^\[3,.*"ok"')" 2
    expect_same "attempts" \
        "$(labsweep export m --table attempts --format jsonl | wc -l)" 5
    run labsweep archive verify m
    expect_code 0
    run labsweep report m
    expect_code 0
    run labsweep analyze results m --json
    expect_code 0
}

# Where base power was taken: the cell, by what it is and not by its row.
bases() {
    labsweep export "$1" --format jsonl | jq -r '[.cell, .n, .lab, .campaign] |
        @tsv' >cells.tsv
    labsweep export "$1" --table attempts --format jsonl |
        jq -r '[.cell, .power_base_cell] | @tsv' |
        awk -F'\t' 'NR == FNR { of[$1] = $2 " " $4; next }
            { print of[$1] ": " of[$2] }' cells.tsv - | sort
}
uuid_in() { labsweep status "$1" --json | jq -r .status.campaign; }

shifts_what_points_at_cells() {
    bases m >found
    for part in a b; do
        bases $part | sed "s/ *:/ $(uuid_in $part):/; s/ *$/ $(uuid_in $part)/"
    done | sort >wanted
    diff wanted found >differs || oops "$(cat differs)"
    grep -q '^4 .*: 3 ' found || oops "no base of another cell: $(cat found)"
}

names_conflicts() {
    run labsweep archive merge a d -o n
    expect_code 2
    expect_err "^platform 'one' is not the same in 'a' and 'd'$"
    expect_err 'keep-conflicts'
    [ ! -e n ] || oops "a refused merge left a folder"
    run labsweep archive merge a d -o n --keep-conflicts
    expect_code 0
    run labsweep note n
    expect_out "merged: platform 'one' is not the same in 'a' and 'd'"
}

merges_what_was_merged() {
    run labsweep archive merge m d -o mm --keep-conflicts
    expect_code 0
    rows m >wanted
    rows_of d other >>wanted
    rows mm | diff wanted - >differs || oops "$(cat differs)"
    run labsweep archive verify mm
    expect_code 0
}

takes_published_ones() {
    labsweep import "$top/data/published/published_mnist.csv" -o p >/dev/null
    run labsweep archive merge p a -o pm
    expect_code 0
    expect_same "cells" "$(labsweep status pm --json | jq .status.cells.all)" 409
    run labsweep archive verify pm
    expect_code 0
    # every published value comes back from the merged archive, too
    labsweep export p --format qutibench >one.csv
    labsweep export pm --format qutibench | head -407 | diff one.csv - \
        >differs || oops "$(head -5 differs)"
}

refuses() {
    run labsweep archive merge a -o x
    expect_code 2
    expect_sentence 'two campaigns or more'
    run labsweep archive merge a a -o x
    expect_code 2
    expect_sentence "are the same campaign"
    run labsweep archive merge a b -o m
    expect_code 2
    expect_sentence 'there already'
    run labsweep archive verify a b
    expect_code 2
    expect_sentence 'one campaign at a time'
}

holds "campaigns of two laboratories, and one that does not fit" campaigns
holds "rows keep campaign and lab, equal cells stay separate" merges
holds "what points at another cell still does" shifts_what_points_at_cells
holds "equal names with other peaks are named" names_conflicts
holds "a merged campaign merges again" merges_what_was_merged
holds "published ones merge with measured ones" takes_published_ones
holds "wrong words get one sentence" refuses
done_testing
