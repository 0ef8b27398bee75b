#!/bin/bash
# t1210-reparse.sh - kept output read again by a newer adapter
. "$(dirname "$0")/lib.sh"

# adapter COLLECT [VALID] [RUN]: a tool that prints its latency.
adapter() {
    jq -n --argjson collect "$1" --argjson valid "${2:-[]}" --arg run "${3:-}" '{
        adapter: "mine", help: "prints a latency", source: "this test",
        jobs: [ { name: "measure", run: (if $run == "" then
            "echo \"lat {batch}.5 mean {batch}.75\"; echo runs 10" else $run end) } ],
        collect: $collect, valid: $valid }' >mine.json
}

cat >inv.json <<END
{ "lab": "here",
  "platforms": { "cpu": { "type": "CPU", "engine": "per_image" } },
  "boards": [ { "name": "me", "platform": "cpu", "transport": "local",
    "adapter": "./mine.json", "lease_dir": "$work/lease",
    "stage_dir": "$work/stage" } ] }
END
cat >exp.json <<'END'
{ "experiment": "again",
  "matrix": [ { "platform": "cpu", "precision": "INT8", "batch": [1, 2] } ],
  "measure": { "attempts": 1, "max_time": "5 s", "total_limit": "20 s" } }
END
wrong='[ { "column": "lat_comp_s", "unit": "us", "pattern": "lat (\\S+)" } ]'
right='[ { "column": "lat_comp_s", "unit": "ms", "pattern": "lat (\\S+)" },
    { "column": "lat_comp_mean_s", "unit": "ms", "pattern": "mean (\\S+)" } ]'

latencies() {
    run labsweep export campaign --format jsonl
    jq -s -c 'map(.lat_comp_s)' out
}

measured() {
    adapter "$wrong"
    run labsweep run exp.json -i inv.json -o campaign
    expect_code 0
    expect_same latencies "$(latencies)" '[1.5e-06,2.5e-06]'
}

read_again() {
    adapter "$right"
    run labsweep reparse campaign -i inv.json
    expect_code 0
    expect_out 'campaign: 0 cells read as before, 2 otherwise .0 of them not ok'
    expect_same latencies "$(latencies)" '[0.0015,0.0025]'
    run labsweep export campaign --format jsonl --table attempts
    expect_same "both readings" "$(jq -s -c 'map([.attempt, .lat_comp_s]) | sort' out)" \
        '[[1,1.5e-06],[1,2.5e-06],[2,0.0015],[2,0.0025]]'
    run labsweep archive verify campaign
    expect_code 0
}

nothing_runs_again() {
    adapter "$right"
    run labsweep resume campaign -i inv.json
    expect_code 0
    run labsweep export campaign --format jsonl --table attempts
    expect_same attempts "$(wc -l <out)" 4
    run labsweep reparse campaign -i inv.json --json
    expect_code 0
    expect_same "nothing changed" "$(jq -c '.. | .changed? // empty' out)" 0
}

not_ok_any_more() {
    adapter "$right" '[ { "pattern": "runs 10", "must": false, "reason": "ten is too few" } ]'
    run labsweep reparse campaign -i inv.json
    expect_code 0
    expect_out '2 otherwise .2 of them not ok now'
    run labsweep status campaign
    expect_out 'invalid  *2'
    run labsweep export campaign --format jsonl
    jq -s -e 'all(.reason == "ten is too few")' out >/dev/null || oops "no reason"
    adapter "$right"
    run labsweep reparse campaign -i inv.json
    expect_code 0
    expect_same latencies "$(latencies)" '[0.0015,0.0025]'
}

other_deeds() {
    adapter "$right" '[]' 'echo lat 1'
    run labsweep reparse campaign -i inv.json
    expect_code 2
    expect_sentence "adapter 'mine' of board 'me' does something else now \('jobs' differs\)"
}

nothing_kept() {
    jq '.capture = []' exp.json >bare.json
    adapter "$wrong"
    run labsweep run bare.json -i inv.json -o bare
    expect_code 0
    adapter "$right"
    run labsweep reparse bare -i inv.json
    expect_code 0
    expect_out '0 otherwise .*, 2 whose output was not all kept'
    run labsweep reparse bare
    expect_code 2
    expect_sentence 'say with -i which inventory'
}

holds "a campaign" measured
holds "its output is read again, the first reading stays" read_again
holds "resume keeps what was read again" nothing_runs_again
holds "what the newer adapter refuses is not ok, and may be again" not_ok_any_more
holds "an adapter that runs something else is refused" other_deeds
holds "output that was not kept is left alone" nothing_kept
done_testing
