#!/bin/bash
# t1000-faults.sh - what goes wrong in a lab: one sentence, the rest runs on
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 2 127.0.93

# The reason of the first cell with this status.
reason() { cells "$1" | awk -v s="$2" '$2 == s' | cut -d' ' -f3- | head -1; }

sweep() {
    rm -rf c
    run labsweep run experiment.json -i "$inventory" -o c -q "$@"
}

all_ok() {
    experiment 4 true
    sweep
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 4
    expect_out '4 ok, 0 failed'
}

garbage_fails_its_cell_only() {
    experiment 2 'printf "lat_comp_s=\\377\\376 not a number\\n"; exit 3' true
    sweep
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 2
    expect_same "failed cells" "$(cells_that c failed)" 2
    reason c failed >out
    expect_out 'exited with status 3'
    iconv -f utf-8 -t utf-8 out >/dev/null || oops "a reason that is no text"
}

words_without_values_are_no_result() {
    experiment 1 'echo "{ \"lat_comp_s\": \"fast\" }"' true
    sweep
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    reason c failed >out
    expect_out 'lat_comp_s'
}

endless_output_is_cut() {
    experiment 1 'yes' true
    jq '.measure.total_limit = "6 s"' experiment.json >e && mv e experiment.json
    sweep
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    [ "$(stat -c %s c/journal)" -lt 20000000 ] || oops "the journal swallowed it"
}

silence_is_a_timeout() {
    experiment 1 'sleep 1000' true
    jq '.measure.silence_limit = "1 s"' experiment.json >e &&
        mv e experiment.json
    sweep
    expect_code 1
    expect_same "timeouts" "$(cells_that c timeout)" 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    [ -z "$(lab ps "$work/lab" 1; lab ps "$work/lab" 2)" ] ||
        oops "it still runs on a board"
}

missing_command() {
    experiment 1 'no-such-program --now' true
    sweep
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    reason c failed >out
    expect_out 'not found|127'
}

wrong_key_on_one_board() {
    ssh-keygen -q -t ed25519 -N '' -f other-key
    jq --arg key "$work/other-key" '
        .boards = [ .boards[0] + { name: "b-1", host: "127.0.93.1", key: $key },
                    .boards[0] + { name: "b-2", host: "127.0.93.2" } ]' \
        "$inventory" >inv.json
    experiment 3 true
    jq '.boards = "each"' experiment.json >e && mv e experiment.json
    rm -rf c
    run labsweep run experiment.json -i inv.json -o c -q
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 3
    expect_same "unreachable cells" "$(cells_that c unreachable)" 3
    reason c unreachable >out
    expect_out 'key'
}

unknown_host_key() {
    grep -v '^\[127.0.93.2\]' lab/known_hosts >some-hosts
    jq --arg hosts "$work/some-hosts" '.known_hosts = $hosts' \
        "$inventory" >inv.json
    experiment 3 true
    jq '.boards = "each"' experiment.json >e && mv e experiment.json
    rm -rf c
    run labsweep run experiment.json -i inv.json -o c -q
    expect_code 1
    expect_same "ok cells" "$(cells_that c ok)" 3
    expect_same "unreachable cells" "$(cells_that c unreachable)" 3
    reason c unreachable >out
    expect_out 'host key'
    expect_out 'boards trust'
}

changed_host_key() {
    lab rekey "$work/lab" 2 >/dev/null
    run labsweep boards check -i "$inventory"
    expect_code 1
    cat out err >both
    grep -q 'host key .* differs from the one listed' both ||
        oops "does not say that the key is another"
}

nobody_home() {
    jq '.boards[0].port = 1' "$inventory" >inv.json
    experiment 2 true
    rm -rf c
    run labsweep run experiment.json -i inv.json -o c -q
    expect_code 3
}

second_run_is_refused() {
    experiment 2 true
    sweep
    run labsweep run experiment.json -i "$inventory" -o c
    expect_code 2
    expect_sentence 'resume'
}

misspelt_axis() {
    experiment 2 true
    jq '.matrix[0].bacth = [1]' experiment.json >e && mv e experiment.json
    sweep
    expect_code 2
    expect_sentence "bacth.*did you mean 'batch'"
    [ ! -e c ] || oops "something was made"
}

resume_of_the_whole_keeps_all() {
    experiment 3 true
    sweep
    run labsweep resume c --why
    expect_code 0
    expect_same "attempts" "$(attempts c | wc -l)" 3
}

resume_runs_what_failed() {
    experiment 2 'test -e flag' true
    sweep
    expect_code 1
    expect_same "failed cells" "$(cells_that c failed)" 2
    touch lab/boards/{1,2}/home/flag
    run labsweep resume c -q
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 4
    expect_same "attempts" "$(attempts c | wc -l)" 6
    rm lab/boards/*/home/flag
}

holds "a sweep of four cells is ok" all_ok
holds "a cell that prints garbage fails alone" garbage_fails_its_cell_only
holds "a word where a number should be is no result" \
    words_without_values_are_no_result
holds "endless output is cut" endless_output_is_cut
holds "a silent command ends as a timeout, on the board too" \
    silence_is_a_timeout
holds "a missing command is told in its own words" missing_command
holds "a wrong key costs that board's cells only" wrong_key_on_one_board
holds "an unknown host key costs that board's cells only" unknown_host_key
holds "nothing reached is exit code 3" nobody_home
holds "a second run into a campaign is refused, naming resume" \
    second_run_is_refused
holds "a misspelt axis starts nothing" misspelt_axis
holds "resume of a whole campaign runs nothing" resume_of_the_whole_keeps_all
holds "resume runs what failed, and keeps what is ok" resume_runs_what_failed
holds "another host key than the listed one is refused" changed_host_key
done_testing
