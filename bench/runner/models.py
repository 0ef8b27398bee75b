#!/usr/bin/python3
"""models.py - ONNX files that the benchmark's peers run

    models.py DIR WIDTH...      DIR/mlp-wW-fp32.onnx, DIR/mlp-wW-int8.onnx

FP32 is the committed network.  INT8 has made-up weights: u8 activations, s8
weights, a step a tensor, by QGemm, the fastest form ONNX Runtime has
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(root, "runner", "models"))
import export_onnx  # noqa: E402


def int8_model(width):
    """784-W-W-W-10, uint8 in and out."""
    random = np.random.default_rng(1)
    sizes = [784, width, width, width, 10]
    tensors, nodes, x = [], [], "image"

    def constant(name, array):
        tensors.append(numpy_helper.from_array(array, name))
        return name

    zero = constant("zero_u8", np.uint8(0))
    zero_w = constant("zero_s8", np.int8(0))
    step = constant("step", np.float32(0.01))
    for at in range(4):
        k, n = sizes[at], sizes[at + 1]
        w = constant(f"w{at}", random.integers(-127, 128, (k, n),
                                               dtype=np.int8))
        bias = constant(f"bias{at}", np.full(n, 100, np.int32))
        out = "scores" if at == 3 else f"act{at}"
        nodes.append(helper.make_node(
            "QGemm", [x, step, zero, w, step, zero_w, bias, step, zero], [out],
            domain="com.microsoft"))
        x = out
    graph = helper.make_graph(
        nodes, f"mlp-w{width}-int8",
        [helper.make_tensor_value_info("image", TensorProto.UINT8,
                                       ["batch", 784])],
        [helper.make_tensor_value_info("scores", TensorProto.UINT8,
                                       ["batch", 10])], tensors)
    return helper.make_model(
        graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13),
                                            helper.make_opsetid(
                                                "com.microsoft", 1)])


def main():
    folder, widths = sys.argv[1], sys.argv[2:]
    for width in widths:
        file = os.path.join(root, "runner", "models", f"mlp-w{width}-b16.mlpw")
        for name, model in export_onnx.models_of(file):
            if name.endswith("fp32"):
                onnx.save(model, os.path.join(folder, name + ".onnx"))
        onnx.save(int8_model(int(width)),
                  os.path.join(folder, f"mlp-w{width}-int8.onnx"))


if __name__ == "__main__":
    main()
