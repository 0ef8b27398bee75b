"""runtime.py - OpenVINO 2022's Core; a board of 2021 has none"""
import emulated

if emulated.VERSION.startswith("2021"):
    raise ImportError("OpenVINO 2021 has no openvino.runtime")


class Port:
    shape = [1, 784]


class Model:
    def __init__(self, path):
        self.of, self.inputs = emulated.model(path), [Port()]

    def reshape(self, shape):
        assert shape[1:] == [784]


class Compiled:
    def __init__(self, model):
        self.oracle, self.outputs = emulated.Oracle(model.of), ["scores"]

    def __call__(self, inputs):
        return {"scores": self.oracle.scores(inputs[0])}


class Core:
    def read_model(self, path, weights):
        return Model(path)

    def compile_model(self, model, device):
        return Compiled(model)
