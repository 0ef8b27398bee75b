#!/bin/bash
# t0500-analyze.sh - published numbers in, fronts, findings and a page out
. "$(dirname "$0")/lib.sh"

import_it() {
    run labsweep import "$top/data/published/published_mnist.csv" \
        -i "$top/inventory/qutibench.json" -o pub
    expect_code 0
    expect_file pub/archive.h5
}

front_is_the_published_one() {
    run labsweep analyze pareto pub --json
    expect_code 0
    expect_same schema "$(jq -r .schema out)" labsweep-analyze/1
    expect_same points "$(jq '.analyze | length' out)" 8
    expect_same fastest "$(jq -r '.analyze[0].platform' out)" ZCU104-FINN
    run labsweep analyze pareto pub
    expect_out 'ZCU104-BISMO +INT4 +100 %'
}

calibrated_model_holds_out_354() {
    run labsweep analyze errors pub --json
    jq -e '.analyze[] | select(.unit == "all" and .scope == "compute"
        and .model == "calibrated, held out")
        | .rows == 354 and .median <= 1.07 and .p90 <= 1.27' out >/dev/null ||
        oops "the calibrated model is worse than it was"
}

traps_are_found() {
    run labsweep analyze quality pub
    expect_code 0
    expect_out 'borrowed +U96-Quadcore-A53 and ZCU104-BISMO'
    expect_out 'above_ceiling +TX2'
    expect_out 'holes +ZCU104-FINN INT4 100 %'
}

rows_are_picked_and_sorted() {
    run labsweep analyze results pub -w 'platform=NCS,batch>=64' \
        --sort -fps_sys --csv
    expect_same rows "$(wc -l <out)" 9
    expect_same best "$(sed -n 2p out | cut -d, -f7)" 128
}

wrong_words_are_one_sentence() {
    run labsweep analyze pareot pub
    expect_code 2
    expect_sentence "did you mean 'pareto'"
    run labsweep analyze results pub --sort fps_som
    expect_code 2
    expect_sentence "there is no column 'fps_som'"
    run labsweep analyze results pub --where 'platfrom=NCS'
    expect_code 2
    expect_sentence "did you mean 'platform'"
    run labsweep analyze results nothing
    expect_code 2
    expect_sentence nothing
}

page_is_one_file() {
    run labsweep report pub --figures figures
    expect_code 0
    expect_same path "$(cat out)" pub/report.html
    expect_file pub/report.html
    grep -q "default-src 'none'" pub/report.html || oops "no policy"
    for spec in figures/*.vl.json; do
        table=$(jq -r .data.url "$spec")
        jq -e length "figures/$table" >/dev/null || oops "$spec: no $table"
    done
}

models_predict_every_cell() {
    run labsweep analyze predict --model calibrated pub --json
    expect_code 0
    jq -e '.analyze | map(select(.state == "held out")) | length == 354' \
        out >/dev/null || oops "not 354 cells held out"
    jq -e '.analyze | map(select(.mark != "")) | length > 0 and
        all(.factor > 1.27 or .factor == null)' out >/dev/null ||
        oops "cells outside the band are not marked"
    run labsweep analyze predict --model calibrated pub -w platform=NCS
    expect_out 'NCS +4 +28 +0'
    expect_out 'does not carry over to another platform'
    run labsweep analyze predict --model ceiling pub --json
    expect_same above \
        "$(jq '[.analyze[] | select(.mark == "above ceiling")] | length' out)" 9
    run labsweep analyze predict --model guess pub
    expect_code 2
    expect_sentence "model 'guess': expected seed, ceiling or calibrated"
}

fronts_take_any_metrics() {
    run labsweep analyze pareto pub --metrics fps_comp,top1_pct,-lat_comp_s \
        --json
    expect_code 0
    test "$(jq '.analyze | length' out)" -gt 8 || oops "no more on three"
    run labsweep analyze pareto pub --metrics fps_comp,top1_pct --json
    expect_same two "$(jq '.analyze | length' out)" 8
    run labsweep analyze pareto pub --metrics fps_comp
    expect_code 2
    expect_sentence 'a front is over 2 or 3 metrics'
    run labsweep analyze pareto pub --metrics fps_comp,platform
    expect_code 2
    expect_sentence "metric 'platform': no such column of numbers"
}

figures_are_drawn_by_node() {
    run labsweep report pub --svg svg
    expect_code 0
    for figure in pareto rooflines efficiency overlap latency_throughput; do
        grep -q '<svg.*<path' "svg/$figure.svg" || oops "svg/$figure.svg"
    done
    test ! -e svg/timeline.svg || oops "published rows have no times to draw"
}

compare_is_like_diff() {
    run labsweep compare pub pub
    expect_code 0
    expect_out '406 op points, 406 not decidable'
    run labsweep compare pub nothing
    expect_code 2
    expect_sentence nothing
}

holds "published numbers are imported" import_it
holds "the front is the published one" front_is_the_published_one
holds "the calibrated model holds out 354 rows" calibrated_model_holds_out_354
holds "traps are found by rule" traps_are_found
holds "rows are picked and sorted" rows_are_picked_and_sorted
holds "wrong words are one sentence each" wrong_words_are_one_sentence
holds "the page is one file, figures lie beside their tables" page_is_one_file
holds "models predict every cell, measured or not" models_predict_every_cell
holds "fronts take any two or three metrics" fronts_take_any_metrics
holds "figures are drawn as SVG by node" figures_are_drawn_by_node
holds "compare is like diff" compare_is_like_diff
done_testing
