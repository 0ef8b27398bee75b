#!/usr/bin/python3
"""table.py - the benchmark's points beside peers and limits

    table.py POINTS LIMITS [JSON]

POINTS are the lines of bench_runner; LIMITS the lines of `labrunner
roofline`, of which the best figure counts, as disturbance only slows.
"""
import json
import sys

INTEGERS = ("INT2", "INT4", "INT8")
BITS = {"INT2": 2, "INT4": 4, "INT8": 8, "FP16": 16, "FP32": 32}


def params(width):
    return 784 * width + 2 * width * width + 10 * width


def read_points(path):
    """(precision, width, batch, threads) -> {peer: seconds a pass}"""
    points = {}
    for line in open(path):
        precision, width, batch, threads, peer, mid = line.split("\t")[:6]
        key = precision, int(width), int(batch), int(threads)
        points.setdefault(key, {})[peer] = float(mid)
    return points


class Limits:
    """The best of several runs of `labrunner roofline`."""

    def __init__(self, path):
        self.read, self.peak = {}, {}
        for line in open(path):
            run = json.loads(line)
            threads = run["threads"]
            for level in run["levels"]:
                self.keep(self.read, (threads, level["bytes"]),
                          level["read_byte_s"])
            for peak in run["peaks"]:
                self.keep(self.peak, (threads, peak["precision"]),
                          peak["op_s"])

    @staticmethod
    def keep(table, key, value):
        table[key] = max(table.get(key, 0), value)

    def pass_s(self, precision, width, batch, threads):
        """Least seconds a pass, and what sets it."""
        size = params(width) * BITS[precision] / 8
        sizes = sorted(b for t, b in self.read if t == threads)
        holds = next((b for b in sizes if b >= size), sizes[-1])
        read_s = size / self.read[threads, holds]
        peak_s = 2 * params(width) * batch / self.peak[threads, precision]
        return (read_s, "read") if batch == 1 or read_s > peak_s else (
            peak_s, "peak")


def rows(points, limits):
    for (precision, width, batch, threads), peers in points.items():
        own = peers.get("labrunner")
        rivals = {k: v for k, v in peers.items() if k != "labrunner"}
        if precision in ("INT2", "INT4"):
            int8 = points.get(("INT8", width, batch, threads), {})
            rivals = {k: v for k, v in int8.items() if k != "labrunner"}
        best = min(rivals, key=rivals.get) if rivals else None
        limit_s, kind = limits.pass_s(precision, width, batch, threads)
        yield dict(precision=precision, width=width, batch=batch,
                   threads=threads, fps=batch / own,
                   peers={k: batch / v for k, v in peers.items()},
                   best_peer=best, of_peer=rivals[best] / own if best else None,
                   limit=kind, of_limit=limit_s / own)


def aim_of(row):
    """The least ratio to the best peer that is aimed at."""
    return {"FP32": 0.95, "FP16": None}.get(row["precision"], 1.0)


def aim_limit(row):
    return 0.85 if row["batch"] == 1 else 0.75


def summary(table):
    for name in BITS:
        held = [r for r in table if r["precision"] == name and r["best_peer"]]
        won = sum(r["of_peer"] >= (aim_of(r) or 0) for r in held)
        near = [r for r in table if r["precision"] == name]
        limit = sum(r["of_limit"] >= aim_limit(r) for r in near)
        text = f"{name}: "
        if held:
            text += (f"{won} of {len(held)} points at {aim_of(held[0])} of "
                     "the best peer or better; ")
        yield text + f"{limit} of {len(near)} at the aimed share of the limit"


def main():
    points, limits = read_points(sys.argv[1]), Limits(sys.argv[2])
    table = list(rows(points, limits))
    print(f"{'':5} {'W':>5} {'batch':>5} {'thr':>3} {'labrunner/s':>12} "
          f"{'best peer':>13} {'peer/s':>11} {'ratio':>6} {'limit':>5} "
          f"{'share':>6}")
    for r in table:
        peer = r["best_peer"] or "-"
        fps = f"{r['fps'] / r['of_peer']:11.0f}" if r["best_peer"] else " " * 11
        ratio = f"{r['of_peer']:6.2f}" if r["best_peer"] else " " * 6
        lost = "  lost" if r["best_peer"] and aim_of(r) and (
            r["of_peer"] < aim_of(r)) else ""
        print(f"{r['precision']:5} {r['width']:5} {r['batch']:5} "
              f"{r['threads']:3} {r['fps']:12.0f} {peer:>13} {fps} {ratio} "
              f"{r['limit']:>5} {r['of_limit']:6.2f}{lost}")
    for line in summary(table):
        print(line)
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w") as file:
            json.dump(table, file, indent=1)


if __name__ == "__main__":
    main()
