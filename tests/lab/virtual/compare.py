#!/usr/bin/python3
"""compare.py - a virtual lab's archive beside the table its tools printed

    compare.py ARCHIVE PUBLISHED.csv

Every cell that is ok has a published row, says the same numbers (as far as
the tools print digits) and is marked emulated.  Prints how many; exit code 1
and a line each for what differs.  A test of plumbing: what it compares with
is what the tools were told, so it says nothing of any platform.
"""
import csv
import sys

import h5py

DIGITS = 2e-5  # six of them, and a unit converted


def column(archive, name):
    data = archive["cells"][name]
    if "flag_meanings" in data.attrs:
        meanings = data.attrs["flag_meanings"].split()
        values = list(data.attrs["flag_values"])
        return [meanings[values.index(v)] if v in values else ""
                for v in data[:]]
    if "labels" in data.attrs:
        labels = archive[data.attrs["labels"]].asstr()[:]
        return [labels[v] if v >= 0 else "" for v in data[:]]
    return list(data[:])


def published(path):
    with open(path) as file:
        for row in csv.DictReader(file):
            key = (row["platform"], row["mode"] or "default",
                   row["precision"], float(row["pruning_percent"]),
                   int(row["batch"]))
            yield key, {k: float(v) for k, v in row.items()
                        if k.split("_")[0] in ("lat", "fps", "top1", "base",
                                               "full") and v}


def near(got, want):
    return abs(got - want) <= DIGITS * abs(want)


def differences(cell, row):
    """What is not as the tool was told; a column that is missing (NaN) is
    one that this tool does not print."""
    for name, want in [
            ("lat_sys_s", row.get("lat_sys_ms", 0) / 1000),
            ("lat_comp_s", row["lat_comp_ms"] / 1000),
            ("lat_comp_mean_s", row["lat_comp_ms"] / 1000),
            ("fps_comp", row["fps_comp"]),
            ("fps_wall", row.get("fps_system", 0)),
            ("top1_pct", row["top1_percent"])]:
        got = cell[name]
        if cell["platform"] == "ZCU104-FINN" and name.startswith("lat"):
            continue  # the table rounds them; throughput has the digits
        if cell["platform"] == "TX2" and name == "fps_comp":
            continue  # the table's own does not follow from its latency
        if want and got == got and not near(got, want):
            yield "%s is %g, the tool was told %g" % (name, got, want)
    # a window holds some of what was before or after, as the load has it
    full = cell["power_full_w"]
    if not 0.99 * row["base_w"] <= full <= 1.01 * row["full_w"]:
        yield "power_full_w is %g, the sensor was told %g to %g" % (
            full, row["base_w"], row["full_w"])


def main():
    names = ["platform", "op_mode", "precision", "pruning_factor_pct", "batch",
             "status", "provenance", "lat_sys_s", "lat_comp_s",
             "lat_comp_mean_s", "fps_comp", "fps_wall", "top1_pct",
             "power_full_w"]
    rows, wrong, same, read = dict(published(sys.argv[2])), 0, 0, {}
    with h5py.File(sys.argv[1]) as archive:
        cells = zip(*(column(archive, name) for name in names))
        for values in cells:
            cell = dict(zip(names, values))
            if cell["status"] != "ok":
                continue
            key = (cell["platform"], cell["op_mode"], cell["precision"],
                   float(cell["pruning_factor_pct"]), int(cell["batch"]))
            found = (["no row of it is published"] if key not in rows
                     else list(differences(cell, rows[key])))
            if cell["provenance"] != "emulated":
                found.append("provenance is %s" % cell["provenance"])
            for words in found:
                print(*key, words)
            wrong += bool(found)
            same += not found
            for name in names[7:]:
                read[name] = read.get(name, 0) + (cell[name] == cell[name])
    print("%d cells as their tools were told, %d not" % (same, wrong))
    print(", ".join("%s in %d" % item for item in read.items()))
    return wrong > 0


sys.exit(main())
