#!/bin/bash
# t1340-security.sh - hostile parameters do nothing; secrets stay where they are
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
lab_begin 1 127.0.94
pwned=/tmp/pwned$$ # short: a value has 63 bytes

# An adapter that lets the board say an axis' value back, byte for byte.
cat >echo.json <<'END'
{ "adapter": "echo", "jobs": [ { "name": "measure", "run":
    "printf '%s' {word} | od -An -v -tx1 | tr -d ' \\n'; echo; printf '%s' {param.word} >/dev/null; sleep 0.3" } ] }
END
words=("\$(touch $pwned)" "\`touch $pwned\`" "; touch $pwned" "'; touch $pwned; '"
    "\" && touch $pwned \"" "| touch $pwned" "> $pwned"
    "a b  c" "*" "~" "\\" "--help" "\${HOME}" "ä€" "{word}" "{!word}" "%s%n")

hostile_parameters_are_words() {
    jq '.boards[0] += { adapter: "./echo.json",
        parameters: { word: ("\u0027; touch " + $pwned + "; \u0027") } }' \
        --arg pwned "$pwned" "$inventory" >hostile-inventory.json
    jq -n '{ experiment: "hostile", axes: [ { name: "word", type: "text" } ],
        matrix: [ { platform: ["shell"], word: $ARGS.positional } ],
        capture: ["raw_output"],
        measure: { warmup: "0.1 s", min_time: "0.1 s", max_time: "5 s",
            total_limit: "20 s" } }' --args -- "${words[@]}" >hostile.json
    # meanwhile, and to the end: every command line on this machine
    ( while [ ! -e over ]; do
        for f in /proc/[0-9]*/cmdline; do
            tr '\0' ' ' <"$f" || true # gone meanwhile
            echo
        done 2>/dev/null >>argv
        sleep 0.05
    done ) &
    run labsweep run hostile.json -i hostile-inventory.json -o hostile
    touch over
    wait
    expect_code 0
    cat out err >sweep.log
    [ ! -e "$pwned" ] || oops "a parameter was run"
    "$top/tests/cli/archive.py" strings hostile/archive.h5 >raw
    for word in "${words[@]}"; do
        printf '%s' "$word" | od -An -v -tx1 | tr -d ' \n' >hex
        grep -qxF "$(cat hex)" raw || oops "not said back: '$word'"
    done
}

# The private key is what we know by reference: every line of it is looked
# for in all that the sweep wrote and said.
the_key_is_nowhere() {
    grep -v -- '-----' lab/key >secret
    [ "$(wc -l <secret)" -gt 2 ] || oops "no secret to look for"
    labsweep report hostile >report.log 2>&1 || true
    labsweep export hostile --format csv >export.log 2>&1 || true
    labsweep boards leases -i hostile-inventory.json --json >leases.log 2>&1
    ! grep -rqaFf secret hostile argv ./*.log ||
        oops "the key is in $(grep -rlaFf secret hostile argv ./*.log)"
    [ -s argv ] || oops "no command line was seen"
    grep -q 'labsweep run hostile.json' argv || oops "ours was not seen"
    "$top/tests/cli/archive.py" strings hostile/archive.h5 \
        >archive.txt ||
        oops "the archive cannot be read"
    [ -s archive.txt ] || oops "nothing is in the archive"
    ! grep -qaFf secret archive.txt || oops "the key is in the archive"
}

open_files_are_told() {
    chmod 644 lab/key
    experiment 1 true
    run labsweep run experiment.json -i "$inventory" -o open
    chmod 600 lab/key
    expect_err "the key .*lab/key' may be read by others \(mode 0644\)"
    chmod 777 hostile
    run labsweep resume hostile
    chmod 755 hostile
    expect_code 0
    expect_err "anybody may write into 'hostile' \(mode 0777\)"
}

holds "hostile parameters are words" hostile_parameters_are_words
holds "the key is nowhere" the_key_is_nowhere
holds "files that others may touch are told" open_files_are_told
done_testing
