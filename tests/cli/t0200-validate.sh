#!/bin/bash
# t0200-validate.sh - each mistake in a file: place, found, expected
. "$(dirname "$0")/lib.sh"

# edit FILTER: the demo's experiment, changed by jq.
edit() {
    jq "$1" "$top/experiments/demo.json" |
        sed "s|topologies/mlp.json|$top/experiments/topologies/mlp.json|" \
            >exp.json
}


# The schema files are not experiments; everything else that is shipped is.
shipped() {
    local files=()
    for file in "$top"/experiments/*.json "$top"/inventory/*.json \
        "$top"/inventory/adapters/*.json; do
        case $file in *.schema.json) ;; *) files+=("$file") ;; esac
    done
    run labsweep validate "${files[@]}"
    expect_code 0
}

# A row: a change | what the one sentence says
experiment_mistakes() {
    while IFS='|' read -r change says; do
        says=${says# }
        edit "$change"
        run labsweep validate exp.json
        [ "$code" = 2 ] || oops "$change: exit code $code"
        expect_sentence "exp.json: $says"
    done <<'END'
.matrix[0].bacth = [1] | matrix\[0\].*'?bacth.*did you mean '?batch
.repeat = 3 | .*'?repeat.*did you mean '?repeats
.measure.warmupp = "1 s" | measure.*warmupp.*did you mean '?warmup
.measure.warmup = 1 | measure.warmup: .*expected
.measure.warmup = "1 W" | measure.warmup: .*W
.matrix[0].batch = ["one"] | matrix\[0\].batch\[0\]: .*expected
.matrix[0].batch = [0] | matrix\[0\].batch\[0\]: 
.matrix[0].precision = ["INT99x"] | matrix\[0\].precision\[0\]: 
.matrix[0].topology = ["CNN"] | matrix\[0\].topology\[0\]: .*CNN
.matrix[0].dataset = ["MNITS"] | matrix\[0\].dataset\[0\]: .*did you mean '?MNIST
.repeats = -1 | repeats: .*-1.*expected
.boards = "al" | boards: .*expected
.order = "shufled" | order: .*(did you mean|expected)
.na = [{ "where": { "batch": 1 } }] | na\[0\].reason: .*expected
.na = [{ "where": { "bacth": 1 }, "reason": "x" }] | na\[0\].*bacth.*did you mean '?batch
.datasets.MNIST.files.images.sha256 = "12" | datasets.MNIST.files.images.sha256: expected 64
.axes = [{ "name": "batch", "type": "integer" }] | axes\[0\].name: .*batch.* is an axis already
del(.experiment) | .*experiment
END
}

malformed() {
    printf '{\n  "experiment": "x",\n  "matrix": [ { }\n' >exp.json
    run labsweep validate exp.json
    expect_code 2
    expect_sentence 'exp.json:.*(line )?[0-9]'
}

topology_missing() {
    edit '.topologies.MLP = "nowhere.json"'
    run labsweep validate exp.json
    [ "$code" != 0 ] || oops "a missing topology file passed"
    expect_sentence 'nowhere.json'
}

inventory_edit() {
    jq "$1" "$top/inventory/loopback.json" >inv.json
}

inventory_mistakes() {
    while IFS='|' read -r change says; do
        says=${says# }
        inventory_edit "$change"
        run labsweep validate inv.json
        [ "$code" = 2 ] || oops "$change: exit code $code"
        expect_sentence "inv.json: $says"
    done <<'END'
.boards[0].hots = "x" | boards\[0\].*hots.*did you mean '?host
.boards[0].port = 99999 | boards\[0\].port: .*99999
.boards[0].platform = "x86-64" | boards\[0\].platform: .*x86-64
.boards[0].transport = "shh" | boards\[0\].transport: .*ssh
.boards[0].name = "loop-[1-" | boards\[0\].name: 
.boards[0].meters = [{ "driver": "nosuch" }] | boards\[0\].meters\[0\]
.platforms."x86-64-CPU".type = "CPUU" | platforms.x86-64-CPU.type: .*CPUU
END
}

# What a meter's driver cannot do is said before anything runs.
meter_refused() {
    run labsweep "$@"
    [ "$code" = 2 ] || oops "$1: exit code $code"
    expect_sentence "inv.json: board '.*': meter 'm': .*low"
}

meter_mistakes() {
    inventory_edit '.boards[].adapter |= "'"$top"'/inventory/adapters/\(.).json"
        | .boards[0].meters = [{ "name": "m", "driver": "fake",
              "options": { "low": 2.5 } }]'
    meter_refused validate inv.json
    meter_refused plan "$top/experiments/demo.json" -i inv.json
    meter_refused run "$top/experiments/demo.json" -i inv.json -o new
    [ ! -e new ] || oops "a campaign was begun"
}

file_for_folder() {
    echo words >plain
    run labsweep run "$top/experiments/demo.json" \
        -i "$top/inventory/loopback.json" -o plain
    [ "$code" = 2 ] || oops "exit code $code"
    expect_sentence "'plain' is a file"
    [ "$(cat plain)" = words ] || oops "the file was written to"
}

holds "all that is shipped is valid" shipped
holds "each mistake in an experiment is named with its place" \
    experiment_mistakes
holds "broken JSON is named with its line" malformed
holds "a missing topology file is named" topology_missing
holds "each mistake in an inventory is named with its place" \
    inventory_mistakes
holds "a meter that cannot be is named before anything runs" meter_mistakes
holds "a file is no folder for a campaign" file_for_folder
done_testing
