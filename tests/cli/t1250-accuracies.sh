#!/bin/bash
# t1250-accuracies.sh - two trainings of one network, told apart by McNemar's
# test of the predictions that labrunner left in two archives
. "$(dirname "$0")/lib.sh"
mnist=$top/data/mnist
[ -e "$mnist/t10k-images-idx3-ubyte" ] || skip_all "no MNIST: scripts/fetch-mnist"
[ -x "$BUILD/bin/labrunner-$(uname -m)" ] || skip_all "labrunner is not built"
/usr/bin/python3 -c 'import numpy, h5py' 2>/dev/null ||
    skip_all "no python3-numpy or python3-h5py"

# Another training, of sorts: 14 % of one layer's weights are zero.
weights() {
    PYTHONPATH=$top/runner/models PYTHONDONTWRITEBYTECODE=1 \
        /usr/bin/python3 - "$top/runner/models/mlp-w256-b4.mlpw" \
        mlp-w256-b4.mlpw <<'PY'
import sys
import mlpw
import numpy as np
bits, layers, trainer = mlpw.read(sys.argv[1])
w = layers[1].w.copy()
w[np.random.default_rng(1).random(w.shape) < 0.14] = 0
layers[1].w = w
mlpw.write(sys.argv[2], bits, layers, trainer)
PY
}

# campaign NAME FOLDER_OF_WEIGHTS
campaign() {
    jq --arg dir "$2" 'del(.["$schema"], .facts) | .stage[1].file =
        $dir + "/mlp-w{width}-b{wbits}.mlpw"' \
        "$top/inventory/adapters/labrunner.json" >"$1-adapter.json"
    jq -n --arg adapter "$work/$1-adapter.json" --arg arch "$(uname -m)" '{
        lab: "one", platforms: { cpu: { type: "CPU" } },
        boards: [ { name: "me", platform: "cpu", transport: "local",
            adapter: $adapter, parameters: { arch: $arch } } ] }' >"$1-lab.json"
    jq --arg top "$top" 'del(.["$schema"]) |
        .topologies.MLP = $top + "/experiments/topologies/mlp.json" |
        .datasets.MNIST.dir = $top + "/data/mnist" |
        .matrix[0] += { platform: ["cpu"], precision: ["INT4"],
                        pruning_factor_pct: [12.5], batch: [8] } |
        .measure += { warmup: "0.01 s", min_time: "0.01 s" }' \
        "$top/experiments/demo.json" >"$1.json"
    run labsweep run "$1.json" -i "$1-lab.json" -o "$1" --quiet
    expect_code 0
}

archives_are_made() {
    weights
    campaign old "$top/runner/models"
    campaign new "$work"
}

# The exact p, for who has the labels: theirs may only be larger.
exact_p() {
    /usr/bin/python3 - "$mnist/t10k-labels-idx1-ubyte" old/archive.h5 \
        new/archive.h5 <<'PY'
import math
import sys
import h5py
import numpy as np
labels = np.fromfile(sys.argv[1], np.uint8)[8:]
right = []
for path in sys.argv[2:]:
    f = h5py.File(path)
    raw, streams = f["raw_output"], list(f["labels/stream"].asstr())
    at = list(raw["stream"]).index(streams.index("predictions"))
    first, n = raw["offset"][at], raw["length"][at]
    right.append(f["raw_text/text"][first:first + n] - ord("0") == labels)
only = [int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())]
tail = sum(math.comb(sum(only), k) for k in range(min(only) + 1))
print(min(1.0, 2 * tail / 2 ** sum(only)))
PY
}

mcnemar_sees_what_intervals_do_not() {
    run labsweep compare old new --json
    expect_code 1 # less accurate, whatever became of the speed
    jq -e '.compare | length == 1 and all(.accuracy == "fell" and
        .top1_low_pct < 0 and .top1_high_pct > 0 and .mcnemar_p < 0.05)' out \
        >/dev/null || oops "an accuracy that fell is not seen"
    jq -e --argjson exact "$(exact_p)" 'all(.compare[];
        .mcnemar_p >= $exact and .mcnemar_p < 10 * $exact)' out >/dev/null ||
        oops "p is not the exact one, or a little more: $(exact_p)"
    run labsweep compare old new
    expect_code 1
    expect_out 'McNemar p'
    expect_out '1 less accurate'
    run labsweep compare new old
    expect_code 0
    expect_out 'rose'
}

the_page_tells_so() {
    run labsweep compare old new -o page.html
    expect_code 1
    grep -q '"less_accurate":1' page.html || oops "the page does not say so"
}

holds "two campaigns keep their predictions" archives_are_made
holds "McNemar's test sees what intervals do not" \
    mcnemar_sees_what_intervals_do_not
holds "the page tells so" the_page_tells_so
done_testing
