#!/usr/bin/python3
"""models.py FOLDER - the MLP as ONNX and as OpenVINO's XML, without weights

ONNX's protocol buffers by hand (onnx/onnx.proto): a model (graph 7, text 6)
of a graph (initializers 5) of tensors (dimensions 1, type 2, name 8).  The
text is a JSON object that says what the file holds; emulated tools read it.
"""
import json
import os
import sys


def varint(value):
    out = b""
    while value > 0x7f:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def shapes(width, hidden=3):
    sizes = [784] + hidden * [width] + [10]
    return list(zip(sizes[1:], sizes))


def onnx(of, width, hidden=3):
    graph = b"".join(
        field(5, field(1, rows) + field(1, cols) + field(2, 1) +
              field(8, b"w%d" % i)) + field(5, field(1, rows) + field(2, 1))
        for i, (rows, cols) in enumerate(shapes(width, hidden)))
    return field(1, 8) + field(7, graph) + field(6, json.dumps(of).encode())


def xml(of, width):
    layers = "".join(
        '<layer id="%d" name="w" type="Const" version="opset1">'
        '<data element_type="f16" shape="%d, %d" offset="0" size="0"/>'
        '</layer>\n' % (i, rows, cols)
        for i, (rows, cols) in enumerate(shapes(width)))
    return ('<?xml version="1.0"?>\n<!-- %s -->\n<net name="MLP" version='
            '"11"><layers>\n%s</layers></net>\n' % (json.dumps(of), layers))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def main():
    folder = sys.argv[1]
    for share in (100, 50, 25, 12.5):
        of = {"topology": "MLP", "pruning_factor_pct": share}
        width = int(2048 * share / 100)
        base = os.path.join(folder, "MLP-")
        write(base + "%g.onnx" % share, onnx(of, width))
        # one hidden layer less, as the TX2's may have been
        write(os.path.join(folder, "short-%g.onnx" % share),
              onnx(of, width, 2))
        of["precision"] = "FP16"
        write(base + "FP16-%g.xml" % share, xml(of, width))
        write(base + "FP16-%g.bin" % share, "weights\n")


main()
