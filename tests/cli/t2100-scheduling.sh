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

# A reboot, which the board's boot id tells, is answered by a sentinel and by
# new staging; the home of this board does not survive it.
a_reboot_is_answered() {
    local home=$work/lab/boards/1/home
    experiment 20 'sleep 0.3'
    edit '.sentinels = { where: { n: 1 }, after: ["reboot"] }'
    echo 'echo staged' >tool.sh
    mkdir -p adapters "$home/bin"
    jq -n --arg tool "$work/tool.sh" '{ adapter: "staged",
        stage: [ { name: "tool", file: $tool, role: "other" } ],
        jobs: [ { name: "measure", run: "sh {tool} && {!command}" } ] }' \
        >adapters/staged.json
    jq '.boards[0].adapter = "staged"' "$inventory" >staged.json
    # its boot id is in its home
    echo first >"$home/boot"
    cat >"$home/bin/head" <<'END'
#!/bin/sh
[ "$3" = /proc/sys/kernel/random/boot_id ] && exec cat boot
exec /usr/bin/head "$@"
END
    chmod +x "$home/bin/head"
    rm -rf booted
    labsweep run experiment.json -i staged.json -o booted -q \
        --only 'board=b-1' --events booted.jsonl </dev/null >out 2>err &
    local job=$!
    wait_until 30 ended_at_least booted 3
    lab crash "$work/lab" 1
    echo second >"$home/boot"
    rm -rf "$home/.cache/labsweep"
    lab restart "$work/lab" 1
    wait $job || oops "the sweep failed"
    rm "$home/bin/head"
    expect_same "ok cells" "$(cells_that booted ok)" 20
    expect_same "reboots" \
        "$(jq -s 'map(select(.event == "reboot")) | length' booted.jsonl)" 1
    expect_same "sentinels" "$(sentinels_of booted reboot)" 1
    [ -n "$(find "$home/.cache/labsweep" -type f)" ] || oops "nothing is staged"
}

# modes ORDER COMMAND MORE: two op modes, two things to load, three repeats,
# on this machine; what is set and loaded is written down there.
modes() {
    mkdir -p adapters
    jq -n '{ adapter: "modes",
        op_mode: { read: { run: "cat {param.dir}/mode", pattern: "(.*)" },
            set: "echo {mode.id} >{param.dir}/mode; echo >>{param.dir}/sets",
            verify: { run: "cat {param.dir}/mode", pattern: "(.*)",
                      expect: "{mode.id}" },
            restore: "echo {mode_before} >{param.dir}/mode", cost: "2 s" },
        program: { run: "echo {n} >>{param.dir}/loads", key: ["n"],
                   cost: "1 s" },
        jobs: [ { name: "measure", run: "{!command}" } ] }' \
        >adapters/modes.json
    jq -n --arg dir "$PWD" '{ lab: "here",
        platforms: { shell: { type: "CPU", engine: "batched",
                              op_modes: { slow: {}, fast: {} } } },
        boards: [ { name: "here", platform: "shell", transport: "local",
                    adapter: "modes", parameters: { dir: $dir },
                    op_modes: { slow: { id: 1 }, fast: { id: 2 } } } ] }' \
        >modes.json
    experiment 2 "$2"
    edit ".matrix[0].op_mode = [\"slow\", \"fast\"] | .repeats = 3 |
        .seed = 1 | .order = \"$1\" | $3"
    echo 0 >mode
    rm -rf modes modes.jsonl sets loads
    run labsweep run experiment.json -i modes.json -o modes -q \
        --events modes.jsonl
    expect_code 0
    expect_same "ok cells" "$(cells_that modes ok)" 12
    expect_same "mode afterwards" "$(cat mode)" 0
    run labsweep archive verify modes
    expect_code 0
}

switches_are_grouped() {
    modes shuffled true .
    local sets loads
    sets=$(wc -l <sets) loads=$(wc -l <loads)
    modes grouped true .
    expect_same "modes set" "$(wc -l <sets)" 2
    expect_same "loads" "$(wc -l <loads)" 4
    [ "$sets" -gt 3 ] && [ "$loads" -gt 6 ] ||
        oops "shuffled: $sets modes set, $loads loads"
}

sentinels_follow_time_and_modes() {
    modes grouped 'sleep 0.2' \
        '.sentinels = { where: { n: 1 }, every: "1 s" }'
    [ "$(sentinels_of modes hours)" -ge 1 ] || oops "none by time"
    modes grouped true '.sentinels = { where: { n: 1 }, after: ["mode"] }'
    expect_same "by mode" "$(sentinels_of modes mode)" 1
    expect_same "by time" "$(sentinels_of modes hours)" 0
    # it came before the cells of the mode
    jq -rs 'map(select(.event == "result") | .sentinel // "cell") |
        index("mode")' modes.jsonl >place
    expect_same "its place" "$(cat place)" 7
}

# Cells that have ended, by the file that `status --watch` reads.
ended() { jq '.ok + .failed' "$1/progress.json" 2>/dev/null || echo 0; }
ended_at_least() { [ "$(ended "$1")" -ge "$2" ]; }
running_none() { [ "$(jq '.running' "$1/progress.json")" = 0 ]; }
held() { jq -e '.boards[] | select(.hold == "drained")' "$1/progress.json" >/dev/null; }
given_up() { jq -e ".boards[] | select(.board == \"$2\" and .state == \"given up\")" "$1/progress.json" >/dev/null 2>&1; }
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

# Retries have a budget: 64, and one for every two cells that ended ok.
retries_run_out() {
    experiment 90 false
    edit '.measure.attempts = 3'
    sweep spent --json
    expect_code 3
    expect_same "retries" "$(jq .run.retries out)" 64
    expect_same "attempts" "$(attempts spent | wc -l)" 154
}

# A board that a person has seen to need not wait, even if it was given up.
a_board_is_released() {
    experiment 16 'sleep 0.3'
    jq '.boards = [ .boards[0] + { name: "b-1", host: "127.0.93.1" },
                    .boards[0] + { name: "b-2", host: "127.0.93.2",
                                   pre: "test -e mended" } ]' \
        "$inventory" >broken.json
    rm -rf released
    labsweep run experiment.json -i broken.json -o released -q </dev/null \
        >out 2>err &
    local job=$!
    wait_until 30 given_up released b-2
    touch lab/boards/2/home/mended
    labsweep control released release b-2 >/dev/null
    wait $job || oops "the sweep failed"
    expect_same "ok cells" "$(cells_that released ok)" 16
    boards_of released | grep -q b-2 || oops "b-2 did nothing"
}

resume_says_why_to_scripts() {
    experiment 3 true 'test -e mended'
    rm -f lab/boards/*/home/mended
    sweep why
    expect_code 1
    touch lab/boards/{1,2,3}/home/mended
    run labsweep resume why -q --events why.jsonl
    expect_code 0
    jq -es 'map(select(.event == "why") | [.status, .text]) | sort |
        . == [["failed", "run again"], ["failed", "run again"],
              ["failed", "run again"], ["ok", "kept"], ["ok", "kept"],
              ["ok", "kept"]]' why.jsonl >/dev/null || oops "$(cat why.jsonl)"
}

a_stall_is_named() {
    # once a cell has ended the board is there, however slowly it came
    experiment 1 true 'sleep 6'
    : >notes
    sweep stalled --stall '1 s' --events stall.jsonl --only 'board=b-2' \
        --notify ./tell
    expect_code 0
    grep -q '^stall||.*no cell has ended for' notes || oops "$(cat notes)"
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

# What no campaign has run is expected by a model fitted to what one has.
a_model_says_what_history_does_not() {
    mkdir -p adapters
    jq -n '{ adapter: "batches",
        jobs: [ { name: "measure", run: "sleep 0.{batch}" } ] }' \
        >adapters/batches.json
    jq -n '{ lab: "here", platforms: { shell: { type: "CPU",
               engine: "batched" } },
        boards: [ { name: "here", platform: "shell", transport: "local",
                    adapter: "batches" } ] }' >here.json
    experiment 1 true
    jq '.matrix[0] |= (del(.n, .command) + { batch: [1, 2, 4, 5] }) |
        del(.axes)' experiment.json >known.json
    run labsweep run known.json -i here.json -o known -q
    expect_code 0
    jq '.matrix[0].batch = [1, 2, 3, 4, 5, 7, 9] | .order = "longest"' known.json \
        >unknown.json
    # `plan` says the same beforehand
    run labsweep plan unknown.json -i here.json --json
    expect_same "learnt" "$(jq .plan.cells_learnt out)" 0
    run labsweep plan unknown.json -i here.json --history known --json
    expect_same "learnt" "$(jq .plan.cells_learnt out)" 7
    jq -e '.plan | (.expected_s > 2) and (.totals[0].expected_s > 2)' out \
        >/dev/null || oops "expected: $(jq .plan.expected_s out)"
    run labsweep plan unknown.json -i here.json --history known
    expect_out '^the times of 7 of them are from --history$'
    run labsweep plan unknown.json -i here.json --history known --cells
    expect_out 'batch 9  [0-9.]+ s$'
    rm -rf model
    run labsweep run unknown.json -i here.json -o model -q --history known \
        --events model.jsonl
    expect_code 0
    jq -rs 'map(select(.event == "start").label | sub(".*batch "; "") |
        select(test("^[379]$"))) | join(" ")' model.jsonl >order
    expect_same "order of batches" "$(cat order)" '9 7 3'
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
holds "a stall is named, and people are told" a_stall_is_named
holds "retries run out" retries_run_out
holds "switches are grouped" switches_are_grouped
holds "sentinels follow time and modes" sentinels_follow_time_and_modes
holds "a board that was given up is released" a_board_is_released
holds "resume says why, to scripts too" resume_says_why_to_scripts
holds "a reboot is answered by a sentinel and new staging" a_reboot_is_answered
holds "time goes to corners first" time_goes_to_corners_first
holds "history says which cells are long" history_says_which_cells_are_long
holds "a model says what history does not" a_model_says_what_history_does_not
done_testing
