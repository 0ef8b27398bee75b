"""interpreter.py - a model of whole numbers, batch 1"""
import numpy as np

import emulated


def load_delegate(path):
    return path


class Interpreter:
    def __init__(self, model_path, experimental_delegates):
        self.oracle = emulated.Oracle(emulated.model(model_path))

    def allocate_tensors(self):
        pass

    def get_input_details(self):
        return [{"index": 0, "shape": np.array([1, 784]), "dtype": np.int8,
                 "quantization": (1 / 255, -128)}]

    def get_output_details(self):
        return [{"index": 1}]

    def set_tensor(self, index, batch):
        assert batch.dtype == np.int8
        self.batch = (batch.astype(np.float32) + 128) / 255

    def invoke(self):
        self.scores = self.oracle.scores(self.batch)

    def get_tensor(self, index):
        return self.scores
