#!/bin/bash
# t1240-predict.sh - cells predicted before they run, and judged after; compare
. "$(dirname "$0")/lib.sh"

# A tool whose times are affine in batch, bytes and operations: 1 ms a batch,
# 20 us an image, half the bandwidth, a tenth of the peak.  One cell, 50 % at
# batch 16, takes three times as long.  $work/slow makes all slower by that
# factor; repeats scatter by 0.2 %.
tool() {
    cat >tool <<'END'
#!/bin/sh
pruning=$1 batch=$2 repeat=$3 sha=$4
slow=$(cat "${0%/*}/slow" 2>/dev/null || echo 1)
awk -v p="$pruning" -v b="$batch" -v r="$repeat" -v slow="$slow" -v sha="$sha" '
    BEGIN {
        w = 2048 * p / 100; params = 784 * w + 2 * w * w + 10 * w
        t = 1e-3 + 2e-5 * b + params / 0.5e9 + b * 2 * params / 1e10
        if (p == 50 && b == 16) t *= 3
        t *= slow * (1 + 0.002 * (r % 3 - 1))
        printf "{\"fps\": %.9g, \"lat\": %.9g, \"top1\": %g", b / t, t, 90 + p / 20
        printf ", \"sha\": \"%s\"}\n", sha
    }'
END
    chmod +x tool
}

adapter() {
    jq -n --arg run "$work/tool {pruning_factor_pct} {batch} {repeat} {weights}" '{
        adapter: "affine", jobs: [ { name: "measure", run: $run } ],
        collect: [
            { column: "fps_comp", unit: "1/s", path: "fps" },
            { column: "lat_comp_s", unit: "s", path: "lat" },
            { column: "top1_pct", unit: "percent", path: "top1" },
            { column: "model_digest", path: "sha", optional: true } ] }' \
        >adapter.json
}

# lab_of WEIGHTS_OF_B: two platforms, and the weights that each runs.
lab_of() {
    jq -n --arg b "$1" --arg adapter "$work/adapter.json" '{
        lab: "affine",
        platforms: (def told: { value: ., source: "this test",
                                kind: "derived" };
            { type: "CPU", engine: "batched", weights: "dram",
              on_chip_memory: ("1 byte" | told), op_modes: { default: {
                  bandwidth: ("1 GB/s" | told),
                  peak: { INT8: ("0.1 TOP/s" | told) } } } } |
            { a: ., b: . }),
        boards: ([["a", "x"], ["b", $b]] | map({ name: ("board-" + .[0]),
            platform: .[0], transport: "local", adapter: $adapter,
            parameters: { weights: .[1] } })) }' >lab.json
}

# experiment REPEATS FILE [CONDITIONS]: the same network by its layers, and by
# counts alone; CONDITIONS (jq) change it.
experiment() {
    jq -n --arg mlp "$top/experiments/topologies/mlp.json" --argjson n "$1" '{
        experiment: "affine", title: "affine", repeats: $n,
        topologies: { MLP: $mlp, Counted: { counts: ([100, 50, 25] | map(
            (20.48 * . | 784 * . + 2 * . * . + 10 * .) as $params |
            { "\(.)": { ops_image: (2 * $params), params: $params } }) | add) } },
        matrix: [ { topology: ["MLP", "Counted"], platform: ["a"],
                    precision: ["INT8"], pruning_factor_pct: [100, 50, 25],
                    batch: [1, 4, 16, 64] },
                  { topology: ["MLP"], platform: ["b"], precision: ["INT8"],
                    pruning_factor_pct: [100], batch: [1] } ],
        measure: { warmup: "0.01 s", min_time: "0.01 s", max_time: "5 s",
                   total_limit: "10 s", silence_limit: "10 s",
                   connect_limit: "5 s", attempts: 1 } }' |
        jq "${3:-.}" >"$2"
}

# predictions CAMPAIGN TOPOLOGY: of the calibrated model, compute scope.
predictions() {
    labsweep analyze predict --model calibrated "$1" -w "topology=$2" --json |
        jq -c '.analyze[] | select(.scope == "compute")'
}

corners_predict_the_rest() {
    tool && adapter && lab_of x && experiment 1 experiment.json
    run labsweep run experiment.json -i lab.json -o c --quiet \
        --only pruning_factor_pct=100,25,batch=1,64
    expect_code 0
    for topology in MLP Counted; do
        predictions c $topology >rows
        expect_same corners "$(grep -c '"fitted to"' rows)" 4
        expect_same rest "$(grep -c '"not measured"' rows)" 8
        jq -se 'map(select(.state == "not measured")) | all(.fps == null and
            .predicted_fps > 0 and .low_fps < .predicted_fps and
            .mark == "")' rows >/dev/null || oops "$topology: no predictions"
    done
    predictions c MLP >before
    run labsweep analyze savings c --json
    expect_code 0
    jq -e '.analyze[] | select(.unit == "a" and .scope == "compute") |
        .corners == 8 and .not_measured == 16 and .open_s > 0 and
        .corners_s > 0' out >/dev/null || oops "no lab time is told"
}

what_was_predicted_comes_true() {
    run labsweep resume c --quiet
    expect_code 0
    predictions c MLP >after
    # predictions stand, whatever was measured since
    jq -sc 'map([.pruning_factor_pct, .batch, .predicted_fps])' before >a
    jq -sc 'map([.pruning_factor_pct, .batch, .predicted_fps])' after >b
    cmp a b || oops "measuring more changed what the corners say"
    jq -se 'map(select(.state == "held out")) | length == 8 and
        (map(select(.factor < 1.01)) | length == 7)' after >/dev/null ||
        oops "an affine tool is not predicted"
    expect_same missed "$(jq -c 'select(.mark != "") |
        [.pruning_factor_pct, .batch, .mark]' after)" \
        '[50,16,"misses the band"]'
    predictions c Counted | jq -se 'map(select(.state == "held out" and
        .factor < 1.01)) | length == 7' >/dev/null ||
        oops "counts alone do not predict"
    run labsweep analyze savings c --json
    expect_code 0
    jq -e '.analyze[] | select(.unit == "a" and .scope == "compute") |
        .not_measured == 0 and .missed == 2 and .rest_s > 0' \
        out >/dev/null || oops "no lab time is told"
}

# Retrained weights of one network are on no common front, unless asked.
weights_are_apart() {
    lab_of x
    experiment 1 experiment.json '.matrix[0].topology = ["MLP"] |
        .matrix[0].batch = [1, 64]'
    run labsweep run experiment.json -i lab.json -o same --quiet
    expect_code 0
    lab_of y
    run labsweep run experiment.json -i lab.json -o other --quiet
    expect_code 0
    run labsweep analyze pareto same -w topology=MLP --json
    expect_same "one training" "$(jq -c '[.analyze[].weights_set] | unique' \
        out)" '[null]'
    run labsweep analyze pareto other -w topology=MLP --json
    expect_same "two trainings" "$(jq -c '[.analyze[] | select(.platform == "b")
        | .weights_set]' out)" '[2]'
    run labsweep analyze pareto other -w topology=MLP
    expect_out ' weights'
    for words in "" "--metrics fps_comp,top1_pct"; do
        run labsweep analyze pareto other -w topology=MLP $words --json
        expect_code 0
        jq -e '[.analyze[].platform] | index("b")' out >/dev/null ||
            oops "weights of another training lost to these $words"
        run labsweep analyze pareto other -w topology=MLP $words \
            --any-weights --json
        expect_code 0
        jq -e '[.analyze[].platform] | index("b") | not' out >/dev/null ||
            oops "asked for one front, got two $words"
    done
    run labsweep report other --any-weights -o other.html
    expect_code 0
}

# 0 nothing is worse, 1 something is, 2 an error of any kind.
compare_ends_like_diff() {
    experiment 3 repeats.json '.matrix |= .[:1] | .matrix[0].batch = [64] |
        .matrix[0].pruning_factor_pct = [100]'
    run labsweep run repeats.json -i lab.json -o old --quiet
    expect_code 0
    run labsweep run repeats.json -i lab.json -o again --quiet
    expect_code 0
    echo 1.05 >slow
    run labsweep run repeats.json -i lab.json -o slower --quiet
    expect_code 0
    rm slow
    run labsweep compare old again
    expect_code 0
    run labsweep compare old slower
    expect_code 1
    expect_out 'slower by 4\.[0-9]+ % ± '
    run labsweep compare slower old
    expect_code 0
    expect_out 'faster by '
    run labsweep compare old slower --json
    expect_code 1
    jq -e .compare out >/dev/null || oops "no JSON"
    run labsweep compare old slower --where 'batch=64,topology=Counted' --csv
    expect_code 1
    expect_same rows "$(wc -l <out)" 2
    run labsweep compare old nothing
    expect_code 2
    expect_sentence nothing
    run labsweep compare old slower --where 'btach=1'
    expect_code 2
    expect_sentence "did you mean 'batch'"
    run labsweep compare old
    expect_code 2
}

# Two archives of one title are told apart by their folders, no table pools
# them, and each has its own facts of a platform that both name.
archives_are_told_apart() {
    local what
    jq '.platforms.a.op_modes.default.bandwidth.value = "2 GB/s"' lab.json \
        >wide.json
    run labsweep run repeats.json -i wide.json -o wide --quiet
    expect_code 0
    for what in results overview pareto efficiency roofline predict savings \
        errors boxplot coverage machines weights quality; do
        run labsweep analyze $what wide old --json
        expect_code 0
        # "" are platforms that nothing was planned for
        jq -e '[.analyze[].source] | unique |
            . - ["", "affine (old)", "affine (wide)"] == []' out >/dev/null ||
            oops "$what does not say which archive"
        jq -c '.analyze[] | select(.source == "affine (old)") | del(.source)' \
            out >of-both
        labsweep analyze $what old --json |
            jq -c '.analyze[] | select(.source != "") | del(.source)' >of-one
        sort of-both | cmp -s - <(sort of-one) ||
            oops "$what of two archives is not what it is of one"
    done
    run labsweep analyze results old wide
    expect_out 'affine \(wide\)'
    run labsweep analyze verdict old wide --json
    expect_same ridges "$(jq -c '[.analyze[] | select(.unit == "a" and
        .topology == "MLP") | [.source, .ridge_op_byte]]' out)" \
        '[["affine (old)",100],["affine (wide)",50]]'
    run labsweep analyze theory old old --json
    expect_same "said once" "$(jq '.analyze | length' out)" \
        "$(labsweep analyze theory old --json | jq '.analyze | length')"
    # intervals over the three repeats, as numbers
    run labsweep analyze results old --json
    jq -e '.analyze | length == 2 and all(.repeats == 3 and
        .fps_comp_low < .fps_comp and .fps_comp < .fps_comp_high)' out \
        >/dev/null || oops "no intervals"
}

# One board of a platform is emulated: no table pools it with the other.
emulated_is_not_mixed_in() {
    local what
    jq '.boards[0] as $one | .boards = [$one,
        $one + { name: "twin", emulated: true }]' lab.json >twins.json
    experiment 1 each.json '.boards = "each" | .matrix |= .[:1] |
        .matrix[0] += { topology: ["MLP"], pruning_factor_pct: [100, 25],
                        batch: [1, 64] }'
    run labsweep run each.json -i twins.json -o twins --quiet
    expect_code 0
    for what in results pareto boxplot; do
        run labsweep analyze $what twins --json
        expect_same "$what" "$(jq -c '[.analyze[].provenance] |
            group_by(.) | map([.[0], length]) | [.[0][1] == .[1][1], .[][0]]' \
            out)" '[true,"emulated","measured"]'
    done
    for what in overview coverage; do
        run labsweep analyze $what twins --json -w platform=a
        expect_same "$what" "$(jq -r '[.analyze[].provenance] | unique[]' \
            out)" 'measured, emulated'
    done
    run labsweep analyze errors twins --json
    jq -e '.analyze | length > 0 and all(.provenance == "measured" and
        .rows == 4 or .model == "calibrated, held out")' out >/dev/null ||
        oops "errors of what a tool was told"
    run labsweep compare twins twins
    expect_code 0
}

holds "four corners predict cells that were not run" corners_predict_the_rest
holds "what was predicted comes true, and what misses is marked" \
    what_was_predicted_comes_true
holds "fronts are apart by training" weights_are_apart
holds "compare ends with 0, 1 or 2" compare_ends_like_diff
holds "archives are told apart" archives_are_told_apart
holds "what is emulated is not mixed in" emulated_is_not_mixed_in
done_testing
