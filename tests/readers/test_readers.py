"""test_readers.py CAMPAIGN LABSWEEP - what others read is what we wrote.

Every column of every table, by h5py and pandas, by xarray's two engines, by
ncdump, h5dump and Octave where they are installed, against `labsweep export`.
"""
import io
import re
import shutil
import subprocess
import sys

import h5py
import numpy
import pandas

CAMPAIGN, LABSWEEP = sys.argv[1:3]
ARCHIVE = CAMPAIGN + "/archive.h5"
TABLES = {"cells": "cell", "attempts": "attempt_row",
          "power_runs": "power_run_row"}
checked = 0


def check(truth, sentence):
    global checked
    checked += 1
    if not truth:
        sys.exit("test_readers.py: " + sentence)


def run(*words):
    return subprocess.run(words, check=True, timeout=60,
                          stdout=subprocess.PIPE).stdout.decode()


def exported(table):
    text = run(LABSWEEP, "export", CAMPAIGN, "--table", table)
    return pandas.read_csv(io.StringIO(text), dtype=str,
                           keep_default_na=False)


def words_of(archive, column):
    """Label or flag words as strings, "" where missing."""
    codes = column[:]
    if "labels" in column.attrs:
        words = archive[column.attrs["labels"]].asstr()[:]
    else:
        words = numpy.array(column.attrs["flag_meanings"].split())
    return ["" if code < 0 else words[code] for code in codes]


def same(archive, column, text):
    """A column of the archive against its exported text."""
    if "labels" in column.attrs or "flag_meanings" in column.attrs:
        return words_of(archive, column) == list(text)
    values = column[:]
    if values.dtype.kind == "f":
        want = numpy.array([float(t) if t else numpy.nan for t in text])
        return numpy.array_equal(values, want, equal_nan=True)
    missing = numpy.iinfo(values.dtype).min
    return [("" if v == missing else str(v)) for v in values] == list(text)


def test_h5py_and_pandas():
    with h5py.File(ARCHIVE, "r") as archive:
        check(archive.attrs["format"] == "labsweep archive", "no format")
        check(list(archive.attrs["format_version"]) == [1, 0], "no version")
        for name in TABLES:
            group = archive[name]
            text = exported(name)
            check(list(group) == list(text.columns),
                  "columns of %s are not those exported" % name)
            frame = pandas.DataFrame({k: v[:] for k, v in group.items()})
            check(len(frame) == len(text), "rows of " + name)
            for key, column in group.items():
                check(column.ndim == 1 and column.dtype.kind in "if",
                      "%s/%s is not a column of numbers" % (name, key))
                check(isinstance(column.attrs["long_name"], str),
                      "%s/%s has no long_name" % (name, key))
                check(same(archive, column, text[key]),
                      "%s/%s is not what was exported" % (name, key))
        test_spans(archive)
        test_raw(archive)
        for text in archive["provenance"].values():
            check(isinstance(text.asstr()[()], str), "provenance is no text")


def test_spans(archive):
    """Offset and length lead to samples; what lies between is padding."""
    for table, what, values in (
            ("attempts", "lat_sys", "latency_sys/lat_sys_s"),
            ("attempts", "lat_comp", "latency_comp/lat_comp_s"),
            ("power_runs", "power", "power/power_w")):
        offset = archive[table][what + "_offset"][:]
        length = archive[table][what + "_length"][:]
        samples = archive[values]
        used = numpy.zeros(len(samples), bool)
        for o, n in zip(offset, length):
            if n == 0:
                continue
            check(o >= 0 and o + n <= len(samples), values + ": a span")
            check(not used[o:o + n].any(), values + ": spans overlap")
            used[o:o + n] = True
        check(used.sum() == length.sum() > 0, values + ": lengths")
        check(numpy.isnan(samples[:][~used]).all(), values + ": padding")
        check((~used).sum() <= used.sum(), values + ": too much padding")
    time = archive["power/time_ns"]
    check(time.attrs["units"] == "ns" and len(time) == len(samples),
          "power/time_ns")


def test_raw(archive):
    raw, text = archive["raw_output"], archive["raw_text/text"]
    o, n = raw["offset"][0], raw["length"][0]
    check(bytes(text[o:o + n]).startswith(b"cell 0, attempt 1"), "raw output")


def test_xarray(engine, module):
    try:
        import xarray
        __import__(module)
    except ImportError as missing:
        print("not tried: xarray with %s (%s)" % (engine, missing))
        return
    with h5py.File(ARCHIVE, "r") as archive:
        for name, scale in TABLES.items():
            with xarray.open_dataset(ARCHIVE, group=name,
                                     engine=engine) as data:
                check(dict(data.sizes) == {scale: len(archive[name][scale])},
                      "%s: dimensions of %s" % (engine, name))
                check(set(data.variables) == set(archive[name]),
                      "%s: columns of %s" % (engine, name))
                check(data["cell"].dtype == "int64", engine + ": cell")
                for key, column in archive[name].items():
                    if column.dtype.kind == "f":
                        check(numpy.array_equal(data[key].values, column[:],
                                                equal_nan=True),
                              "%s: %s/%s differs" % (engine, name, key))
        with xarray.open_dataset(ARCHIVE, group="attempts",
                                 engine=engine) as data:
            stamp = data["start_unix_ns"].values
            check(stamp.dtype == "datetime64[ns]", engine + ": stamps")
            check((stamp.view("int64") ==
                   archive["attempts/start_unix_ns"][:]).all(),
                  engine + ": stamps differ")


def numbers(text):
    """Words of a dump as floats; "_" and "NaN" are missing."""
    return [float("nan") if w in ("_", "NaN", "NaNf", "nan") else float(w)
            for w in text.replace(",", " ").split()]


def compare(tool, found):
    """Columns that a tool read ("cells/batch": values) against h5py."""
    with h5py.File(ARCHIVE, "r") as archive:
        for name in TABLES:
            for key, column in archive[name].items():
                where = "%s/%s" % (name, key)
                check(where in found, "%s does not see %s" % (tool, where))
                want = column[:].astype(float)
                if "_FillValue" in column.attrs:  # some tools hide it
                    fill = float(column.attrs["_FillValue"])
                    found[where] = [fill if v != v else v
                                    for v in found[where]]
                check(numpy.array_equal(numpy.array(found[where]), want,
                                        equal_nan=True),
                      "%s: %s differs" % (tool, where))


def test_h5dump():
    found = {}
    for name in TABLES:
        text = run("h5dump", "-y", "-w", "0", "-m", "%.17g", "-g", "/" + name,
                   ARCHIVE)
        for part in re.split(r"\n   DATASET ", text)[1:]:
            data = re.search(r"\n      DATA \{\n(.*?)\n      \}", part, re.S)
            found["%s/%s" % (name, part.split('"')[1])] = numbers(
                data.group(1))
    compare("h5dump", found)


def test_ncdump():
    found, group = {}, None
    for line in run("ncdump", "-p", "17,17", ARCHIVE).split(";\n"):
        line = line.strip()
        opened = re.match(r"(?:.*\n)*\s*group: (\w+) \{", line)
        group = opened.group(1) if opened else group
        data = re.search(r"^\s*(\w+) =\s(.*)", line, re.S | re.M)
        if group in TABLES and data and "units" not in line:
            words = re.sub(r"(?<=\d)(U|L|LL|b|s|f)\b", "", data.group(2))
            try:
                found["%s/%s" % (group, data.group(1))] = numbers(words)
            except ValueError:
                pass  # a line of the header
    compare("ncdump", found)


def test_octave(octave):
    found = {}
    script = """
        d = load("%s", "cells", "attempts", "power_runs");
        for [table, group] = d
            for [column, name] = table
                printf("%%s/%%s", group, name);
                printf(" %%.17g", double(column));
                printf("\\n");
            end
        end""" % ARCHIVE
    for line in run(octave, "--no-gui", "--norc", "--eval",
                    script).splitlines():
        name, *words = line.split()
        found[name] = numbers(" ".join(words))
    compare("octave", found)


def test_tools():
    octave = shutil.which("octave-cli") or shutil.which("octave")
    for tool, test in (("h5dump", test_h5dump), ("ncdump", test_ncdump),
                       (octave, lambda: test_octave(octave))):
        if tool and shutil.which(tool):
            test()
        else:
            print("not tried: %s" % (tool or "octave"))


test_h5py_and_pandas()
test_xarray("netcdf4", "netCDF4")
test_xarray("h5netcdf", "h5netcdf")
test_tools()
print("%d checks passed" % checked)
