#!/bin/bash
# t0300-plan.sh - the plan is the same for ever, and needs no lab
. "$(dirname "$0")/lib.sh"
demo=$top/experiments/demo.json
loopback=$top/inventory/loopback.json

ids_never_change() {
    run labsweep plan "$demo" -i "$loopback" -c
    expect_code 0
    diff "$top/tests/golden/plan-demo.txt" out ||
        oops "ids of the demo's cells are not what they were"
}

ids_ignore_order_and_defaults() {
    labsweep plan "$demo" -i "$loopback" -c | grep -oE '^[0-9a-f]{16}' |
        sort >before
    [ "$(wc -l <before)" = 30 ] || oops "not 30 cells"
    jq '.matrix[0].batch |= reverse | .matrix[0].threads = [1]
        | .title = "another"' "$demo" |
        sed "s|topologies/mlp.json|$top/experiments/topologies/mlp.json|" \
            >exp.json
    labsweep plan exp.json -i "$loopback" -c |
        grep -oE '^[0-9a-f]{16}' | sort >after
    diff before after || oops "an id changed with what does not matter"
}

published_table_is_whole() {
    run labsweep plan "$top/experiments/mnist.json" \
        -i "$top/inventory/qutibench.json" --json
    expect_code 0
    expect_same "na rows" "$(jq '.plan.cells + .plan.na' out)" 429
    run labsweep plan "$top/experiments/mnist.json" \
        -i "$top/inventory/qutibench.json"
    expect_out 'ZCU104-FINN .* 88 '
    expect_out 'na in the published table'
    expect_out '^0 cells to run .*, 5 na, 424 without a board$'
}

# The same boards with an address and their op modes: what would run.
published_tables_would_run() {
    jq --arg command "$top/inventory/adapters/command.json" '.boards |= map(
        .transport = "local" | .adapter = $command | .op_modes =
        ({ TX2: { maxn: {}, maxp: {}, maxq: {} },
           TPU: { fast: {}, slow: {} } }[.platform] // {}))' \
        "$top/inventory/qutibench.json" >inv.json
    local row
    for row in mnist:424:5 cifar10:424:5 imagenet:212:18; do
        run labsweep plan "$top/experiments/${row%%:*}.json" -i inv.json --json
        expect_code 0
        expect_same "$row" \
            "${row%%:*}:$(jq -r '"\(.plan.cells):\(.plan.na)"' out)" "$row"
        jq -r '.plan.totals[] | [.platform, .op_mode, .cells,
            if .na_reason then "na" else "" end] | join(" ")' out >"${row%%:*}"
    done
    expect_same "the table's rows" "$(tr '\n' ',' <mnist)" \
"ZCU104-FINN default 88 ,ZCU104-BISMO default 56 ,\
U96-Quadcore-A53 default 56 ,TX2 maxn 64 ,TX2 maxp 64 ,TX2 maxq 64 ,\
NCS default 32 ,ZCU102-DPU  1 na,ZCU104-DPU  1 na,Ultra96-DPU  1 na,\
TPU fast 1 na,TPU slow 1 na,"
}

json_is_one_value() {
    run labsweep plan "$demo" -i "$loopback" --json
    expect_same schema "$(jq -r .schema out)" labsweep-plan/1
    expect_same cells "$(jq .plan.cells out)" 30
    expect_same values "$(jq -s length out)" 1
}

platform_without_board() {
    jq 'del(.boards)' "$loopback" >inv.json
    run labsweep plan "$demo" -i inv.json
    [ "$code" != 139 ] || oops "crashed"
    cat out err >both
    grep -q 'no board of platform x86-64-CPU\|boards' both ||
        oops "does not say that there is no board"
}

holds "the demo's cell ids never change" ids_never_change
holds "ids ignore order, defaults and titles" ids_ignore_order_and_defaults
holds "the published table is planned in full" published_table_is_whole
holds "what would run is the published tables, row by row" published_tables_would_run
holds "--json is one value with its schema" json_is_one_value
holds "a platform without a board is said" platform_without_board
done_testing
