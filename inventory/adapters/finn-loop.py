#!/usr/bin/env python3
"""finn-loop.py - FINN's generated overlay executed again and again

Runs in the folder of a FINN deployment package, beside its driver.py and
driver_base.py.  The overlay is loaded once; then throughput_test() is called
until there is time and number enough, and what it returns is printed, one
dictionary a line, between "finn-loop: begin" and "finn-loop: end".
"""
import argparse
import os
import sys
import time


def parse(argv):
    parser = argparse.ArgumentParser(description="FINN, warm")
    parser.add_argument("--batchsize", type=int, required=True)
    parser.add_argument("--bitfile", required=True)
    parser.add_argument("--platform", default="zynq-iodma")
    parser.add_argument("--mhz", type=float, required=True,
                        help="clock of the programmable logic")
    parser.add_argument("--warmup", type=float, default=0.5, help="seconds")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--most", type=float, default=60.0, help="seconds")
    return parser.parse_args(argv)


def load(args):
    sys.path.insert(0, os.getcwd())
    from driver import io_shape_dict
    from driver_base import FINNExampleOverlay

    return FINNExampleOverlay(
        bitfile_name=args.bitfile,
        platform=args.platform,
        io_shape_dict=io_shape_dict,
        batch_size=args.batchsize,
        fclk_mhz=args.mhz,
        runtime_weight_dir="runtime_weights/",
    )


def plain(metrics):
    """NumPy's numbers as Python's own, so that every version prints alike."""
    return {k: v.item() if hasattr(v, "item") else v for k, v in metrics.items()}


def main(argv):
    args = parse(argv)
    overlay = load(args)
    began = time.monotonic()
    overlay.throughput_test()
    while time.monotonic() - began < args.warmup:
        overlay.throughput_test()
    print("finn-loop: begin", flush=True)
    began, done = time.monotonic(), 0
    while True:
        elapsed = time.monotonic() - began
        if elapsed >= args.most:
            break
        if elapsed >= args.seconds and done >= args.count:
            break
        print(plain(overlay.throughput_test()), flush=True)
        done += 1
    print("finn-loop: end", flush=True)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
