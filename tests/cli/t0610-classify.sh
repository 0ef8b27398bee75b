#!/bin/bash
# t0610-classify.sh - the classifier loop beside emulated runtimes
#
# The runtimes are not to be had here: modules of their names stand in, which
# know the test set by its pixels and err as often as they are told.  What is
# tested is ours: order, scale, batches that are filled up, counting.
. "$(dirname "$0")/lib.sh"

lab=$top/tests/lab/virtual
mnist=$top/data/mnist
[ -e "$mnist/t10k-images-idx3-ubyte" ] || skip_all "no MNIST"
/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip_all "no numpy"
export HOME=$work PYTHONPATH=$lab/python PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH=$work
cc -shared -fPIC -o libcudart.so "$lab/libcudart.c" || exit 99

# board PLATFORM VERSION: whose emulated.json this is now.
board() {
    jq -n --arg mnist "$mnist" --arg platform "$1" --arg version "$2" \
        --arg csv "$top/data/published/published_mnist.csv" '{
        platform: $platform, version: $version, published: $csv, scale: 0.05,
        images: ($mnist + "/t10k-images-idx3-ubyte"),
        labels: ($mnist + "/t10k-labels-idx1-ubyte") }' >emulated.json
    echo '{"precision": "FP16", "pruning_factor_pct": 25, "batch": "8"}' >model
}

classify() {
    run /usr/bin/python3 "$top/inventory/adapters/classify.py" \
        --runtime "$1" --model model --images "${images:-$mnist/t10k-images-idx3-ubyte}" \
        --labels "$mnist/t10k-labels-idx1-ubyte" "${@:2}"
}

# top1 PERCENT CORRECT of ten thousand.
top1() {
    expect_code 0
    expect_same "counts" "$(jq -c '[.top1_pct, .correct, .images]' out)" \
        "[$1,$2,10000]"
}

tensorrt() {
    local version
    for version in 5.1 7.2 8.6; do
        board TX2 $version
        classify tensorrt --batch 7 # the last batch is filled up
        top1 97.44 9744
    done
}

openvino() {
    local version
    for version in 2021.3 2022.3; do
        board NCS $version
        classify openvino --batch 64 --weights model --device MYRIAD
        top1 98.49 9849
    done
}

whole_numbers() {
    board TPU 2.16
    classify tflite --delegate libedgetpu.so.1
    top1 98 9800
    board ZCU104-DPU 1.4
    classify vitis
    top1 98 9800
    echo split >fault
    classify vitis
    expect_code 1
    expect_sentence '2 parts of the model run on the DPU, expected one'
    rm fault
}

onnx() {
    board none 1.19
    classify onnxruntime --batch 100
    top1 98 9800
    expect_same "five first" "$(jq '.top5_pct >= .top1_pct' out)" true
}

what_is_wrong_is_said() {
    board none 1.19
    images=$mnist/t10k-labels-idx1-ubyte classify onnxruntime
    expect_code 1
    expect_sentence 'the model takes .784,. values an image'
    head -c 1000 "$mnist/t10k-images-idx3-ubyte" >short
    images=short classify onnxruntime
    expect_code 1
    expect_sentence 'short: 984 values, its head says'
    images=$top/tests/cli/lib.sh classify onnxruntime
    expect_code 1
    expect_sentence 'is not an IDX file'
}

holds "TensorRT 5, 7 and 8" tensorrt
holds "OpenVINO 2021 and 2022" openvino
holds "models of whole numbers: TFLite, Vitis AI" whole_numbers
holds "ONNX Runtime" onnx
holds "what is wrong is said" what_is_wrong_is_said
done_testing
