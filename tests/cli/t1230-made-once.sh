#!/bin/bash
# t1230-made-once.sh - accuracy and base power are made once in a campaign, on
# a real sshd: resume takes them over, what changed makes them again
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh"
command -v python3 >/dev/null || skip_all "no python3"

# A sensor file that wanders about what stands in "level", in W.
cat >sensor.py <<'END'
import os, random, time
while True:
    watt = int(open("level").read() or 0)
    with open("power.new", "w") as f:
        f.write("%d\n" % (watt * 1000000 + random.randrange(20000)))
    os.rename("power.new", "power1_input")
    time.sleep(0.005)
END
echo 4 >level
python3 sensor.py 2>sensor.log &
sensor=$!
end_all() {
    kill $sensor 2>/dev/null
    lab_end
}
wait_until 20 test -s power1_input
lab_begin 1 127.0.64
trap end_all EXIT
before_end=end_all
home=$work/lab/boards/1/home
echo 1 >"$home/version"
echo weights >model.bin

cat >once.json <<'END'
{ "adapter": "once", "help": "looks once", "source": "this test",
  "tool_version": { "run": "cat version", "pattern": "(.*)" },
  "stage": [ { "name": "model", "file": "model.bin", "role": "model" } ],
  "jobs": [ { "name": "measure", "run": "sleep 0.1; echo lat {n}" } ],
  "collect": [ { "column": "lat_sys_s", "unit": "s", "pattern": "lat (.*)" } ],
  "accuracy": { "key": ["precision"],
    "job": { "run": "echo {model} >> looked; echo right 97" },
    "collect": [ { "column": "top1_pct", "unit": "percent", "pattern": "right (.*)" } ] } }
END
jq --arg adapter "$work/once.json" --arg sensor "$work/power1_input" '
    .boards[0] += { adapter: $adapter, stage_dir: "~/.stage", meters: [ {
        name: "rail", driver: "file", scope: "board", primary: true,
        idle: "0.2 s", period: "5 ms",
        sources: [ { path: $sensor, unit: "uW" } ] } ] }
' "$inventory" >inv.json
experiment 3 x
jq 'del(.axes[1], .matrix[0].command) | .capture = ["power"]' \
    experiment.json >e.json

looked() { wc -l <"$home/looked"; }

# The cells, of each column the values that there are.
values() {
    run labsweep export c --format jsonl
    jq -s -c "[.[] | select(.status == \"ok\") | $1] | unique" out
}
watts() { values ".$1 | . * 10 | round / 10"; }

once_in_a_lane() {
    run labsweep run e.json -i inv.json -o c -q --only n=1,2
    expect_code 0
    expect_same "times looked" "$(looked)" 1
    expect_same "base" "$(watts power_base_w)" '[4]'
}

not_again_by_resume() {
    echo 8 >level
    run labsweep resume c -q
    expect_code 0
    expect_same "times looked" "$(looked)" 1
    expect_same "accuracies" "$(values '[.top1_pct, .accuracy_source,
        .accuracy_cell, .accuracy_attempt]')" '[[97,"on_board",0,1]]'
    expect_same "base" "$(values '[.power_base_cell, .power_base_attempt]')" \
        '[[0,1]]'
    expect_same "base" "$(watts power_base_w)" '[4]'
    expect_same "idle" "$(watts power_idle_w)" '[4,8]'
}

again_when_withdrawn() {
    run labsweep invalidate c --where n=1 --reason "a wrong day"
    expect_code 0
    run labsweep resume c -q
    expect_code 0
    expect_same "times looked" "$(looked)" 2
    expect_same "base" "$(values '[.n, .power_base_attempt]')" \
        '[[1,2],[2,1],[3,1]]'
    expect_same "base" "$(watts power_base_w)" '[4,8]'
}

again_for_another_model() {
    echo 'other weights' >model.bin
    run labsweep resume c -q
    expect_code 0
    expect_same "times looked" "$(looked)" 3
    expect_same "models" "$(cut -d/ -f1-4 "$home/looked" | wc -l)" 3
    expect_same "keys" "$(values .accuracy_key | jq length)" 1
}

again_for_another_version() {
    echo 2 >"$home/version"
    run labsweep resume c -q --redo n=2
    expect_code 0
    expect_same "times looked" "$(looked)" 4
    expect_same "keys" "$(values '[.tool_version, .accuracy_key]' | jq length)" 2
    run labsweep archive verify c
    expect_code 0
}

holds "two cells of a lane share an accuracy" once_in_a_lane
holds "resume takes accuracy and base power over, and says from where" \
    not_again_by_resume
holds "what a withdrawn cell made is made again" again_when_withdrawn
holds "another model makes the accuracy again" again_for_another_model
holds "another tool version does, too" again_for_another_version
done_testing
