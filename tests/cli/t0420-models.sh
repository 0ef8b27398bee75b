#!/bin/bash
# t0420-models.sh - trained, loaded and exported networks are the same ones
. "$(dirname "$0")/lib.sh"
mnist=$top/data/mnist
models=$top/runner/models
runner=$BUILD/bin/labrunner-$(uname -m)
python=/usr/bin/python3
export PYTHONPATH=$models PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
[ -e "$mnist/t10k-images-idx3-ubyte" ] || skip_all "no MNIST: scripts/fetch-mnist"
$python -c 'import numpy' 2>/dev/null || skip_all "no python3-numpy"

reading_and_writing_change_nothing() {
    for name in mlp-w256-b2 mlp-w256-b4 mlp-w256-b16; do
        $python - "$models/$name.mlpw" again.mlpw <<'PY'
import sys, mlpw
mlpw.write(sys.argv[2], *mlpw.read(sys.argv[1]))
PY
        cmp again.mlpw "$models/$name.mlpw" || oops "$name is another file"
    done
}

an_altered_file_is_refused() {
    cp "$models/mlp-w256-b2.mlpw" altered.mlpw
    printf '\125' | dd of=altered.mlpw bs=1 seek=5000 conv=notrunc status=none
    ! $python -c 'import mlpw; mlpw.read("altered.mlpw")' 2>err ||
        oops "it was read"
    grep -q "have changed since training" err || oops "no sentence"
}

# One short epoch at each kind of file: it learns, and both count alike.
labrunner_counts_what_the_trainer_counted() {
    local row bits precision least
    for row in "2 INT2 1500" "4 INT4 5000" "16 FP16 7000"; do
        read -r bits precision least <<<"$row"
        $python "$models/train.py" --width 64 --bits "$bits" --epochs 2 \
            --images 4000 --copies 1 --lr 4e-3 --batch 64 --data "$mnist" \
            --cache . --out . >said 2>err ||
            oops "$(tail -1 err)"
        run "$runner" run --weights "mlp-w64-b$bits.mlpw" --batch 100 \
            --precision "$precision" --images "$mnist/t10k-images-idx3-ubyte" \
            --labels "$mnist/t10k-labels-idx1-ubyte" --accuracy-only
        expect_code 0
        expect_same "right answers" "$(jq .correct out)" "$(jq .correct said)"
        [ "$(jq .correct out)" -gt "$least" ] || oops "$bits bits: not trained"
        expect_same "trainer" "$(jq .weights_trainer out)" "$(jq .trainer said)"
    done
}

export_yields_onnx_and_qonnx() {
    $python "$models/export_onnx.py" "$models"/mlp-w256-b{2,4,16}.mlpw \
        >out 2>err || oops "not exported"
    expect_same "files" "$(sort out | tr '\n' ' ')" "./mlp-w256-fp16.onnx \
./mlp-w256-fp32.onnx ./mlp-w256-int2.onnx ./mlp-w256-int4.onnx "
    $python - >quants <<'PY'
import onnx
for bits in 2, 4:
    nodes = onnx.load(f"mlp-w256-int{bits}.onnx").graph.node
    print(sum(n.op_type == "Quant" and n.domain == "qonnx.custom_op.general"
              for n in nodes))
PY
    expect_same "Quant nodes" "$(tr '\n' ' ' <quants)" "8 8 "
}

onnx_runtime_predicts_the_same() {
    run "$top/bench/runner/onnx-check" --labrunner "$runner" 256
    expect_code 0
    expect_out "^ok mlp-w256-int2: 0 of 10000"
    expect_out "^ok mlp-w256-int4: 0 of 10000"
}

holds "reading and writing change nothing" reading_and_writing_change_nothing
holds "an altered file is refused" an_altered_file_is_refused
if $python -c 'import torch' 2>/dev/null; then
    holds "labrunner counts what the trainer counted" \
        labrunner_counts_what_the_trainer_counted
else
    echo "# training is not tried: no python3-torch (install-packages train)"
fi
if $python -c 'import onnx' 2>/dev/null; then
    holds "export yields ONNX and QONNX" export_yields_onnx_and_qonnx
    if cmp -s "$top/bench/runner/package-lock.json" \
        "$top/bench/runner/node_modules/.labsweep-lock"; then
        holds "ONNX Runtime predicts the same" onnx_runtime_predicts_the_same
    else
        echo "# ONNX Runtime is not tried: not fetched (bench/runner/fetch-ort)"
    fi
else
    echo "# export is not tried: no python3-onnx (install-packages onnx)"
fi
done_testing
