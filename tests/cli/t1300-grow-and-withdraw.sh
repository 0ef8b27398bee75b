#!/bin/bash
# t1300-grow-and-withdraw.sh - a campaign that grows, and results withdrawn
. "$(dirname "$0")/lib.sh"

# A lab of local boards; the cell's command is its axis 'command'.
lab_of() {
    jq -n --arg adapter "$top/inventory/adapters/command.json" '{
        lab: "grown", platforms: ($ARGS.positional | map({ (.): {
            type: "CPU", engine: "per_image" } }) | add),
        boards: ($ARGS.positional | map({ name: ("b-" + .), platform: .,
            transport: "local", adapter: $adapter })) }' --args "$@"
}

# experiment_of N PLATFORM...: cells n = 1 to N on each.
experiment_of() {
    local n=$1
    shift
    jq -n --argjson n "$n" '{
        experiment: "grown",
        axes: [ { name: "n", type: "integer" },
                { name: "command", type: "text" } ],
        matrix: [ { platform: $ARGS.positional, precision: ["INT8"],
                    n: [range(1; $n + 1)], command: ["true"] } ],
        measure: { warmup: "0.01 s", min_time: "0.01 s", max_time: "5 s",
                   total_limit: "10 s", silence_limit: "10 s",
                   connect_limit: "5 s", attempts: 1 }
    }' --args "$@"
}

counts() { labsweep status "$1" --json | jq -c .status.cells; }
count() { labsweep status "$1" --json | jq ".status.cells.$2"; }

# "cell_id n status" of each cell, in the order of the rows.
rows() {
    labsweep export "$1" --format jsonl | jq -r '"\(.cell_id) \(.n) \(.status)"'
}

a_campaign() {
    lab_of one >lab.json
    experiment_of 3 one >experiment.json
    run labsweep run experiment.json -i lab.json -o c --quiet
    expect_code 0
    expect_same "ok cells" "$(count c ok)" 3
}

shows_what_would_change() {
    rows c >before
    lab_of one two >lab2.json
    experiment_of 4 one two | jq '.matrix[0].n = [2, 3, 4, 5]' >experiment2.json
    run labsweep plan experiment2.json -i lab2.json --diff c --cells
    expect_code 0
    expect_out 'c: 2 cells kept, 6 added, 1 retired'
    expect_same "new ones" "$(grep -c '^+ ' out)" 6
    expect_same "retired ones" "$(grep -c '^- ' out)" 1
    run labsweep plan experiment2.json -i lab2.json --diff c --json
    expect_same "json" "$(jq -c '.plan | [.kept, .added, .retired]' out)" \
        '[2,6,1]'
    rows c | cmp - before || oops "a look changed the campaign"
}

grows() {
    run labsweep resume c -e experiment2.json -i lab2.json
    expect_code 0
    expect_err '2 cells kept, 6 added, 1 retired'
    expect_err '2 cells kept, 6 never tried'
    expect_same "counts" "$(counts c | jq -c '[.ok, .retired, .all]')" '[8,1,9]'
    rows c >after
    cut -d' ' -f1,2 before >a
    head -3 after | cut -d' ' -f1,2 >b
    cmp a b || oops "old rows moved or changed their ids"
    run labsweep archive verify c
    expect_code 0
    run labsweep report c
    expect_code 0
}

stands_when_nothing_grew() {
    local records
    records=$(labsweep archive info c --json | jq .archive.records)
    run labsweep resume c -e experiment2.json -i lab2.json
    expect_code 0
    refuse_err 'grew'
    expect_same "records" \
        "$(labsweep archive info c --json | jq .archive.records)" $records
}

takes_back_what_was_retired() {
    run labsweep resume c -e experiment.json
    expect_code 0
    expect_same "counts" "$(counts c | jq -c '[.ok, .retired, .all]')" '[3,6,9]'
    expect_same "attempts at the first cell" \
        "$(labsweep export c --format jsonl | jq 'select(.cell == 0).attempts')" 1
    run labsweep resume c -e experiment2.json
    expect_code 0
    expect_same "counts" "$(counts c | jq -c '[.ok, .retired]')" '[8,1]'
}

withdraws() {
    run labsweep invalidate c --where 'platform=one,n>=4' \
        --reason 'the fan was off'
    expect_code 0
    expect_out 'c: 2 cells withdrawn'
    expect_same "withdrawn" "$(count c invalidated)" 2
    # visible still as attempts, gone from the cells, with the reason
    labsweep export c --format jsonl |
        jq -c 'select(.status == "invalidated") | [.reason, .duration_s]' >said
    expect_same "said" "$(sort -u said)" '["the fan was off",null]'
    expect_same "attempts" \
        "$(labsweep export c --table attempts --format jsonl | wc -l)" 9
    run labsweep analyze results c --where status=ok
    run labsweep archive verify c
    expect_code 0
    run labsweep resume c
    expect_code 0
    expect_err '6 cells kept, 2 withdrawn ones run again'
    expect_same "ok cells" "$(count c ok)" 8
    expect_same "attempts" \
        "$(labsweep export c --table attempts --format jsonl | wc -l)" 11
}

does_again() {
    run labsweep resume c --redo 'platform=two'
    expect_code 0
    expect_err '4 ok cells withdrawn'
    expect_err '4 withdrawn ones run again'
    expect_same "ok cells" "$(count c ok)" 8
    expect_same "attempts of the cells done again" \
        "$(labsweep export c --format jsonl |
            jq -c 'select(.platform == "two") | .attempts' | sort -u)" 2
}

keeps_notes() {
    run labsweep note c 'the window was open'
    expect_code 0
    run labsweep note c
    expect_out '^20.*Z  the window was open$'
    run labsweep note c --json
    expect_same "json" "$(jq -r '.note[0].note' out)" 'the window was open'
    run labsweep archive verify c
    expect_code 0
}

# A look while it is written takes no lock, counts never fall, and it ends with
# the sweep.
watches() {
    experiment_of 60 one >w.json
    jq '.matrix[0].command = ["sleep 0.03"]' w.json >w2.json
    labsweep run w2.json -i lab.json -o w --quiet >run.out 2>&1 &
    local job=$!
    wait_until 20 [ -s w/journal ]
    wait_until 20 sh -c 'labsweep status w >/dev/null 2>&1'
    run labsweep status w --watch --json
    expect_code 0
    wait $job
    jq -s -e '[.[].status.cells.ok] | . == sort and last == 60' out >/dev/null ||
        oops "counts fell, or the last look missed the end"
    jq -s -e 'any(.[]; .status.sweeping) and (last | .status.sweeping | not)' \
        out >/dev/null || oops "it never saw a sweep, or not its end"
}

sees_through_a_torn_tail() {
    local size all
    all=$(count w ok)
    mkdir torn
    size=$(stat -c %s w/journal)
    head -c $((size - 30)) w/journal >torn/journal # into the END record
    expect_same "ok cells" "$(count torn ok)" "$all"
    head -c $((size - 130)) w/journal >torn/journal
    run labsweep status torn
    expect_code 0
    expect_out 'interrupted: resume it'
    expect_same "bytes, for a look cuts nothing" "$(stat -c %s torn/journal)" \
        $((size - 130))
}

refuses_wrong_words() {
    run labsweep invalidate c --where platform=one
    expect_code 2
    expect_sentence 'why with --reason'
    run labsweep invalidate c --where 'platfrom=one' --reason x
    expect_code 2
    expect_sentence "platfrom"
    run labsweep invalidate c --where 'n=99' --reason x
    expect_code 2
    expect_sentence "no ok cell of 'c' meets 'n=99'"
    jq '.axes[0].type = "text" | .matrix[0].n = ["x"]' experiment.json >typed.json
    run labsweep resume c -e typed.json
    expect_code 2
    expect_sentence "axis 'n': its type was integer, is text"
    run labsweep plan --diff c
    expect_code 0
    expect_out 'c: 8 cells kept, 0 added, 1 retired'
}

holds "a campaign to begin with" a_campaign
holds "plan --diff shows what would change, and changes nothing" \
    shows_what_would_change
holds "resume -e -i: old rows stand, new ones follow, dropped ones retire" grows
holds "the same files again amend nothing" stands_when_nothing_grew
holds "what was retired comes back with its result" takes_back_what_was_retired
holds "invalidate withdraws with a reason, resume measures again" withdraws
holds "resume --redo measures ok cells again" does_again
holds "notes are kept" keeps_notes
holds "status --watch follows a sweep without a lock" watches
holds "status sees through a torn tail" sees_through_a_torn_tail
holds "wrong words get one sentence" refuses_wrong_words
done_testing
