#!/bin/bash
# t0420-trainer.sh - the trainer's files are what labrunner loads
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

holds "reading and writing change nothing" reading_and_writing_change_nothing
holds "an altered file is refused" an_altered_file_is_refused
if $python -c 'import torch' 2>/dev/null; then
    holds "labrunner counts what the trainer counted" \
        labrunner_counts_what_the_trainer_counted
else
    echo "# training is not tried: no python3-torch (install-packages train)"
fi
done_testing
