"""xir.py - a graph of one DPU subgraph, emulated"""
import emulated


class Subgraph:
    def __init__(self, of, device):
        self.of, self.device = of, device

    def has_attr(self, name):
        return name == "device"

    def get_attr(self, name):
        return self.device


class Graph:
    def __init__(self, of):
        self.of = of

    @staticmethod
    def deserialize(path):
        return Graph(emulated.model(path))

    def get_root_subgraph(self):
        return self

    def toposort_child_subgraph(self):
        parts = [Subgraph(self.of, "CPU"), Subgraph(self.of, "DPU")]
        return parts + parts[1:] * emulated.fault("split")
