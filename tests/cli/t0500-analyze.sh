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
    expect_code 0
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

# Slips of files like the published ones: a row that stands there twice, zeros
# for what is missing, an operation rate of a smaller network (of 8.43 Mop an
# image, as an older file of TX2 has it; 20.03 are named).
slips_of_imported_files_are_found() {
    {
        echo NN_Topology,HWType,Datatype,PruningFactor,batch/thread/stream,lat-comp,fps-comp,tp-comp,Full_Pwr_W
        echo MLP,NCS,FP16,100,1,2.8,357,7.15,1.8
        echo MLP,NCS,FP16,100,1,2.8,357,7.15,1.8
        echo MLP,NCS,FP16,100,2,0,0,0,0
        echo MLP,TX2-maxn,FP16,100,1,0.5,2000,16.8592,9
    } >slips.csv
    run labsweep import slips.csv -i "$top/inventory/qutibench.json" -o slips
    expect_code 0
    run labsweep analyze quality slips
    expect_out 'wrong +duplicated .* very same readings, 1 of 4'
    expect_out 'wrong +zeros +NCS +1 +3 '
    expect_out 'doubt +op_count +TX2 maxn .* 8\.43 for 20\.03 Mop an image'
    refuse_out 'op_count +NCS'
    refuse_out 'inf'
    run labsweep analyze quality pub
    refuse_out 'duplicated|zeros|op_count'
}

rows_are_picked_and_sorted() {
    run labsweep analyze results pub -w 'platform=NCS,batch>=64' \
        --sort -fps_sys --csv
    expect_same rows "$(wc -l <out)" 9
    expect_same best "$(sed -n 2p out | cut -d, -f8)" 128
    run labsweep analyze results pub -w 'platform = NCS' -s batch,-fps_comp \
        --json
    expect_same sorted "$(jq -c '[.analyze[:5][] |
        [.batch, .pruning_factor_pct]]' out)" \
        '[[1,12.5],[1,25],[1,50],[1,100],[2,12.5]]'
}

# range UNIT: lowest and highest efficiency label of what out says.
range() {
    jq -r --arg unit "$1" '[.analyze[] | select("\(.platform)-\(.op_mode)"
        == $unit).efficiency_pct | round] | "\(min) \(max)"' out
}

# The published bars rest on rounded operation counts (and one misprint, 5031).
rounding_is_on_request() {
    run labsweep analyze efficiency pub --rounded --json
    expect_code 0
    expect_same maxn "$(range TX2-maxn)" '333 3069'
    expect_same maxp "$(range TX2-maxp)" '311 2667'
    expect_same FINN "$(range ZCU104-FINN-default)" '1039 2516'
    run labsweep analyze efficiency pub --json
    expect_same exact "$(range ZCU104-FINN-default)" '1039 2342' # 6.9 % less at 25 %
    run labsweep analyze errors pub --rounded --json
    expect_code 0
    jq -e '.analyze[] | select(.unit == "all" and .scope == "compute" and
        .model == "seed") | .median < 5.96 and .p90 > 18.5' out >/dev/null ||
        oops "rounded counts are not used for errors"
    run labsweep analyze predict --model seed --rounded pub --json -w \
        'platform=ZCU104-FINN,precision=INT2,pruning_factor_pct=25,batch=1'
    expect_same predicted "$(jq '.analyze[0].predicted_fps | round' out)" 76800
}

# Every analysis picks, sorts, and prints JSON and CSV of the same rows.
analyses_share_their_options() {
    local what column
    for what in results overview pareto efficiency roofline verdict theory \
        predict savings errors quality power boxplot latency coverage \
        machines weights; do
        run labsweep analyze $what pub --csv -w 'platform=TX2|NCS'
        expect_code 0
        [ "$(wc -l <out)" -gt 1 ] || continue # published: no samples, boards
        column=$(head -1 out | tr , '\n' | tail -1)
        cp out csv
        run labsweep analyze $what pub --json -w 'platform=TX2|NCS' -s "-$column"
        expect_code 0
        expect_same "$what rows" "$(jq '.analyze | length' out)" \
            "$(labsweep analyze $what pub --json -w 'platform=TX2|NCS' |
                jq '.analyze | length')"
        run labsweep analyze $what pub -s "$column" -w 'platform=TX2|NCS'
        expect_code 0
        run labsweep analyze $what pub -s nonsense
        expect_code 2
        expect_sentence "no column 'nonsense'"
        run labsweep analyze $what pub -w 'batch='
        expect_code 0
        run labsweep analyze $what pub -w 'batch>many'
        expect_code 2
        expect_sentence "'many' is no number"
    done
    run labsweep analyze pareto pub -w 'nonsense'
    expect_code 2
    expect_sentence 'expected COLUMN=VALUE'
    run labsweep analyze results pub --metrics fps_comp,top1_pct
    expect_code 2
    expect_sentence '--metrics and --across go with pareto'
    run labsweep analyze results pub --scope compure
    expect_code 2
    expect_sentence compure
}

where_picks_cells_for_all() {
    local what
    for what in results overview pareto efficiency roofline verdict theory \
        predict forecast savings errors quality power boxplot coverage \
        machines weights; do
        run labsweep analyze $what pub --json -w 'platform=NCS'
        expect_code 0
        case $what in
        verdict | theory) continue ;; # of every platform: what it could do
        esac
        jq -e '.analyze | length > 0 and all((.platform // .unit //
            .subject // "NCS") | . == "NCS" or . == "all")' out >/dev/null ||
            [ $what = weights ] || oops "$what is of other platforms"
        run labsweep analyze $what pub --json -w 'platform=nothing'
        expect_same "$what of nothing" "$(jq -c .analyze out)" '[]'
    done
    run labsweep analyze weights pub --json -w 'platform=NCS'
    expect_same weights "$(jq -c '[.analyze[].precision] | unique' out)" \
        '["FP16"]'
}

# efficiency is told against the prediction, the ceiling and peak
efficiency_has_three_measures() {
    run labsweep analyze efficiency pub --json
    expect_code 0
    jq -e '.analyze | length == 51 and all(
        (.fps / .predicted_fps * 100 - .efficiency_pct | fabs) < 1e-6 and
        (.fps / .ceiling_fps * 100 - .ceiling_pct | fabs) < 1e-6 and
        (.fps / .peak_fps * 100 - .peak_pct | fabs) < 1e-6)' out >/dev/null ||
        oops "not three measures"
    # models.md, section 3: some of TX2 are above the ceiling, FINN never
    jq -e '[.analyze[] | select(.ceiling_pct > 100).platform] | unique ==
        ["TX2"]' out >/dev/null || oops "other than TX2 above the ceiling"
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
    run labsweep analyze results pub --where 'batch=many'
    expect_code 2
    expect_sentence "column 'batch': 'many' is no number"
    run labsweep analyze results pub --json --csv
    expect_code 2
    expect_sentence '--json or --csv, not both'
    run labsweep analyze pareto pub --where 'platform=NSC'
    expect_code 0
    expect_out "no cell has both .* \\(of cells with platform=NSC\\)"
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

# Each number of the page's sentences, counted anew from the published rows.
sentences_say_what_the_rows_say() {
    run labsweep report pub
    expect_code 0
    python3 "$top/tests/cli/sentences.py" pub/report.html \
        "$top/data/published/published_mnist.csv" >err || oops "$(cat err)"
}

figures_need_nothing_but_their_tables() {
    "$top/tests/browser/check-specs" figures 2>err || oops "$(cat err)"
    "$top/tests/browser/check-figures" figures 2>err || oops "$(cat err)"
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
    run labsweep analyze pareto pub --metrics fps_comp,top1_pct,fps_comp
    expect_code 2
    expect_sentence "metric 'fps_comp' stands there twice"
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

# A table that is not all there is no answer.
lost_output_is_an_error() {
    local code=0
    labsweep analyze results pub --csv >/dev/full 2>err || code=$?
    expect_same code "$code" 4
    expect_sentence 'cannot write to standard output: No space left'
    code=0
    labsweep compare pub pub --all >/dev/full 2>err || code=$?
    expect_same code "$code" 2
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
holds "slips of imported files are found" slips_of_imported_files_are_found
holds "rows are picked and sorted" rows_are_picked_and_sorted
holds "published rounding is on request" rounding_is_on_request
holds "every analysis takes the same options" analyses_share_their_options
holds "conditions pick cells for every analysis" where_picks_cells_for_all
holds "efficiency is told of prediction, ceiling and peak" \
    efficiency_has_three_measures
holds "wrong words are one sentence each" wrong_words_are_one_sentence
holds "the page is one file, figures lie beside their tables" page_is_one_file
holds "sentences say what the rows say" sentences_say_what_the_rows_say
holds "figures need nothing but their tables" figures_need_nothing_but_their_tables
holds "models predict every cell, measured or not" models_predict_every_cell
holds "fronts take any two or three metrics" fronts_take_any_metrics
holds "figures are drawn as SVG by node" figures_are_drawn_by_node
holds "output that is lost is an error" lost_output_is_an_error
holds "compare is like diff" compare_is_like_diff
done_testing
