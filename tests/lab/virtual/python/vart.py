"""vart.py - a runner of whole numbers, emulated"""
import numpy as np

import emulated


class Tensor:
    def __init__(self, dims):
        self.dims = dims

    def get_attr(self, name):
        return {"fix_point": 6}[name]


class Runner:
    def __init__(self, of):
        self.oracle = emulated.Oracle(of)

    @staticmethod
    def create_runner(part, mode):
        return Runner(part.of)

    def get_input_tensors(self):
        return [Tensor([3, 784])]

    def get_output_tensors(self):
        return [Tensor([3, 10])]

    def execute_async(self, inputs, outputs):
        assert inputs[0].dtype == np.int8
        scores = self.oracle.scores(inputs[0].astype(np.float32) / 64, 1 / 64)
        outputs[0][:] = 100 * scores
        return 1

    def wait(self, job):
        pass
