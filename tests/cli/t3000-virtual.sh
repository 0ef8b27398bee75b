#!/bin/bash
# t3000-virtual.sh - the published table's sweep in a lab of emulated boards
#
# All 424 cells over real SSH and MPI, through every shipped adapter that the
# table needs; a part of them (three batch sizes) in builds with sanitizers,
# unless LABSWEEP_LONG is set.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99

virtual() { "$top/tests/lab/virtual/virtual" "$@"; }
compare() {
    "$top/tests/lab/virtual/compare.py" "$1" \
        "$top/data/published/published_mnist.csv"
}

inventory=$work/virtual/inventory.json
virtual_end() { virtual stop "$work/virtual" >/dev/null 2>&1; }

begin() {
    command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] ||
        skip_all "no sshd: install openssh-server"
    trap virtual_end EXIT
    before_end=virtual_end
    trap 'exit 130' INT
    trap 'exit 143' TERM
    local tries=0 port=$((22000 + $$ % 10000))
    until virtual start "$work/virtual" --base 127.0.79 --port $port \
        >lab.log 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 5 ] && grep -q 'is taken' lab.log || {
            cat lab.log
            exit 1
        }
        port=$((port + 1))
    done
}

# part FILTER: the table's experiment with its paths, changed by a jq filter.
part() {
    jq --arg top "$top" '
        .topologies.MLP = $top + "/experiments/topologies/mlp.json"
        | .datasets.MNIST.dir = $top + "/data/mnist" | '"$1" \
        "$top/experiments/mnist.json" >part.json
}

whole=.
total=424 ok=406 accuracies=294
case ${LABSWEEP_LONG-}$BUILD in
*san) # asan, tsan
    whole='.matrix |= map(.batch |= map(select(. == 2 or . == 8 or . == 10000)))'
    total=112 ok=102 accuracies=70
    ;;
esac
failed=$((total - ok))

begin
sweep() {
    part "$whole"
    run labsweep launch -n 3 -- run part.json -i "$inventory" -o campaign
    expect_code 1
    expect_out "^.*: $ok ok, $failed failed, 5 na, 0 left, in .*, emulated$"
}

numbers() {
    run compare campaign/archive.h5
    expect_code 0
    expect_out "^$ok cells as their tools were told, 0 not"
    expect_out "top1_pct in $accuracies"
}

unpublished() {
    cells campaign | awk '$2 == "failed"' >failed
    expect_same "INT4 100 % without a package" \
        "$(grep -c 'MLP-INT4-100.zip.*No such file' failed)" \
        $((failed - 7))
    expect_same "batch 10000" \
        "$(grep -c 'Failed to allocate Memory' failed)" 7
}

# Tools that fail as theirs do: a cell of each, one sentence.
failures() {
    local board
    for board in bismo-1:bismo a53-1:gemm ncs-1:myriad ncs-3:myriad \
        tx2-1:trtexec tx2-2:unstable tx2-3:nvpmodel; do
        virtual fault "$work/virtual" "${board%:*}" "${board#*:}"
    done
    part '.matrix |= map(select(.platform != ["ZCU104-FINN"])
            | .pruning_factor_pct = [25] | .batch = [8]
            | .precision |= .[:1]) | .measure.attempts = 1 | .na = []
        | .boards = "each"'
    run labsweep run part.json -i "$inventory" -o faults
    expect_code 1
    cells faults >failed
    for words in "testapp printed an exception" "std::bad_alloc" \
        "Can not init Myriad device: NC_ERROR" "Cuda failure: unspecified launch" \
        "op mode 'maxn' was not granted: the board says 'MAXP_CORE_ARM 3'"; do
        grep -q -e "$words" failed || oops "no cell says '$words'"
    done
    run labsweep analyze results faults --where platform=TX2,noisy=1
    expect_out 'provenance: emulated, .*platform: TX2'
}

# No row of it is taken for a measurement, in any output.
provenance() {
    run labsweep analyze results campaign --json
    jq -e 'all(.. | objects | select(has("provenance"));
        .provenance == "emulated")' out >/dev/null || oops "another provenance"
    for analysis in efficiency predict errors roofline; do
        run labsweep analyze $analysis campaign
        expect_code 0
        expect_out '^no measured platform has a known peak and bandwidth'
    done
    run labsweep status campaign
    expect_out emulated
    run labsweep export campaign -o rows.csv
    expect_code 0
    grep -q emulated rows.csv || oops "no provenance in the CSV"
    run labsweep import "$top/data/published/published_mnist.csv" \
        -i "$top/inventory/qutibench.json" -o published
    expect_code 0
    run labsweep compare campaign published
    expect_code 2
    expect_sentence 'op points are of an emulated board on one side: they are not compared'
    run labsweep report campaign published -o report.html
    expect_code 0
    grep -q '"emulated"' report.html || oops "no provenance in the report"
}

# BISMO and gemmbitserial tell no accuracy; their arithmetic is whole, and so
# labrunner's answers are theirs: 99.13 % of runner/models/mlp-w256-b2.mlpw.
bit_exact() {
    virtual fault "$work/virtual" bismo-1
    virtual fault "$work/virtual" a53-1
    jq --arg models "$top/runner/models" '.boards |= map(
        if .name == "bismo-1" or .name == "a53-1" then
            .parameters += { weights: $models, arch: "x86_64" }
        else . end)' "$inventory" >virtual/weights.json
    part '.matrix |= map(select(.batch[0] == 2) | .precision = ["INT2"]
        | .pruning_factor_pct = [12.5] | .batch = [4, 8]) | .na = []'
    run labsweep run part.json -i virtual/weights.json -o exact
    expect_code 0
    run labsweep export exact --format jsonl
    jq -s -e 'length == 4 and all(.accuracy_source == "host_bit_exact" and
        .top1_pct == 99.13 and .accuracy_images == 10000)' out >/dev/null ||
        oops "not what the weights are known for"
}

# A model file of one layer less is not measured under the planned name.
another_network() {
    cp virtual/models/short-25.onnx virtual/models/MLP-25.onnx
    part '.matrix |= map(select(.platform == ["TX2"]) | .batch = [4]
        | .op_mode = ["maxn"] | .precision = ["FP16"]
        | .pruning_factor_pct = [25]) | .na = [] | .measure.attempts = 1'
    run labsweep run part.json -i "$inventory" -o short
    expect_code 3
    expect_err 'invalid: .*MLP-25.onnx holds another network than planned: 668672 parameters, expected 930816'
}

holds "the whole table is swept, and what is not published fails" sweep
holds "every tool's numbers arrive" numbers
holds "cells without a published row fail as the real ones" unpublished
holds "emulated stays emulated, and is held against nothing" provenance
holds "a failing tool fails its cell with one sentence" failures
holds "integer networks are classified by labrunner, bit for bit" bit_exact
holds "another network than planned is invalid" another_network
done_testing
