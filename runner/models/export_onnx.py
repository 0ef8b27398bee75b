#!/usr/bin/python3
"""export_onnx.py - weights files as ONNX, for other platforms' tool chains

    export_onnx.py [--out DIR] [--standard] FILE.mlpw...

    mlp-wW-b16.mlpw  ->  mlp-wW-fp32.onnx, mlp-wW-fp16.onnx (weights in half,
                         cast up: the arithmetic is labrunner's)
    mlp-wW-b2.mlpw   ->  mlp-wW-int2.onnx  QONNX: Quant nodes
    mlp-wW-b4.mlpw   ->  mlp-wW-int4.onnx  (https://github.com/fastmachinelearning/qonnx)

Input "image": float32 [batch, 784], pixels over 255.  Output "scores":
float32 [batch, 10]; the class is the first of the greatest.

--standard writes each Quant node of a QONNX file as operators of plain ONNX
instead, read back from the node's own attributes and inputs, for tools that
know no Quant: ONNX Runtime is one.

Needs Debian's python3-onnx and python3-numpy (scripts/packages/onnx.txt).
"""
import argparse
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import mlpw

OPSET = 13
QONNX = "qonnx.custom_op.general"


class Graph:
    """Nodes and initialisers in the making."""

    def __init__(self):
        self.nodes, self.tensors = [], []

    def constant(self, name, array):
        self.tensors.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output],
                                           name=output + "_node",
                                           **attributes))
        return output

    def quant(self, x, output, bits, signed, rounding):
        """Levels of step 1: QONNX's Quant, version 1."""
        name = output + "_"
        return self.node(
            "Quant",
            [x, self.constant(name + "scale", np.float32(1)),
             self.constant(name + "zero", np.float32(0)),
             self.constant(name + "bits", np.float32(bits))],
            output, domain=QONNX, signed=int(signed), narrow=0,
            rounding_mode=rounding)

    def model(self, name, domains, notes):
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT,
                                           ["batch", 784])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT,
                                           ["batch", 10])], self.tensors)
        model = helper.make_model(
            graph, producer_name="labsweep", ir_version=8,
            opset_imports=[helper.make_opsetid(d, v) for d, v in domains])
        helper.set_model_props(model, notes)
        return model


# ---- floats

def float_model(layers, half, name, notes):
    g, x = Graph(), "image"
    for at, layer in enumerate(layers):
        w = layer.w.T.copy()
        if half:
            w = g.node("Cast", [g.constant(f"w{at}_half", w)], f"w{at}",
                       to=TensorProto.FLOAT)
        else:
            w = g.constant(f"w{at}", w.astype(np.float32))
        last = at == mlpw.LAYERS - 1
        x = g.node("Gemm", [x, w, g.constant(f"bias{at}", layer.bias)],
                   "scores" if last else f"sum{at}")
        if not last:
            x = g.node("Relu", [x], f"act{at}")
    return g.model(name, [("", OPSET)], notes)


# ---- integers

def thresholds(layer, top):
    """The least sums [n, top] at which each level is reached, as int64;
    mul is positive, so ceil((level * 2^shift - add) / mul)."""
    if np.any(layer.mul <= 0):
        raise ValueError("a layer is not monotone")
    level = np.arange(1, top + 1, dtype=np.int64) << layer.shift
    rest = level[None, :] - layer.add.astype(np.int64)[:, None]
    return -(-rest // layer.mul.astype(np.int64)[:, None])


def float_affine(layer, top):
    """-> gain, offset float32 [n] with floor(gain * acc + offset), clamped,
    equal to the runner's integers for every sum.

    mul * acc + add needs 31 bits and a float has 24, so the offset is put
    into the middle of where it may lie; then every threshold is tried."""
    t = thresholds(layer, top)
    k = np.arange(1, top + 1)[None, :]
    gain = (layer.mul / 2.0 ** layer.shift).astype(np.float32)
    a = gain.astype(np.float64)[:, None]
    offset = ((np.max(k - t * a, 1) + np.min(k - (t - 1) * a, 1)) / 2).astype(
        np.float32)

    def level(acc):
        y = acc.astype(np.float32) * gain[:, None] + offset[:, None]
        return np.clip(np.floor(y), 0, top)

    if np.any(level(t) < k) or np.any(level(t - 1) >= k):
        raise ValueError("no float reproduces a layer's integers")
    return gain, offset


def quant_model(layers, bits, name, notes):
    g, top = Graph(), (1 << bits) - 1
    x = g.node("Mul", ["image", g.constant("top", np.float32(top))], "scaled")
    x = g.quant(x, "act_in", bits, False, "ROUND")
    for at, layer in enumerate(layers):
        w = g.constant(f"w{at}_levels", layer.w.T.astype(np.float32))
        w = g.quant(w, f"w{at}", bits, True, "ROUND")
        x = g.node("MatMul", [x, w], f"acc{at}")
        last = at == mlpw.LAYERS - 1
        if last:
            scale = np.float64(2.0 ** -layer.shift)
            gain = (layer.mul * scale).astype(np.float32)
            offset = (layer.add * scale).astype(np.float32)
        else:
            gain, offset = float_affine(layer, top)
        x = g.node("Mul", [x, g.constant(f"gain{at}", gain)], f"scaled{at}")
        x = g.node("Add", [x, g.constant(f"offset{at}", offset)],
                   "scores" if last else f"sum{at}")
        if not last:
            x = g.quant(x, f"act{at}", bits, False, "FLOOR")
    return g.model(name, [("", OPSET), (QONNX, 1)], notes)


def quant_as_standard(node, value):
    """Plain operators for one Quant node; value: name -> array."""
    at = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    x, scale, zero, bits = node.input
    out, width = node.output[0], int(value[bits])
    low = -(1 << (width - 1)) + at["narrow"] if at["signed"] else 0
    high = (1 << (width - at["signed"])) - 1
    limits = [numpy_helper.from_array(np.float32(v), f"{out}_{n}")
              for n, v in (("low", low), ("high", high))]
    kind = {b"ROUND": "Round", b"FLOOR": "Floor",
            b"CEIL": "Ceil"}[at["rounding_mode"]]
    steps = [("Div", [x, scale]), ("Add", [zero]), (kind, []),
             ("Clip", [f"{out}_low", f"{out}_high"]), ("Sub", [zero]),
             ("Mul", [scale])]
    nodes, last = [], None
    for i, (op, rest) in enumerate(steps):
        to = out if i == len(steps) - 1 else f"{out}_{i}"
        nodes.append(helper.make_node(op, (rest if i == 0 else [last] + rest),
                                      [to]))
        last = to
    return nodes, limits


def standard_model(model):
    """The model with every Quant node spelt out in plain ONNX."""
    value = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    nodes, unused = [], []
    out = onnx.ModelProto()
    out.CopyFrom(model)
    for node in model.graph.node:
        if node.domain != QONNX:
            nodes.append(node)
            continue
        plain, limits = quant_as_standard(node, value)
        nodes += plain
        unused.append(node.input[3])
        out.graph.initializer.extend(limits)
    kept = [t for t in out.graph.initializer if t.name not in unused]
    del out.graph.initializer[:], out.graph.node[:], out.opset_import[:]
    out.graph.initializer.extend(kept)
    out.graph.node.extend(nodes)
    out.opset_import.extend([helper.make_opsetid("", OPSET)])
    return out


# ---- files

def models_of(path):
    """(name, model) of each ONNX file that a weights file yields."""
    bits, layers, trainer = mlpw.read(path)
    name = f"mlp-w{layers[0].w.shape[0]}"
    notes = {"weights": os.path.basename(path), "trainer": trainer}
    if bits == 16:
        for kind in ("fp32", "fp16"):
            yield f"{name}-{kind}", float_model(layers, kind == "fp16",
                                                f"{name}-{kind}", notes)
    else:
        yield f"{name}-int{bits}", quant_model(layers, bits,
                                               f"{name}-int{bits}", notes)


def main():
    p = argparse.ArgumentParser(description="weights files as ONNX and QONNX")
    p.add_argument("files", nargs="+", metavar="FILE.mlpw")
    p.add_argument("--out", default=".", help="folder of the ONNX files")
    p.add_argument("--standard", action="store_true",
                   help="plain ONNX operators instead of Quant nodes")
    o = p.parse_args()
    for file in o.files:
        for name, model in models_of(file):
            if o.standard:
                model = standard_model(model)
            onnx.checker.check_model(model)
            path = os.path.join(o.out, name + ".onnx")
            onnx.save(model, path)
            print(path)


if __name__ == "__main__":
    main()
