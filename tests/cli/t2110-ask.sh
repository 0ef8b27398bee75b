#!/bin/bash
# t2110-ask.sh - an op mode that only a hand can set: the sweep asks for it,
# tells the user's command, and goes on once the board says so
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99

jq -n --arg dir "$PWD" '{ lab: "bench",
    platforms: { shell: { type: "CPU", engine: "batched", weights: "dram",
                          activations: "dram", op_modes: { fast: {} } } },
    boards: [ { name: "b", platform: "shell", transport: "local",
                adapter: "switch", parameters: { dir: $dir },
                op_modes: { fast: { id: 2 } } } ] }' >inventory.json
mkdir adapters
jq -n '{ adapter: "switch",
    op_mode: { read: { run: "cat {param.dir}/mode", pattern: "(.*)" },
               ask: "turn switch 6 of {board} to {mode.id}",
               ask_limit: "30 s",
               verify: { run: "cat {param.dir}/mode", pattern: "(.*)",
                         expect: "{mode.id}" } },
    jobs: [ { name: "measure", run: "{!command}" } ] }' >adapters/switch.json
cat >hand <<'END'
#!/bin/sh
printf '%s|%s|%s\n' "$LABSWEEP_EVENT" "$LABSWEEP_BOARD" "$LABSWEEP_TEXT" >>told
[ "$LABSWEEP_EVENT" != ask ] || echo 2 >mode
END
chmod +x hand

someone_told_turns_the_switch() {
    experiment 2 true
    jq '.matrix[0].op_mode = ["fast"]' experiment.json >fast.json
    echo 0 >mode
    run labsweep run fast.json -i inventory.json -o c -q --notify ./hand
    expect_code 0
    expect_same "ok cells" "$(cells_that c ok)" 2
    expect_same "who was asked" "$(grep -c '^ask|b|turn switch 6 of b to 2$' \
        told)" 1
}

holds "someone who is told turns the switch" someone_told_turns_the_switch
done_testing
