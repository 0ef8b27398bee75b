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

# ---- op modes, accelerators, sensors, temperature, clocks, on board 1

# on_board_1 FILTER [jq option...]: an inventory of board 1 alone, changed.
on_board_1() {
    local filter=$1
    shift
    jq "$@" ".boards[0] += { name: \"b-1\", host: \"127.0.93.1\" } | $filter" \
        "$inventory" >inv.json
}

# tool NAME: a program that board 1 finds before the machine's own.
tool() {
    mkdir -p lab/boards/1/home/bin
    { echo '#!/bin/sh'; cat; } >lab/boards/1/home/bin/"$1"
    chmod +x lab/boards/1/home/bin/"$1"
}

sweep_1() {
    rm -rf c
    run labsweep run experiment.json -i inv.json -o c -q
    expect_code "$1"
}

cat >moded.json <<'END'
{ "adapter": "moded", "op_mode": {
    "read": { "run": "cat mode", "pattern": "(.*)" },
    "set": "echo {mode.id} >mode; echo set {mode.id} >>modes",
    "verify": { "run": "cat {mode.says}", "pattern": "(.*)", "expect": "{mode.id}" },
    "restore": "echo {mode_before} >mode; echo restore >>modes" },
  "jobs": [ { "name": "measure", "run": "cat mode >>ran; {!command}" } ] }
END

# A mode that the board denies, and one whose state cannot be read at all:
# invalid, not run, and put back; the granted one is measured.
modes_not_granted() {
    on_board_1 '.platforms.shell.op_modes = { fast: {}, denied: {}, mute: {} }
        | .boards[0] += { adapter: "./moded.json", op_modes: {
            fast: { id: "2", says: "mode" },
            denied: { id: "3", says: "other" },
            mute: { id: "4", says: "no-such-file" } } }'
    echo 0 >lab/boards/1/home/mode
    echo 9 >lab/boards/1/home/other
    experiment 1 true
    jq '.matrix[0].op_mode = ["fast", "denied", "mute"]' experiment.json >e &&
        mv e experiment.json
    sweep_1 1
    cells c >table
    expect_same "ok cells" "$(cells_that c ok)" 1
    expect_same "invalid cells" "$(cells_that c invalid)" 2
    cp table out
    expect_out "invalid .*op mode 'denied' was not granted: the board says '9', expected '3'"
    expect_out "invalid .*op mode 'mute' cannot be verified: .*no-such-file"
    expect_same "ran in mode" "$(cat lab/boards/1/home/ran)" 2
    expect_same "mode at the end" "$(cat lab/boards/1/home/mode)" 0
    expect_same "restored" "$(grep -c restore lab/boards/1/home/modes)" 3
}

# A tool that fell back to the processor says so, and is not measured as the
# accelerator.
accelerator_fell_back() {
    jq '.adapter = "accelerated" | .valid = [ { pattern: "device: cpu",
        must: false, reason: "the tool fell back to the processor" } ]' \
        "$top/inventory/adapters/command.json" >accelerated.json
    on_board_1 '.boards[0].adapter = "./accelerated.json"'
    experiment 1 'echo "device: npu"; echo "{\"lat_comp_s\": 0.25}"' \
        'echo "device: cpu"; echo "{\"lat_comp_s\": 0.25}"'
    sweep_1 1
    expect_same "ok cells" "$(cells_that c ok)" 1
    expect_same "invalid cells" "$(cells_that c invalid)" 1
    reason c invalid >out
    expect_out 'fell back to the processor'
}

# A declared sensor that says nothing: no cell without it, unless it is
# optional; then the cell is ok and its row says why there is no power.
silent_sensor() {
    local meter='{ name: "rail", driver: "lines", scope: "rail", idle: "0.1 s",
        period: "50 ms", optional: $optional, options: { command: "sleep 1000" },
        sources: [ { path: "power ([0-9.]+)", unit: "W" } ] }'
    experiment 1 'sleep 0.2'
    jq '.capture = ["power", "raw_output"]' experiment.json >e &&
        mv e experiment.json
    on_board_1 ".boards[0].meters = [ $meter ]" --argjson optional false
    sweep_1 3
    reason c failed >out
    expect_out "meter 'rail'"
    on_board_1 ".boards[0].meters = [ $meter ]" --argjson optional true
    sweep_1 0
    expect_same "ok cells" "$(cells_that c ok)" 1
    run labsweep export c --table power_runs --format csv
    expect_out 'rail'
    expect_same "power" \
        "$("$top/tests/cli/archive.py" numbers c/archive.h5 power_runs power_full_w)" nan
    [ -z "$(lab ps "$work/lab" 1 | grep 'sleep 1000')" ] ||
        oops "the sensor's command is left"
}

# Zones that cool down as they are looked at: waited for, then measured.
too_hot() {
    tool cat <<'END'
case $1 in /sys/class/thermal/*) ;; *) exec /bin/cat "$@" ;; esac
read -r t <~/hot
echo "$t" | tee -a ~/looks
echo $((t - 15000)) >~/hot
END
    echo 95000 >lab/boards/1/home/hot
    on_board_1 .
    experiment 1 '/bin/cat ~/looks >>~/at-start'
    jq '.thermal_limit = "70 degC"' experiment.json >e && mv e experiment.json
    sweep_1 0
    rm -r lab/boards/1/home/bin
    expect_same "looks before the cell" \
        "$(tr '\n' ' ' <lab/boards/1/home/at-start)" "95000 80000 65000 "
    expect_same "temperature before" "$("$top/tests/cli/archive.py" numbers \
        c/archive.h5 attempts temp_before_degc)" 65.0
}

# A zone that never cools: waited for as long as is allowed, then measured and
# marked.
stays_hot() {
    [ -n "${LABSWEEP_LONG-}" ] || {
        echo "# skipped: takes two minutes, LABSWEEP_LONG=1 runs it"
        return 0
    }
    tool cat <<'END'
case $1 in /sys/class/thermal/*) echo 95000 ;; *) exec /bin/cat "$@" ;; esac
END
    on_board_1 .
    experiment 1 true
    jq '.thermal_limit = "70 degC"' experiment.json >e && mv e experiment.json
    sweep_1 0
    rm -r lab/boards/1/home/bin
    "$top/tests/cli/archive.py" column c/archive.h5 attempts noisy_reason >out
    expect_out 'started at 95.0 degC, limit 70.0 degC'
}

# A board whose date(1) knows seconds only: the offset holds within a bound
# that says so.
seconds_only_clock() {
    tool date <<'END'
exec /bin/date "$(printf %s "$1" | sed 's/%N//')"
END
    on_board_1 '.boards[0].meters = [ { name: "wave", driver: "fake",
        scope: "wall", idle: "0.1 s" } ]'
    experiment 1 'sleep 0.3'
    jq '.capture = ["power"]' experiment.json >e && mv e experiment.json
    sweep_1 0
    rm -r lab/boards/1/home/bin
    offset=$("$top/tests/cli/archive.py" numbers c/archive.h5 attempts \
        board_clock_offset_s)
    bound=$("$top/tests/cli/archive.py" numbers c/archive.h5 attempts \
        board_clock_bound_s)
    # one machine: the offset is 0, and the bound must hold it
    awk -v o="$offset" -v b="$bound" 'BEGIN {
        exit !(b >= 0.5 && b < 2.5 && o <= b && -o <= b) }' ||
        oops "offset $offset s, bound $bound s"
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
holds "op modes that are not granted, or cannot be read" modes_not_granted
holds "an accelerator that fell back" accelerator_fell_back
holds "a declared sensor that is silent" silent_sensor
holds "a board too hot is waited for" too_hot
holds "a board that stays hot is measured and marked" stays_hot
holds "a clock that tells whole seconds only" seconds_only_clock
holds "another host key than the listed one is refused" changed_host_key
done_testing
