#!/bin/bash
# t0410-runner-words.sh - labrunner's exit codes, sentences and JSON
. "$(dirname "$0")/lib.sh"
mnist=$top/data/mnist
models=$top/runner/models
runner=$BUILD/bin/labrunner-$(uname -m)
[ -e "$mnist/t10k-images-idx3-ubyte" ] || skip_all "no MNIST: scripts/fetch-mnist"
[ -x "$runner" ] || skip_all "labrunner is not built"

# run_point WEIGHTS PRECISION OPTION...
run_point() {
    local weights=$1 precision=$2
    shift 2
    run "$runner" run --weights "$weights" --precision "$precision" \
        --images "$mnist/t10k-images-idx3-ubyte" --min-s 0.02 \
        --min-batches 3 "$@"
}

# refused CODE SENTENCE: that exit code, one sentence, and no JSON at all
refused() {
    expect_code "$1"
    expect_sentence "$2"
    [ ! -s out ] || oops "something on standard output"
}

a_run_is_one_json_line() {
    run_point "$models/mlp-w256-b2.mlpw" INT2 --batch 100 --accuracy \
        --labels "$mnist/t10k-labels-idx1-ubyte" --latencies -
    expect_code 0
    [ "$(wc -l <out)" = 1 ] || oops "not one line"
    jq -e '.correct == 9913 and .top1_pct == 99.13 and .batches >= 3
        and .fps_comp >= .fps_sys and .lat_sys_s.p50 > 0
        and .lat_sys_s.p90_bound == null or .batches >= 64
        and (.lat_sys_samples_ns | length) <= 16384
        and .ops_image == 668672 and .t_end_mono_ns > .t_start_mono_ns' \
        out >/dev/null || oops "not the fields asked for"
}

predictions_are_those_counted() {
    local labels=$mnist/t10k-labels-idx1-ubyte right
    run_point "$models/mlp-w256-b4.mlpw" INT4 --batch 100 --accuracy-only \
        --labels "$labels" --predictions
    expect_code 0
    jq -r .predictions out | fold -w1 >classes
    right=$(tail -c +9 "$labels" | od -An -v -tu1 -w1 | tr -d ' ' |
        paste - classes | awk '$1 == $2' | wc -l)
    expect_same "right answers" "$right" "$(jq .correct out)"
    run_point "$models/mlp-w256-b4.mlpw" INT4 --predictions
    refused 2 "--predictions needs --accuracy"
}

a_noisy_pass_is_repeated_as_asked() {
    # a warm-up that max-s cuts short never becomes stable: always noisy
    for times in 0 2; do
        run_point "$models/mlp-w256-b2.mlpw" INT2 --max-s 0.03 \
            --noisy-repeats $times
        expect_code 0
        jq -e ".noisy and .noisy_repeats == $times and
            (.noisy_reason | test(\"warm-up\"))" out >/dev/null ||
            oops "not noisy after $times repeats"
    done
}

keys_do_not_depend_on_what_was_measured() {
    local timed untimed
    run_point "$models/mlp-w256-b2.mlpw" INT2
    expect_code 0
    timed=$(jq -r 'keys[]' out)
    run_point "$models/mlp-w256-b2.mlpw" INT2 --accuracy-only \
        --labels "$mnist/t10k-labels-idx1-ubyte"
    expect_code 0
    untimed=$(jq -r 'del(.accuracy_s) | keys[]' out)
    expect_same "keys" "$untimed" "$timed"
}

words_without_sense_are_refused() {
    run "$runner" dance
    refused 2 "'dance' is not a command"
    run "$runner" run --wieghts x
    refused 2 "--wieghts is unknown"
    run_point "$models/mlp-w256-b2.mlpw" INT3
    refused 2 "precision 'INT3' is unknown"
    run_point "$models/mlp-w256-b2.mlpw" INT2 --batch 10001
    refused 2 "larger than the 10000 images"
    run_point "$models/mlp-w256-b2.mlpw" INT2 --accuracy
    refused 2 "--labels is missing"
}

damaged_files_are_refused() {
    run_point no-such-file INT2
    refused 3 "cannot open weights no-such-file"
    head -c 5000 "$models/mlp-w256-b2.mlpw" >cut.mlpw
    run_point cut.mlpw INT2
    refused 4 "cut.mlpw ends inside layer 0"
    cp "$models/mlp-w256-b2.mlpw" altered.mlpw
    printf '\125' | dd of=altered.mlpw bs=1 seek=5000 conv=notrunc status=none
    run_point altered.mlpw INT2
    refused 4 "altered.mlpw is altered"
    run_point "$models/mlp-w256-b2.mlpw" INT8
    refused 4 "INT8 needs a file of 16"
    run_point "$models/mlp-w256-b2.mlpw" INT2 --weights-sha256 beef
    refused 4 "expected beef"
    run_point "$models/mlp-w256-b2.mlpw" INT2 --images cut.mlpw
    refused 4 "expected IDX magic"
}

a_kernel_that_is_not_there_is_refused() {
    run_point "$models/mlp-w256-b2.mlpw" INT2 --kernel nosuch
    refused 6 "no kernel 'nosuch' for INT2"
}

too_little_memory_is_a_sentence() {
    local before
    before=$(ulimit -v)
    ulimit -S -v 40000
    run_point "$models/mlp-w2048-b16.mlpw" FP32
    ulimit -S -v "$before"
    refused 5 "no memory"
}

a_full_disk_is_a_sentence() {
    code=0
    "$runner" info >/dev/full 2>err || code=$?
    : >out
    refused 7 "No space left on device"
    run_point "$models/mlp-w256-b2.mlpw" INT2 --latencies /dev/full
    refused 7 "cannot write /dev/full"
}

a_run_without_memory_costs_itself_only() {
    local files="\"weights\":\"$models/mlp-w256-b2.mlpw\",\"precision\":\"INT2\""
    files+=",\"images\":\"$mnist/t10k-images-idx3-ubyte\",\"min_s\":0.02"
    {
        echo "{\"cmd\":\"run\",$files}"
        echo "{\"cmd\":\"run\",$files,\"batch\":10000}"
        echo "{\"cmd\":\"run\",$files,\"batch\":2}"
    } >requests
    code=0
    (ulimit -v 26000 && exec "$runner" serve) <requests >out 2>err || code=$?
    expect_code 0
    [ "$(jq -r '.ok' out | tr '\n' ' ')" = "true false true " ] ||
        oops "not: answered, refused, answered"
    [ "$(jq -r 'select(.ok | not) | .error' out)" = nomem ] ||
        oops "the second failed for another reason"
}

ceilings_are_measured() {
    run "$runner" roofline --budget-s 0.1
    expect_code 0
    jq -e '(.levels | length) >= 5 and (.peaks | length) == 5
        and all(.levels[]; .read_byte_s > 1e6 and .copy_byte_s > 1e6)
        and all(.peaks[]; .op_s > 1e6) and .threads == 1
        and ([.more_threads[]?.threads] | max // 1) == .cores
        and all(.more_threads[]?; (.peaks | length) == 5)' out >/dev/null ||
        oops "not the fields asked for"
    run "$runner" roofline --budget-s 0.05 --threads 2
    expect_code 0
    jq -e '.threads == 2 and (has("more_threads") | not)' out >/dev/null ||
        oops "not the one number of threads"
}

power_names_a_missing_source() {
    run "$runner" power --source label=a,path=/nonexistent/power,unit=W
    refused 8 "/nonexistent/power"
    run "$runner" power --source label=a,path=hwmon:nosuch:x,unit=W
    refused 8 "no hwmon device is named nosuch"
}

holds "a run is one JSON line" a_run_is_one_json_line
holds "predictions are those counted" predictions_are_those_counted
holds "a noisy pass is repeated as asked" a_noisy_pass_is_repeated_as_asked
holds "keys do not depend on what was measured" \
    keys_do_not_depend_on_what_was_measured
holds "words without sense are refused" words_without_sense_are_refused
holds "damaged files are refused" damaged_files_are_refused
holds "a kernel that is not there is refused" \
    a_kernel_that_is_not_there_is_refused
if [ "$(ldd "$runner" 2>/dev/null | grep -c asan)" = 0 ]; then
    holds "too little memory is a sentence" too_little_memory_is_a_sentence
    holds "a run without memory costs itself only" \
        a_run_without_memory_costs_itself_only
fi
holds "a full disk is a sentence" a_full_disk_is_a_sentence
holds "ceilings are measured" ceilings_are_measured
holds "power names a missing source" power_names_a_missing_source
done_testing
