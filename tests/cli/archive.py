#!/usr/bin/python3
"""archive.py - what a test asks of an archive, read as any user would

    archive.py cells FILE       a line a cell: number, status, reason
    archive.py attempts FILE    a line an attempt: cell, attempt, status
    archive.py strings FILE     every text in it, attributes too
    archive.py column FILE TABLE NAME   a line a row of a column of words
    archive.py numbers FILE TABLE NAME  the same of a column of numbers
"""
import sys

import h5py


def words(archive, table, name):
    """A column as text: flags by their meanings, labels by their table."""
    column = archive[table][name]
    if "flag_meanings" in column.attrs:
        meanings = column.attrs["flag_meanings"].split()
        values = list(column.attrs["flag_values"])
        return [meanings[values.index(v)] for v in column[:]]
    labels = archive[column.attrs["labels"]].asstr()[:]
    return [labels[v] if v >= 0 else "" for v in column[:]]


def say_texts(name, item):
    for value in item.attrs.values():
        if isinstance(value, str):
            print(value)
    if isinstance(item, h5py.Dataset) and h5py.check_string_dtype(item.dtype):
        values = item.asstr(errors="replace")[()]
        for value in [values] if item.shape == () else values:
            print(value)
    elif isinstance(item, h5py.Dataset) and item.dtype == "uint8":
        print(item[()].tobytes().decode(errors="replace"))


def main():
    what, path, *more = sys.argv[1:]
    with h5py.File(path) as archive:
        if what == "strings":
            say_texts("/", archive)
            archive.visititems(say_texts)
            return
        if what == "column":
            rows = zip(words(archive, *more))
        elif what == "numbers":
            rows = zip(archive[more[0]][more[1]][:])
        elif what == "cells":
            rows = zip(archive["cells/cell"][:],
                       words(archive, "cells", "status"),
                       words(archive, "cells", "reason"))
        else:
            rows = zip(archive["attempts/cell"][:],
                       archive["attempts/attempt"][:],
                       words(archive, "attempts", "status"))
        for row in rows:
            print(*row)


main()
