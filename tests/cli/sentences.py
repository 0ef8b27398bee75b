#!/usr/bin/python3
"""sentences.py - what a report says of the published rows, counted anew

    sentences.py REPORT CSV

Reads the rows as published, without labsweep, and fails for each sentence
that has another number than they have.
"""
import csv
import json
import re
import statistics
import sys

PARAMS = {100: 10014720, 50: 2910208, 25: 930816, 12.5: 334336}
BYTES_S = {"NCS": 12.8e9, "TX2": 59.7e9, "U96-Quadcore-A53": 4.26e9,
           "ZCU104-BISMO": 19.2e9, "ZCU104-FINN": 19.2e9}


class Row:
    def __init__(self, raw):
        self.unit = (raw["platform"] + " " + raw["mode"]).strip()
        self.precision = raw["precision"]
        self.kept = float(raw["pruning_percent"])
        self.batch = int(raw["batch"])
        self.fps = float(raw["fps_comp"])
        self.lat = float(raw["lat_comp_ms"]) / 1e3
        self.top1 = float(raw["top1_percent"])
        self.full = float(raw["full_w"])
        self.energy = self.full / self.fps
        bits = int(re.sub("[^0-9]", "", self.precision))
        self.predicted = BYTES_S[raw["platform"]] / (
            PARAMS[self.kept] * bits / 8)
        self.label = f"{self.unit} {self.precision} {self.kept:g} %"


def front(rows, key):
    """Those that no other beats in 'key' (large) and accuracy."""
    best, kept = -1, []
    for row in sorted(rows, key=lambda r: (-key(r), -r.top1)):
        if row.top1 > best:
            best = row.top1
            kept.append(row)
    return kept


def spread(groups, value):
    """The label whose 'value' varies most over batches, and by how much."""
    return max(((max(map(value, g)) / min(map(value, g)), g[0])
                for g in groups), key=lambda pair: pair[0])


def expected(rows):
    """Of each figure, words that its sentences must have."""
    groups = {}
    for row in rows:
        groups.setdefault(row.label, []).append(row)
    groups = list(groups.values())
    best = [max(g, key=lambda r: r.fps) for g in groups]
    ends = front(best, lambda r: r.fps)
    yield "pareto", f"{len(ends)} of {len(best)} groups", ends[0].label, \
        f"{ends[-1].label} with {ends[-1].top1:.2f} %"
    for unit in {r.unit for r in best}:
        watts = [r.full for r in best if r.unit == unit]
        yield "power", f"{unit} {min(watts):.3g} to {max(watts):.3g} W"
    least, most = (f(best, key=lambda r: r.energy) for f in (min, max))
    yield "energy", f"is {least.energy * 1e6:.4g} µJ by {least.label}", \
        f"most {most.energy * 1e3:.4g} mJ by {most.label}", \
        f"{most.energy / least.energy / 1e3:.3g} k times"
    saving = front(rows, lambda r: -r.energy)
    yield "energy_front", f"energy: {len(saving)};", saving[0].label
    quick = min(rows, key=lambda r: (r.lat, -r.fps))
    yield "latency_throughput", f"{quick.lat * 1e6:.4g} µs", quick.label
    yield "latency_batch", quick.label
    gain, most = max(((b.fps / min(g, key=lambda r: r.batch).fps, b)
                      for b, g in zip(best, groups)), key=lambda pair: pair[0])
    yield "throughput", f"{most.label} most, {gain:.3g} times"
    for name, value in (("throughput", lambda r: r.fps),
                        ("latency", lambda r: r.lat),
                        ("power", lambda r: r.full)):
        ratio, row = spread(groups, value)
        yield "box_" + name, f"most, {ratio:.3g} times", \
            f"{row.unit} {row.precision} at {row.kept:g} %"
    faster = sum(r.fps > r.predicted for r in best)
    yield "overlap", f"(compute): {len(best)};", f"faster: {faster}."
    yield "rooflines", f"{faster} lie above their roof"
    off = [max(r.fps / r.predicted, r.predicted / r.fps) for r in rows]
    yield "models", f"seed: off by a factor of {statistics.median(off):.4g} at"
    for unit in {r.unit for r in best}:
        shares = [100 * r.fps / r.predicted for r in best if r.unit == unit]
        yield "efficiency", \
            f"{unit}, {min(shares):.4g} to {max(shares):.4g} % of"
    yield "coverage", f"{len(rows)} of {len(rows)} cells have a result"


def main(report, published):
    with open(report) as page:
        data = re.search('id="data">(.*?)</script>', page.read(), re.S)
    texts = {figure["id"]: "\n".join(figure["text"])
             for figure in json.loads(data.group(1))["figures"]}
    with open(published) as rows:
        wanted = list(expected([Row(raw) for raw in csv.DictReader(rows)]))
    bad = [f"{figure}: no '{word}' in '{texts[figure]}'"
           for figure, *words in wanted for word in words
           if word not in texts[figure]]
    print("\n".join(bad))
    return 1 if bad or len(wanted) < 20 else 0


sys.exit(main(*sys.argv[1:]))
