#!/usr/bin/env python3
"""classify.py - top-1 and top-5 of a model on a labelled data set

Runs on a board, with the runtime that the board's tool measures: the vendors'
benchmarks report no accuracy.  Images and labels are IDX files; every image
is inferred once, in batches, and one JSON line tells what was counted:

    {"top1_pct": 98.86, "top5_pct": 99.9, "images": 10000, "correct": 9886}

Pixels become real numbers between 0 and 1 (--scale and --mean change that);
models of whole numbers get what their own scale makes of these.
"""
import argparse
import gzip
import json
import struct
import sys

import numpy as np

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4",
             0x0E: ">f8"}
CONVERTED = 1024  # images whose values are held at once


def read_idx(path):
    opened = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
    with opened as file:
        data = file.read()
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero or kind not in IDX_TYPES or not rank:
        sys.exit("%s is not an IDX file" % path)
    shape = struct.unpack_from(">%dI" % rank, data, 4)
    values = np.frombuffer(data, IDX_TYPES[kind], offset=4 + 4 * rank)
    if values.size != np.prod(shape):
        sys.exit("%s: %d values, its head says %s" % (path, values.size,
                                                       shape))
    return values.reshape(shape)


def quantized(batch, scale, zero, kind):
    """Real numbers as a model of whole numbers takes them."""
    limits = np.iinfo(kind)
    return np.clip(np.round(batch / scale) + zero, limits.min,
                   limits.max).astype(kind)


# ---- runtimes: each gives input shape (batch first) and infers one batch

class TensorRT:
    """An engine of trtexec.  CUDA's own library is called: PyCUDA and the like
    are not on every board."""

    def __init__(self, args):
        import ctypes

        import tensorrt as trt

        self.cuda = ctypes.CDLL("libcudart.so")
        self.ctypes = ctypes
        logger = trt.Logger(trt.Logger.ERROR)
        with open(args.model, "rb") as file:
            self.engine = trt.Runtime(logger).deserialize_cuda_engine(
                file.read())
        if self.engine is None:
            sys.exit("the engine is of another TensorRT or device")
        self.context = self.engine.create_execution_context()
        self.implicit = getattr(self.engine, "has_implicit_batch_dimension",
                                not hasattr(self.context, "execute_v2"))
        self.shape, self.out_shape = self.shapes(args.batch)
        self.input = self.allocate(self.shape)
        self.output = self.allocate(self.out_shape)

    def shapes(self, batch):
        """Of input and output; a free or implicit batch is the one given."""
        named = hasattr(self.engine, "num_io_tensors")  # 8.5 and later
        keys = ([self.engine.get_tensor_name(i) for i in range(2)] if named
                else [0, 1])
        of = (self.engine.get_tensor_shape if named
              else self.engine.get_binding_shape)
        shapes = [tuple(of(key)) for key in keys]
        if self.implicit:
            return [(batch,) + shape for shape in shapes]
        if shapes[0][0] < 0:
            shapes = [(batch,) + shape[1:] for shape in shapes]
            (self.context.set_input_shape if named
             else self.context.set_binding_shape)(keys[0], shapes[0])
        return shapes

    def check(self, code):
        if code:
            sys.exit("CUDA error %d" % code)

    def allocate(self, shape):
        at = self.ctypes.c_void_p()
        self.check(self.cuda.cudaMalloc(
            self.ctypes.byref(at),
            self.ctypes.c_size_t(4 * int(np.prod(shape)))))
        return at

    def copy(self, to, of, size, kind):
        self.check(self.cuda.cudaMemcpy(to, of, self.ctypes.c_size_t(size),
                                        self.ctypes.c_int(kind)))

    def infer(self, batch):
        batch = np.ascontiguousarray(batch, np.float32)
        result = np.empty(self.out_shape, np.float32)
        self.copy(self.input, batch.ctypes.data_as(self.ctypes.c_void_p),
                  batch.nbytes, 1)
        at = [self.input.value, self.output.value]
        if not (self.context.execute(len(batch), at) if self.implicit
                else self.context.execute_v2(at)):
            sys.exit("the engine did not run")
        self.copy(result.ctypes.data_as(self.ctypes.c_void_p), self.output,
                  result.nbytes, 2)
        return result


class OpenVINO:
    def __init__(self, args):
        try:  # 2022 and later
            from openvino.runtime import Core

            core = Core()
            model = core.read_model(args.model, args.weights)
            shape = [args.batch] + [
                int(n) for n in list(model.inputs[0].shape)[1:]]
            model.reshape(shape)
            self.compiled = core.compile_model(model, args.device)
            self.shape = tuple(shape)
            self.run = lambda batch: self.compiled([batch])[
                self.compiled.outputs[0]]
        except ImportError:  # 2021
            from openvino.inference_engine import IECore

            core = IECore()
            net = core.read_network(args.model, args.weights)
            net.batch_size = args.batch
            name = next(iter(net.input_info))
            self.shape = tuple(net.input_info[name].input_data.shape)
            self.compiled = core.load_network(net, args.device)
            self.run = lambda batch: next(iter(
                self.compiled.infer({name: batch}).values()))

    def infer(self, batch):
        return self.run(batch.astype(np.float32))


class TFLite:
    def __init__(self, args):
        try:
            from tflite_runtime.interpreter import Interpreter, load_delegate
        except ImportError:
            from tensorflow.lite.python.interpreter import (Interpreter,
                                                            load_delegate)
        delegates = [load_delegate(args.delegate)] if args.delegate else []
        self.interpreter = Interpreter(model_path=args.model,
                                       experimental_delegates=delegates)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]
        self.shape = tuple(int(n) for n in self.input["shape"])

    def infer(self, batch):
        scale, zero = self.input["quantization"]
        kind = self.input["dtype"]
        if scale:
            batch = quantized(batch, scale, zero, kind)
        self.interpreter.set_tensor(self.input["index"], batch.astype(kind))
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output["index"])


class VitisAI:
    def __init__(self, args):
        import vart
        import xir

        graph = xir.Graph.deserialize(args.model)
        parts = [s for s in graph.get_root_subgraph().toposort_child_subgraph()
                 if s.has_attr("device") and
                 s.get_attr("device").upper() == "DPU"]
        if len(parts) != 1:
            sys.exit("%d parts of the model run on the DPU, expected one: the "
                     "rest would run on the host" % len(parts))
        self.runner = vart.Runner.create_runner(parts[0], "run")
        tensor = self.runner.get_input_tensors()[0]
        self.out = self.runner.get_output_tensors()[0]
        self.shape = tuple(int(n) for n in tensor.dims)
        self.fix = tensor.get_attr("fix_point")

    def infer(self, batch):
        data = np.ascontiguousarray(
            quantized(batch, 2.0 ** -self.fix, 0, np.int8))
        result = np.empty(tuple(self.out.dims), np.int8)
        self.runner.wait(self.runner.execute_async([data], [result]))
        return result


class OnnxRuntime:
    def __init__(self, args):
        import onnxruntime

        self.session = onnxruntime.InferenceSession(
            args.model, providers=[args.provider])
        self.input = self.session.get_inputs()[0]
        self.shape = (args.batch,) + tuple(self.input.shape[1:])

    def infer(self, batch):
        return self.session.run(
            None, {self.input.name: batch.astype(np.float32)})[0]


RUNTIMES = {"tensorrt": TensorRT, "openvino": OpenVINO, "tflite": TFLite,
            "vitis": VitisAI, "onnxruntime": OnnxRuntime}


# ---- the loop

def shaped(images, shape):
    """A batch as the model wants it: planes first or last, or flat."""
    want = tuple(shape[1:])
    if images.ndim == 4 and len(want) == 3 and want == images.shape[2:] + \
            images.shape[1:2] and want != images.shape[1:]:
        images = images.transpose(0, 2, 3, 1)
    if np.prod(want) != np.prod(images.shape[1:]):
        sys.exit("the model takes %s values an image, the data set has %s"
                 % (want, images.shape[1:]))
    return images.reshape((len(images),) + want)


def batches(images, size, args):
    """Batches of 'size' as the model wants their values, each with how many
    of it count: the last one is filled up.  Converted some at a time, for
    small batches are many."""
    some = size * max(1, CONVERTED // size)
    for start in range(0, len(images), some):
        part = images[start:start + some].astype(np.float32)
        part = (part * args.scale - args.mean) / args.deviation
        for at in range(0, len(part), size):
            batch = part[at:at + size]
            used = len(batch)
            if used < size:
                batch = np.concatenate([batch, np.repeat(
                    batch[:1], size - used, 0)])
            yield batch, used


def count(runtime, images, labels, args):
    """How many are right at first, and among the five first."""
    size, first = runtime.shape[0], []
    for batch, used in batches(images, size, args):
        scores = np.asarray(runtime.infer(shaped(batch, runtime.shape)))
        scores = scores.reshape(size, -1)[:used].astype(np.float64)
        first.append(np.argsort(-scores, 1, kind="stable")[:, :5])
    hits = np.concatenate(first) == labels[:, None]
    return int(hits[:, 0].sum()), int(hits.any(1).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runtime", choices=sorted(RUNTIMES), required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--weights", help="OpenVINO's, beside the model")
    parser.add_argument("--device", default="CPU", help="OpenVINO's")
    parser.add_argument("--delegate", default="", help="TFLite's")
    parser.add_argument("--provider", default="CPUExecutionProvider")
    parser.add_argument("--scale", type=float, default=1 / 255)
    parser.add_argument("--mean", type=float, default=0)
    parser.add_argument("--deviation", type=float, default=1)
    args = parser.parse_args()
    images, labels = read_idx(args.images), read_idx(args.labels).astype(int)
    if len(images) != len(labels) or not len(images):
        sys.exit("%d images and %d labels" % (len(images), len(labels)))
    top1, top5 = count(RUNTIMES[args.runtime](args), images, labels, args)
    print(json.dumps({"top1_pct": 100 * top1 / len(images),
                      "top5_pct": 100 * top5 / len(images),
                      "images": len(images), "correct": top1}))


main()
