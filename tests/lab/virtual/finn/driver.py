"""driver.py - as FINN generates it: one throughput test a call"""
import argparse

from driver_base import FINNExampleOverlay

io_shape_dict = {"idt": ["UINT8"], "ishape_normal": [(1, 784)]}


def by_numpy_2(metrics):
    """The dictionary as NumPy 2 lets it print."""
    return "{%s}" % ", ".join(
        "%r: np.float64(%r)" % item if isinstance(item[1], float)
        else "%r: %r" % item for item in metrics.items())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--exec_mode")
    parser.add_argument("--batchsize", type=int)
    parser.add_argument("--bitfile")
    parser.add_argument("--platform")
    args = parser.parse_args()
    overlay = FINNExampleOverlay(args.bitfile, args.platform, io_shape_dict,
                                 args.batchsize)
    metrics = overlay.throughput_test()
    with open("nw_metrics.txt", "w") as file:
        file.write(by_numpy_2(metrics))
    print("Results written to nw_metrics.txt")
