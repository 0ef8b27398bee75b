"""onnxruntime.py - a session of one input, emulated"""
import emulated


class Input:
    name, shape = "input", ["batch", 784]


class InferenceSession:
    def __init__(self, path, providers):
        self.oracle = emulated.Oracle(emulated.model(path))

    def get_inputs(self):
        return [Input()]

    def run(self, outputs, inputs):
        return [self.oracle.scores(inputs["input"])]
