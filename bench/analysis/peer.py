#!/usr/bin/env python3
"""peer.py - an archive at size, and pandas and h5py on it

    peer.py make FILE CELLS    write an archive of that many cells
    peer.py run FILE           print a line a step: name, seconds of wall and
                               of processor, a sum of the result

Steps work as a user of pandas would write them: columns in memory, text as
categories, one statement where there is one, no column that is not used.
"""
import sys
import time

import h5py
import numpy as np
import pandas as pd

AXES = ["topology", "dataset", "platform", "op_mode", "precision",
        "pruning_factor_pct", "batch", "repeat"]
TEXTS = {"topology": ["MLP", "CNV", "ResNet-50", "MobileNet"],
         "dataset": ["MNIST"], "platform": [f"board-{i}" for i in range(25)],
         "op_mode": ["default", "max"],
         "precision": ["INT2", "INT4", "INT8", "FP16", "FP32"],
         "model_digest": [""], "board": ["a"]}
PRUNING = [100.0, 50.0, 25.0, 12.5]
KEYS = AXES[:-1] + ["provenance"]
MEANS = ["fps_comp", "lat_comp_s", "fps_sys", "lat_sys_s", "top1_pct",
         "power_base_w", "power_idle_w", "power_full_w"]
CHUNK = 65536


def columns(n):
    """Cells as arrays: every combination of axes, five repeats of each."""
    row = np.arange(n)
    rng = np.random.default_rng(1)
    c, rest = {"repeat": row % 5}, row // 5
    for name, count in (("batch", None), ("pruning_factor_pct", 4),
                        ("precision", 5), ("op_mode", 2), ("platform", 25),
                        ("topology", 4)):
        count = count or max(1, -(-n // (5 * 4 * 5 * 2 * 25 * 4)))
        c[name], rest = rest % count, rest // count
    c["batch"] = c["batch"] + 1
    c["pruning_factor_pct"] = np.array(PRUNING)[c["pruning_factor_pct"]]
    bits = np.array([2, 4, 8, 16, 32])[c["precision"]]
    c["dataset"] = c["model_digest"] = c["board"] = np.zeros(n, int)
    c["params"] = 1e7 * (c["pruning_factor_pct"] / 100) ** 2
    c["ops_image"] = 2 * c["params"]
    c["weight_bits"] = c["activation_bits"] = bits
    lat = (1e-4 + c["batch"] * c["params"] * bits * 1e-13) \
        * (1 + c["platform"]) * rng.normal(1, 0.01, n)
    for scope, factor in (("comp", 1), ("sys", 1.3)):
        c[f"lat_{scope}_s"] = c[f"lat_{scope}_mean_s"] = lat * factor
        c[f"fps_{scope}"] = c["batch"] / lat / factor
    c["top1_pct"] = 95 + 3 * rng.random(n)
    c["power_base_w"], c["power_idle_w"] = np.full(n, 2.0), np.full(n, 4.0)
    c["power_full_w"] = 5 + rng.random(n)
    c["cell"], c["cell_id"] = row, rng.integers(1 << 60, size=n)
    c["status"] = np.full(n, 2)
    c["provenance"] = np.zeros(n, int)
    return c


def column_write(group, labels, name, values):
    kind = "<i4" if name in TEXTS else "i1" if name in (
        "status", "provenance") else "<f8" if values.dtype.kind == "f" else "<i8"
    data = group.create_dataset(name, data=values.astype(kind), shuffle=True,
                                chunks=(min(CHUNK, max(1, len(values))),),
                                compression="gzip", compression_opts=1)
    if name in TEXTS:
        data.attrs["labels"] = "/labels/" + name
        if name not in labels:
            labels.create_dataset(name, data=TEXTS[name],
                                  dtype=h5py.string_dtype())


def make(path, n):
    with h5py.File(path, "w", track_order=True) as f:
        f.attrs["format"] = "labsweep archive"
        f.attrs["format_version"] = np.array([1, 0], "<i4")
        f.attrs["axes"] = " ".join(AXES)
        f.attrs["title"] = "cells at size"
        f.attrs["journal_bytes"] = 0  # of the empty journal beside it
        labels = f.create_group("labels")
        cells = f.create_group("cells", track_order=True)
        for name, values in columns(n).items():
            column_write(cells, labels, name, values)
        for group, scale in (("attempts", "attempt_row"),
                             ("power_runs", "power_run_row")):
            f.create_group(group, track_order=True).create_dataset(
                scale, data=np.zeros(0, "<i8"))
        for name in ("latency_sys/lat_sys_s", "latency_comp/lat_comp_s",
                     "power/power_w"):
            f.create_dataset(name, data=np.zeros(0))
        f.create_dataset("power/time_ns", data=np.zeros(0, "<i8"))


def timed(name, step, result):
    wall, cpu = time.perf_counter(), time.process_time()
    value = step()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(name, "%.6f %.6f %.10g" % (wall, cpu, result(value)), flush=True)
    return value


def read(path):
    """Columns as a user needs them: arrays, and categories of their labels."""
    with h5py.File(path) as f:
        arrays, words = {}, {}
        for name, data in f["cells"].items():
            arrays[name] = data[:]
            labels = data.attrs.get("labels")
            if labels is not None:
                words[name] = f[labels].asstr()[:]
        return arrays, words


def frame(read):
    arrays, words = read
    df = pd.DataFrame(arrays)
    for name, labels in words.items():
        df[name] = pd.Categorical.from_codes(df[name], labels)
    return df


def fold(df):
    """Points: means over repeats, the spread of throughput and latency."""
    groups = df.groupby(KEYS, observed=True, sort=False)
    points = groups[MEANS].mean()
    spread = groups[["fps_comp", "lat_comp_s", "fps_sys", "lat_sys_s"]].std()
    first = groups[["ops_image", "params", "weight_bits"]].first()
    return points.join(spread, rsuffix="_sd").join(first).reset_index()


def best(points):
    keys = [k for k in KEYS if k != "batch"]
    return points.sort_values("fps_comp").drop_duplicates(keys, keep="last")


def pareto(points):
    def front(group):
        group = group.sort_values(["fps_comp", "top1_pct"], ascending=False)
        above = group["top1_pct"].cummax().shift(fill_value=-1.0)
        return group[group["top1_pct"] > above]
    return best(points).groupby(["topology", "dataset"], observed=True,
                                group_keys=False).apply(front)


def efficiency(points):
    top = best(points)
    predicted = np.minimum(
        1e12, 2e10 * top["ops_image"] / (top["params"] * top["weight_bits"] / 8)
    ) / top["ops_image"]
    return 100 * top["fps_comp"] / predicted


def boxes(points):
    keys = [k for k in KEYS if k != "batch"]
    metrics = ["fps_comp", "lat_comp_s", "fps_sys", "lat_sys_s", "power_full_w"]
    groups = points.groupby(keys, observed=True, sort=False)[metrics]
    return groups.quantile([0.25, 0.5, 0.75]), groups.agg(["min", "max"])


def medians(both):
    compute = ["fps_comp", "lat_comp_s", "power_full_w"]
    return both[0].xs(0.5, level=-1)[compute].to_numpy().sum()


def overview(df):
    keys = ["platform", "op_mode", "topology"]
    ok = df.loc[df["status"] == 2,
                keys + ["precision", "pruning_factor_pct", "batch"]]
    groups = ok.groupby(keys, observed=True)
    return groups.size(), [groups[c].unique() for c in ok.columns[3:]]


def run(path):
    df = frame(timed("read", lambda: read(path), lambda r: len(r[0]["cell"])))
    points = timed("points", lambda: fold(df), lambda p: p["fps_comp"].sum())
    timed("pareto", lambda: pareto(points), lambda p: p["fps_comp"].sum())
    timed("efficiency", lambda: efficiency(points), lambda e: e.sum())
    timed("boxes", lambda: boxes(points), medians)
    timed("overview", lambda: overview(df), lambda o: o[0].sum())


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]))
    else:
        run(sys.argv[2])
