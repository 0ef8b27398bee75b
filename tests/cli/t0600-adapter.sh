#!/bin/bash
# t0600-adapter.sh - what an adapter reads from a saved log, said to people
. "$(dirname "$0")/lib.sh"

golden=$top/tests/golden/adapters

columns_of_a_log() {
    run labsweep adapter test trtexec-text --set batch=4 \
        "$golden/trtexec/10.2/summary.log"
    expect_code 0
    expect_out '^column *lat_sys_s *0.00716092 s$'
    expect_out '^column *fps_wall *521.192 1/s$'
}

several_jobs() {
    run labsweep adapter test dnndk --json \
        "dpu=$golden/dnndk/3.1/dexplorer.log" \
        "measure=$golden/dnndk/3.1/app.log"
    expect_code 0
    jq -e '.adapter.valid and (.adapter.found[] | select(.column ==
        "freq_before_hz") | .value == 260000000)' out >/dev/null ||
        oops "no clock"
    run labsweep adapter test dnndk "$golden/dnndk/3.1/app.log"
    expect_code 2
    expect_sentence "adapter 'dnndk' has several jobs: write JOB="
}

what_is_wrong_is_said() {
    sed 's/median = 7.16092/median = 7,16092/' \
        "$golden/trtexec/10.2/summary.log" >comma.log
    run labsweep adapter test trtexec-text comma.log
    expect_code 1
    expect_out '^column *lat_sys_s *REFUSED: .*comma'
    sed 's/PASSED/FAILED/' "$golden/trtexec/10.2/summary.log" >failed.log
    run labsweep adapter test trtexec-text failed.log
    expect_code 1
    expect_out '^INVALID: trtexec says FAILED'
    run labsweep adapter test no-such-tool failed.log
    expect_code 2
    expect_sentence "there is no adapter 'no-such-tool'"
}

accuracy() {
    run labsweep adapter test finn --accuracy "$golden/finn/0.5/validate.log"
    expect_code 0
    expect_out '^column *top1_pct *91.868293 percent$'
}

holds "the columns of a log" columns_of_a_log
holds "logs of several jobs" several_jobs
holds "what is wrong is said" what_is_wrong_is_said
holds "the log of an accuracy job" accuracy
done_testing
