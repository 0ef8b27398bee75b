#!/bin/bash
# t2100-scheduling.sh - what a user asks of the scheduler and sees of it:
# selections, sentinels, limits, control, hours, events, notices
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 3 127.0.93

# sweep NAME OPTION...: run experiment.json into a campaign of that name.
sweep() {
    local campaign=$1
    shift
    rm -rf "$campaign"
    run labsweep run experiment.json -i "$inventory" -o "$campaign" -q "$@"
}

# boards_of CAMPAIGN: which boards made attempts, each once.
boards_of() {
    "$top/tests/cli/archive.py" column "$1/archive.h5" attempts board |
        sort -u | tr '\n' ' '
}

sentinels_of() {
    "$top/tests/cli/archive.py" column "$1/archive.h5" attempts sentinel |
        grep -c "$2"
}

edit() { jq "$1" experiment.json >edited.json && mv edited.json experiment.json; }

only_and_except_choose_cells_and_boards() {
    experiment 6 true
    sweep c --only n=1,2,3 --except n=2 --only 'board=b-[1-2]'
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 2
    [ "$(boards_of c)" != "" ] || oops "no board"
    ! boards_of c | grep -q b-3 || oops "b-3 was used"
    run labsweep resume c -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 6
}

a_wrong_selection_begins_nothing() {
    experiment 2 true
    sweep wrong --only speed=1
    expect_code 2
    expect_sentence "'speed' is no axis"
    [ ! -e wrong ] || oops "a campaign was begun"
    sweep wrong --only n=17
    expect_code 2
    expect_sentence 'no cell is left'
    sweep wrong --for soon
    expect_code 2
    expect_sentence "expected a time such as '2 h'"
}

failures_end_a_sweep() {
    experiment 300 false
    sweep failing --max-fail 3 --json
    expect_code 3
    expect_same "why" "$(jq -r .run.stopped_why out)" "too many cells failed"
    # cells in the lanes' hands still run
    [ "$(jq .run.failed out)" -lt 200 ] || oops "200 were tried"
    experiment 20 'sleep 0.3; false'
    sweep failing --fail-fast --json
    [ "$(jq .run.failed out)" -le 3 ] || oops "more than 3 failed"
}

boards_run_sentinels() {
    experiment 8 'sleep 0.3' # so that both boards get some
    edit '.sentinels = { where: { n: 1 } }'
    sweep drift --only 'board=b-[1-2]'
    expect_code 0
    expect_same "ok cells" "$(cells_that drift ok)" 8
    expect_same "begun" "$(sentinels_of drift start)" 2
    expect_same "ended" "$(sentinels_of drift end)" 2
    run labsweep archive verify drift
    expect_code 0
    run labsweep resume drift -q
    expect_code 0
    expect_same "nothing was left to run" "$(sentinels_of drift start)" 2
    edit '.sentinels.where = { n: 99 }'
    sweep none
    expect_code 2
    expect_sentence 'sentinels.where: no cell of the plan'
}

# Cells that have ended, by the file that `status --watch` reads.
ended() { jq '.ok + .failed' "$1/progress.json" 2>/dev/null || echo 0; }
ended_at_least() { [ "$(ended "$1")" -ge "$2" ]; }
running_none() { [ "$(jq '.running' "$1/progress.json")" = 0 ]; }
held() { jq -e '.boards[] | select(.hold == "drained")' "$1/progress.json" >/dev/null; }
closed() { jq -e ".boards[] | select(.board == \"$2\" and .state == \"closed\")" "$1/progress.json" >/dev/null; }

people_pause_and_drain() {
    experiment 60 'sleep 0.2'
    rm -rf steered
    labsweep run experiment.json -i "$inventory" -o steered -q \
        --events events.jsonl >out 2>err </dev/null &
    local job=$!
    wait_until 30 ended_at_least steered 3
    labsweep status steered --watch --boards >watched </dev/null &
    local watcher=$!
    labsweep control steered pause >/dev/null
    wait_until 20 running_none steered
    local before
    before=$(ended steered)
    sleep 1.5
    expect_same "cells while paused" "$(ended steered)" "$before"
    labsweep control steered drain b-1 >/dev/null
    labsweep control steered resume >/dev/null
    wait_until 20 held steered
    wait_until 20 closed steered b-1
    run labsweep control steered drain nobody
    expect_code 2
    expect_sentence "'nobody' is no board"
    labsweep control steered release 'b-[1-2]' >/dev/null
    wait $job || oops "the sweep failed"
    wait $watcher || oops "the watcher failed"
    grep -q '60 of 60 cells' watched || oops "no last line: $(tail -1 watched)"
    grep -q 'b-1 .*drained' watched || oops "no board line"
    expect_same "ok cells" "$(cells_that steered ok)" 60
    jq -es 'map(.event) | (index("begin") == 0) and (.[-1] == "end") and
        (map(select(. == "result")) | length == 60) and
        (map(select(. == "start")) | length >= 60) and
        index("pause") and index("resume") and index("board")' events.jsonl \
        >/dev/null || oops "events: $(jq -r .event events.jsonl | sort | uniq -c)"
}

a_wish_stands_for_the_next_session() {
    experiment 4 true
    sweep kept --only n=1
    expect_code 0
    run labsweep control kept drain 'b-[2-3]'
    expect_code 0
    expect_out 'the next sweep'
    run labsweep resume kept -q
    expect_code 0
    expect_same "ok cells" "$(cells_that kept ok)" 4
}

boards_rest_outside_their_hours() {
    experiment 6 true
    local from to
    from=$(date -d '+3 hours' +%H:%M) to=$(date -d '+4 hours' +%H:%M)
    jq --arg h "$from-$to" --arg p "$port" \
        '.boards = [ .boards[0] + {name: "b-[1-2]"},
                     .boards[0] + {name: "b-3", host: "127.0.93.3",
                                   hours: [$h]} ]' \
        "$inventory" >nights.json
    rm -rf nights
    run labsweep run experiment.json -i nights.json -o nights -q
    expect_code 0
    ! boards_of nights | grep -q b-3 || oops "b-3 worked outside its hours"
    jq '.boards[1].hours = ["late"]' nights.json >wrong.json
    run labsweep run experiment.json -i wrong.json -o late
    expect_code 2
    expect_sentence 'boards\[1\].hours\[0\].*found "late"'
}

people_are_told() {
    experiment 6 true
    # a board that nobody answers for, and words that a shell would run
    # shellcheck disable=SC2016
    local told='told $(touch hacked);'
    jq '.boards += [ .boards[0] + { name: "gone", platform: "dead",
                                    host: "127.0.93.99" } ]
        | .platforms.dead = .platforms.shell' "$inventory" >dead.json
    edit '.matrix[0].platform = ["shell", "dead"]'
    rm -rf "$told" notes
    cat >tell <<'END'
#!/bin/sh
printf '%s|%s|%s|%s|%s\n' "$LABSWEEP_EVENT" "$LABSWEEP_BOARD" \
    "$LABSWEEP_OK" "$LABSWEEP_CAMPAIGN" "$LABSWEEP_TEXT" >>notes
END
    chmod +x tell
    run labsweep run experiment.json -i dead.json -o "$told" -q --notify ./tell
    expect_code 1
    grep -q '^quarantine|gone|.*refused' notes || oops "$(cat notes)"
    grep -q '^given up|gone|' notes || oops "$(cat notes)"
    grep -qF "end||6|$told|" notes || oops "$(cat notes)"
    [ ! -e hacked ] || oops "a fact was run by a shell"
}

a_stall_is_named() {
    # once a cell has ended the board is there, however slowly it came
    experiment 1 true 'sleep 6'
    sweep stalled --stall '1 s' --events stall.jsonl --only 'board=b-2'
    expect_code 0
    jq -es 'map(select(.event == "stall" and (.text | test("b-2 runs")))) |
        length == 1' stall.jsonl >/dev/null ||
        oops "$(cat stall.jsonl)"
}

time_goes_to_corners_first() {
    experiment 40 'sleep 0.4'
    sweep budget --for '4 s' --only 'board=b-1' --events budget.jsonl
    expect_code 124
    [ "$(cells_that budget ok)" -lt 20 ] || oops "too many in 4 s"
    # b-1 takes them one after the other: the ends of the axis n come first
    jq -rs 'map(select(.event == "start")) | .[:2] | map(.cell) | sort |
        tostring' budget.jsonl >first
    expect_same "first cells" "$(cat first)" '[0,39]'
}

history_says_which_cells_are_long() {
    experiment 3 'sleep 0.1' 'sleep 0.9'
    sweep past
    expect_code 0
    edit '.order = "longest"'
    sweep informed --history past --only 'board=b-1' --events longest.jsonl
    expect_code 0
    # the cells of 0.9 s first, each three times
    jq -rs 'map(select(.event == "start")) | .[:3] | map(.label) | tostring' \
        longest.jsonl >first
    expect_same "long ones among the first" "$(grep -o 'sleep 0.9' first | wc -l)" 3
    sweep unknown --history nowhere
    expect_code 2
}

holds "only and except choose cells and boards" \
    only_and_except_choose_cells_and_boards
holds "a wrong selection begins nothing" a_wrong_selection_begins_nothing
holds "failures end a sweep" failures_end_a_sweep
holds "boards run sentinels at their start and end" boards_run_sentinels
holds "people pause, drain and watch" people_pause_and_drain
holds "a wish stands for the next session" a_wish_stands_for_the_next_session
holds "boards rest outside their hours" boards_rest_outside_their_hours
holds "people are told of quarantine and end" people_are_told
holds "a stall is named" a_stall_is_named
holds "time goes to corners first" time_goes_to_corners_first
holds "history says which cells are long" history_says_which_cells_are_long
done_testing
