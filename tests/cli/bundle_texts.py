#!/usr/bin/python3
"""bundle_texts.py DIR - every byte of text that a bundle holds, unpacked.

Files as they are; of archive.h5 every name, attribute, text and raw output;
of the journal also what it keeps deflated.
"""
import pathlib
import sys
import zlib

import h5py


def put(data):
    sys.stdout.buffer.write(data if isinstance(data, bytes) else data.encode())
    sys.stdout.buffer.write(b"\n")


def visit(name, item):
    put(name)
    for key, value in item.attrs.items():
        put("%s=%s" % (key, value))
    if not isinstance(item, h5py.Dataset):
        return
    if item.dtype.kind == "O":
        values = item.asstr()[()]
        for text in [values] if isinstance(values, str) else values:
            put(text)
    elif item.dtype == "uint8":
        put(item[:].tobytes())


def inflate(data):
    """Every zlib stream in 'data', wherever it begins."""
    at = data.find(b"\x78")
    while at >= 0:
        try:
            put(zlib.decompressobj().decompress(data[at:]))
        except zlib.error:
            pass
        at = data.find(b"\x78", at + 1)


for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    put(path.name)
    put(path.read_bytes())
    if path.name == "archive.h5":
        with h5py.File(path, "r") as archive:
            for key, value in archive.attrs.items():
                put("%s=%s" % (key, value))
            archive.visititems(visit)
    elif path.name == "journal":
        inflate(path.read_bytes())
