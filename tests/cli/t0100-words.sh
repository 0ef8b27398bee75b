#!/bin/bash
# t0100-words.sh - help, wrong words, and one sentence for each
. "$(dirname "$0")/lib.sh"

commands() { labsweep --help | awk '/^commands:/ { on = 1; next } \
    on && NF == 0 { exit } on && $1 ~ /^[a-z]+$/ { print $1 }'; }

help_lists_commands() {
    run labsweep --help
    expect_code 0
    for word in plan validate boards run resume launch stop; do
        expect_out "^  $word "
    done
}

every_command_helps() {
    local seen=0
    for command in $(commands); do
        run labsweep "$command" --help
        expect_code 0
        expect_out "^usage: labsweep $command"
        expect_out '^  -j, --json  '
        seen=$((seen + 1))
    done
    [ $seen -ge 8 ] || oops "only $seen commands"
}

every_command_refuses_unknown_option() {
    for command in $(commands); do
        run labsweep "$command" --helpp
        expect_code 2
        expect_sentence "^labsweep $command: unknown option '--helpp', did you mean '--help'"
        [ ! -s out ] || oops "an error on standard output"
    done
}

unknown_command() {
    run labsweep paln
    expect_code 2
    expect_sentence "unknown command 'paln', did you mean 'plan'"
}

nothing_said() {
    run labsweep
    expect_code 2
}

version() {
    run labsweep --version
    expect_code 0
    expect_out '^labsweep [0-9]+\.[0-9]+\.[0-9]+'
}

# A row: words | exit code | what the one sentence says
wrong_words() {
    while IFS='|' read -r words wanted says; do
        # shellcheck disable=SC2086  # words, not one word
        run labsweep $words
        [ "$code" = $wanted ] || oops "labsweep $words: exit code $code"
        expect_sentence "$says"
    done <<END
plan $top/experiments/demo.json|2|with -i INVENTORY
plan $work/no.json -i $work/no.json|2|no.json': No such file
run $top/experiments/demo.json --outpt x|2|'--outpt', did you mean '--output'
stop $work|2|^labsweep stop: [a-z ]+ '$work
resume $work|2|'$work' is no campaign folder: it has no 'journal'
resume $work/nowhere|2|cannot open '$work/nowhere/journal': No such file
analyze pareto $work|2|'$work' is no campaign folder: it has neither
archive verify $top/LICENSE|2|^labsweep archive: '[^']*LICENSE' is no HDF5 file
compare x|2|found 1 word$
launch -n 3 -- rnu x|2|'run' or 'resume'
launch -n 1 -- run x|2|ranks
END
}

holds "the help lists the commands" help_lists_commands
holds "every command has help, and --json in it" every_command_helps
holds "an unknown option is refused, with a guess" \
    every_command_refuses_unknown_option
holds "an unknown command is refused, with a guess" unknown_command
holds "no word at all is a wrong word" nothing_said
holds "the version is told" version
holds "wrong words get one sentence each" wrong_words
done_testing
