"""tensorrt.py - engines, emulated: 5 with an implicit batch, 7 with bindings,
8.5 and later with named tensors; device memory is libcudart.c's"""
import ctypes
import json

import numpy as np

import emulated

MAJOR = int(emulated.VERSION.split(".")[0])
NAMED = MAJOR > 8 or emulated.VERSION in ("8.5", "8.6")


class Logger:
    ERROR = 1

    def __init__(self, level):
        pass


class Context:
    def __init__(self, of):
        self.oracle, self.batch = emulated.Oracle(of), 0
        if MAJOR > 5:
            self.execute_v2 = lambda at: self.execute(self.batch, at)

    def set_input_shape(self, name, shape):
        assert name == "input" and shape[1:] == (784,)
        self.batch = shape[0]

    def set_binding_shape(self, index, shape):
        self.set_input_shape({0: "input"}[index], shape)

    def execute(self, batch, at):
        def array(pointer, *shape):
            size = int(np.prod(shape))
            kind = ctypes.c_float * size
            return np.frombuffer(kind.from_address(pointer),
                                 np.float32).reshape(shape)

        scores = self.oracle.scores(array(at[0], batch, 784))
        array(at[1], batch, 10)[:] = scores
        return True


class Engine:
    def __init__(self, of):
        self.of = of
        head = () if MAJOR == 5 else (-1,)
        shapes = [head + (784,), head + (10,)]
        if NAMED:
            names = ["input", "scores"]
            self.num_io_tensors = 2
            self.get_tensor_name = names.__getitem__
            self.get_tensor_shape = lambda n: shapes[names.index(n)]
        else:
            self.get_binding_shape = shapes.__getitem__

    def create_execution_context(self):
        return Context(self.of)


class Runtime:
    def __init__(self, logger):
        pass

    def deserialize_cuda_engine(self, data):
        return Engine(json.loads(data))
